"""The one function that decides: no clock, no files, no randomness."""

from collections.abc import Iterable
from functools import lru_cache, reduce
from typing import NamedTuple

import msgspec

from ..errors import PackError
from ..facts import Facts, Value
from .bits import Known, Literals, Node
from .decision import Decision, Obligation, PackIdentity, RuleOutcome
from .pack import NO_PACKS, Pack
from .rule import STRICTNESS, Effect, Rule
from .settling import Settling

# Decisions that are kept, and sets of packs: a site has a few kinds of call on a few cameras.
_REMEMBERED, _COMPILED = 4096, 32
_ALLOW, _CONDITIONS, _HOLD = STRICTNESS["allow"], STRICTNESS["conditions"], STRICTNESS["hold"]


def decide(facts: Facts, packs: Iterable[Pack]) -> Decision:
    """Judge one call.

    Args:
        facts: checked facts (see `check_facts`); an absent one is unknown, and so are those that contradict each other.
        packs: what to apply. Their order, and that of their rules, does not matter. A tuple is made ready only once.

    Returns:
        the decision; the same for the same input, byte for byte.

    Raises:
        PackError: there are no packs: without rules every call would be allowed.
    """
    return _compiled(packs if isinstance(packs, tuple) else tuple(packs))(facts)


def identities(packs: Iterable[Pack]) -> tuple[PackIdentity, ...]:
    """Which texts the packs are."""
    return tuple(PackIdentity(pack.name, pack.version, pack.sha256, pack.off) for pack in packs)


def taken(facts: Facts, packs: Iterable[Pack]) -> Facts:
    """The facts that `decide` rests on: those given, less what contradicts itself, places spelt as in the packs."""
    return _compiled(packs if isinstance(packs, tuple) else tuple(packs)).take(facts).facts


class Policy:
    """Packs, made ready to decide fast. Calls may come from any thread."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        packs = sorted(packs, key=lambda pack: (pack.name, pack.version, pack.sha256))
        if not packs:
            raise PackError(NO_PACKS)
        self._rules = sorted((rule for pack in packs for rule in pack.rules), key=lambda rule: rule.id)
        self._packs = identities(packs)
        self._silence = " ".join(pack.silence for pack in packs if pack.silence)
        self._literals = Literals()
        self._judges = [_Judge(position, rule, self._literals) for position, rule in enumerate(self._rules)]
        self.take = Settling(self._rules).take
        self._ruled_out = [RuleOutcome(rule.id, "false", "allow") for rule in self._rules]
        self._remembered = lru_cache(_REMEMBERED)(self._judge_apart)
        self._left = lru_cache(_REMEMBERED)(self._judges_but)
        self._explained = lru_cache(_REMEMBERED)(self._explain)

    def __call__(self, facts: Facts) -> Decision:
        """See `decide`; facts that were judged before cost a look-up."""
        return self._remembered(tuple(facts), tuple(facts.values()))

    def judge(self, facts: Iterable[tuple[str, Value]]) -> Decision:
        """The same, from pairs of name and value that nothing is to be settled of, without remembering."""
        known = self._literals.known(facts)
        live = [verdict for judge in self._left(known.out) if (verdict := judge.judge(known))]
        outcomes = self._ruled_out.copy()
        for verdict in live:
            outcomes[verdict.position] = verdict.outcome
        return self._conclude(known, tuple(outcomes), live)

    def _judge_apart(self, names: tuple[str, ...], values: tuple[Value, ...]) -> Decision:
        facts, notes = self.take(dict(zip(names, values, strict=True)))
        decision = self.judge(facts.items())
        if not notes:
            return decision
        explanation = " ".join((decision.explanation, *notes))
        return msgspec.structs.replace(decision, explanation=explanation, notes=notes)

    def _judges_but(self, out: int) -> "tuple[_Judge, ...]":
        """The rules that are worth a look: most ask for another service, or for another place."""
        return tuple(judge for position, judge in enumerate(self._judges) if not out >> position & 1)

    def _conclude(self, known: Known, outcomes: tuple[RuleOutcome, ...], live: "list[_Verdict]") -> Decision:
        rank = max([verdict.rank for verdict in live], default=_ALLOW)
        deciding = [verdict for verdict in live if verdict.rank == rank != _ALLOW]
        effect: Effect = deciding[0].outcome.effect if deciding else "allow"
        unknown = self._lacking(known, deciding) if rank == _HOLD else ()
        return Decision(
            effect,
            outcomes,
            tuple([verdict.outcome.id for verdict in deciding]),
            unknown,
            self._packs,
            self._explained(
                effect,
                tuple([verdict.position for verdict in deciding if verdict.outcome.outcome == "true"]),
                tuple([verdict.position for verdict in deciding if verdict.outcome.outcome == "unknown"]),
                unknown,
            ),
            tuple([one for verdict in live if verdict.rank == _CONDITIONS for one in verdict.obligations]),
        )

    def _lacking(self, known: Known, deciding: "list[_Verdict]") -> tuple[str, ...]:
        """The facts that keep the rules unknown; a hold that is itself the rule's effect lacks none."""
        bits = 0
        for verdict in deciding:
            if verdict.outcome.outcome == "unknown":
                bits |= verdict.node.unsettled(known)
        return tuple(sorted(self._literals.facts(bits)))

    def _explain(
        self, effect: Effect, holding: tuple[int, ...], unsure: tuple[int, ...], unknown: tuple[str, ...]
    ) -> str:
        match effect:
            case "allow":
                texts = ["No rule of these packs closes this call."]
            case "conditions":
                texts = [f"Allowed on conditions by {self._named(sorted((*holding, *unsure)))}."]
            case "hold":
                texts = [f"Held by {self._named(holding)}: a person has to settle this."] if holding else []
                texts += (
                    [f"Held: {', '.join(unknown)} not known, on which depends {self._named(unsure)}."] if unsure else []
                )
            case _:
                texts = [f"{effect.replace('_', ' ').capitalize()} by {self._named(holding)}."]
        off = ", ".join(rule for pack in self._packs for rule in pack.off)
        silence = self._silence if STRICTNESS[effect] < _HOLD else ""
        return " ".join(filter(None, [*texts, silence, off and f"Switched off here: {off}."]))

    def _named(self, positions: Iterable[int]) -> str:
        return "; ".join(f"{self._rules[position].id} ({self._rules[position].title})" for position in positions)


class _Verdict(NamedTuple):
    """What a rule can come to at one level, made once; `rank` is the strictness of its outcome's effect."""

    outcome: RuleOutcome
    rank: int
    position: int
    node: Node
    obligations: tuple[Obligation, ...]


class _Judge:
    """A rule over bits, with the verdicts that it can come to."""

    def __init__(self, position: int, rule: Rule, literals: Literals) -> None:
        self._levels: list[tuple[Node, _Verdict, _Verdict]] = []
        for level in rule.levels:
            node = literals.node(level.condition)
            unsure: Effect = "hold" if STRICTNESS[level.effect] >= _HOLD else level.effect
            outcomes = (RuleOutcome(rule.id, "true", level.effect), RuleOutcome(rule.id, "unknown", unsure))
            duties = tuple(Obligation(rule.id, text) for text in level.obligations)
            true, unknown = (_Verdict(one, STRICTNESS[one.effect], position, node, duties) for one in outcomes)
            self._levels.append((node, true, unknown))
        literals.require(reduce(int.__and__, (node.literals if node.every else 0 for node, *_ in self._levels)))

    def judge(self, known: Known) -> _Verdict | None:
        """The strictest level that the facts do not rule out; None where there is none."""
        for node, true, unknown in self._levels:
            truth = node.truth(known)
            if truth is not False:
                return true if truth else unknown
        return None


@lru_cache(_COMPILED)
def _compiled(packs: tuple[Pack, ...]) -> Policy:
    return Policy(packs)
