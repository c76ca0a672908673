"""A decision, explained: facts against rules, and what the deciding ones rest on."""

from collections.abc import Sequence

import msgspec

from ..facts import Facts
from .condition import Within, leaves
from .decision import Decision, Outcome
from .engine import decide, taken
from .pack import Pack
from .prose import words
from .rule import Effect, Rule


class Row(msgspec.Struct, frozen=True):
    """One rule against the facts.

    Attributes:
        met: the facts it rests on, where it holds or could.
        lacking: the facts that keep it unknown.
        ruled_out: the facts that each rule it out alone; a rule can also be ruled out by several together.
    """

    pack: str
    rule: str
    outcome: Outcome
    effect: Effect
    met: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    ruled_out: tuple[str, ...] = ()


class Explanation(msgspec.Struct, frozen=True):
    """A decision as prose, and as a table of facts against rules, those that count first."""

    decision: Decision
    prose: tuple[str, ...]
    table: tuple[Row, ...]


def explain(facts: Facts, packs: Sequence[Pack]) -> Explanation:
    """Decide, and say how the decision comes about; `facts` are checked ones."""
    decision, facts = decide(facts, packs), taken(facts, packs)
    rows = [_row(facts, pack, rule) for pack in packs for rule in pack.rules]
    order = {"true": 0, "unknown": 1, "false": 2}
    table = tuple(sorted(rows, key=lambda row: (order[row.outcome], row.pack, row.rule)))
    return Explanation(decision, tuple(_prose(decision, packs)), table)


def _row(facts: Facts, pack: Pack, rule: Rule) -> Row:
    position, truth = rule.reached(facts)
    if truth is False:
        out = tuple(fact for fact in sorted(facts) if rule.reached({fact: facts[fact]})[1] is False)
        return Row(pack.name, rule.id, "false", "allow", ruled_out=out)
    level = rule.levels[position]
    asked = {"date" if isinstance(leaf, Within) else leaf.fact for leaf in leaves(level.condition)}
    met, lacking = tuple(sorted(asked & facts.keys())), tuple(sorted(level.condition.unsettled(facts)))
    outcome = next(one for one in decide(facts, (pack,)).rules if one.id == rule.id)
    return Row(pack.name, rule.id, outcome.outcome, outcome.effect, met, lacking)


def _prose(decision: Decision, packs: Sequence[Pack]) -> list[str]:
    lines = [decision.explanation]
    for rule in (rule for pack in packs for rule in pack.rules if rule.id in decision.deciding):
        sure = words().certainty[rule.certainty]
        lines.append(f"{rule.id} rests on: {rule.citation.text} ({rule.citation.url}), {sure}.")
    lines += [f"{one.rule} asks: {one.text}" for one in decision.obligations]
    if decision.effect == "hold" and decision.unknown:
        lines.append(f"To settle it, declare: {', '.join(decision.unknown)}.")
    return lines
