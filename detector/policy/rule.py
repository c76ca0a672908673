"""A rule: one provision, from the words of its file to levels that can be evaluated."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

import msgspec

from ..errors import FactError
from ..facts import Facts
from .condition import All, Condition, Not, Term, Truth, Within, parse_condition

Effect = Literal["allow", "conditions", "hold", "needs_authorisation", "prohibited"]
Certainty = Literal["P", "P-part", "S", "N", "I"]
# From lax to strict; the gate opens for the first two.
STRICTNESS: dict[Effect, int] = {"allow": 0, "conditions": 1, "hold": 2, "needs_authorisation": 3, "prohibited": 4}
Table = dict[str, object]


class Citation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a rule's words come from."""

    text: str
    url: str


class Otherwise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a rule demands where its exceptions hold; may have exceptions of its own, and so on."""

    effect: Effect
    unless: Table = {}
    obligations: tuple[str, ...] = ()
    otherwise: "Otherwise | None" = None


class Level(NamedTuple):
    """One effect of a rule, and when it is reached."""

    effect: Effect
    condition: Condition
    obligations: tuple[str, ...]


class Advice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provision that no fact decides: shown, not decided."""

    id: str
    title: str
    text: str
    citation: Citation
    certainty: Certainty


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """One provision.

    Attributes:
        when: its condition (see `parse_condition`).
        effect: what it demands where the condition holds.
        start, end: first and last day, both included; outside them the condition is false.
        certainty: P primary text, P-part a part of it, S secondary source, N to be verified, I our interpretation.
        interpretation: what we read into the words, for a person to check.
        unless: its exceptions, a condition; empty where there is none. An exception that is not known to hold does
            not open the gate.
        obligations: what must be done, where the effect is `conditions`.
        otherwise: what it still demands where an exception holds; nothing by default. Laxer than `effect`.
    """

    id: str
    title: str
    effect: Effect
    when: Table
    citation: Citation
    certainty: Certainty
    start: date | None = msgspec.field(name="from", default=None)
    end: date | None = msgspec.field(name="until", default=None)
    interpretation: tuple[str, ...] = ()
    unless: Table = {}
    obligations: tuple[str, ...] = ()
    otherwise: Otherwise | None = None

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """What it demands, from strict to lax; no two of them hold at once."""
        return self._levels({})

    def use(self, terms: Mapping[str, Term]) -> None:
        """Read its conditions, by the terms of its pack.

        Raises:
            FactError: something that the types cannot tell is wrong; names the key.
        """
        vars(self)["levels"] = self._levels(terms)

    def reached(self, facts: Facts) -> tuple[int, Truth]:
        """The strictest level that the facts do not rule out, by its position, and whether it holds.

        False where all are ruled out, None where the facts do not say.
        """
        for position, level in enumerate(self.levels):
            truth = level.condition.truth(facts)
            if truth is not False:
                return position, truth
        return 0, False

    def _levels(self, terms: Mapping[str, Term]) -> tuple[Level, ...]:
        if not self.when:
            raise FactError("when: expected at least one fact; a rule for every call is an error")
        if self.start and self.end and self.end < self.start:
            raise FactError(f"until: {self.end} lies before from, {self.start}")
        start, end = self.start and self.start.isoformat(), self.end and self.end.isoformat()
        reached = (_parse("when", self.when, terms), Within(start, end))
        levels: list[Level] = []
        step: Rule | Otherwise | None = self
        while step:
            if levels and STRICTNESS[step.effect] >= STRICTNESS[levels[-1].effect]:
                raise FactError(f"otherwise: '{step.effect}' must be laxer than '{levels[-1].effect}'")
            if step.otherwise and not step.unless:
                raise FactError("otherwise: never reached, for there is no 'unless' before it")
            exception = _parse("unless", step.unless, terms) if step.unless else None
            levels.append(Level(step.effect, All((*reached, *_but(exception))), step.obligations))
            reached, step = (*reached, *filter(None, [exception])), step.otherwise
        return tuple(levels)


def _but(exception: Condition | None) -> tuple[Condition, ...]:
    return (Not(exception),) if exception else ()


def _parse(key: str, table: Table, terms: Mapping[str, Term]) -> Condition:
    try:
        return parse_condition(table, terms)
    except FactError as error:
        raise FactError(f"{key}: {error}") from None
