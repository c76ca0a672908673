"""The one function that decides: no clock, no files, no randomness."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from ..errors import FacewardenError
from ..facts import Facts
from .condition import Truth
from .pack import Effect, Pack, Rule

# From lax to strict; the gate opens for the first two.
STRICTNESS: dict[Effect, int] = {"allow": 0, "conditions": 1, "hold": 2, "needs_authorisation": 3, "prohibited": 4}
_OUTCOMES: dict[Truth, Literal["true", "false", "unknown"]] = {True: "true", False: "false", None: "unknown"}


class RuleOutcome(msgspec.Struct, frozen=True):
    """What became of one rule. `effect` is what it adds to the decision: `allow` where it does not apply."""

    id: str
    outcome: Literal["true", "false", "unknown"]
    effect: Effect


class PackIdentity(msgspec.Struct, frozen=True):
    """Which text a decision rests on."""

    name: str
    version: str
    sha256: str


class Decision(msgspec.Struct, frozen=True):
    """The answer to one call, whole enough to be checked by someone else.

    Attributes:
        effect: the strictest of all rules.
        rules: every rule's outcome, by id.
        deciding: the rules that give the effect; empty for `allow`.
        unknown: the facts that would settle a hold.
        packs: what was applied.
        explanation: one plain sentence.
    """

    effect: Effect
    rules: tuple[RuleOutcome, ...]
    deciding: tuple[str, ...]
    unknown: tuple[str, ...]
    packs: tuple[PackIdentity, ...]
    explanation: str

    @property
    def opens(self) -> bool:
        """Whether the call may run."""
        return self.strictness <= STRICTNESS["conditions"]

    @property
    def strictness(self) -> int:
        """The rank of the effect, from 0 for `allow`."""
        return STRICTNESS[self.effect]


class ProhibitedInference(FacewardenError):
    """The policy closed the gate on a call.

    Attributes:
        decision: the whole decision, with its rules and the facts it lacks.
    """

    kind = "prohibited"

    def __init__(self, decision: Decision) -> None:
        super().__init__(f"this inference call is closed by policy, {decision.effect}: {decision.explanation}")
        self.decision = decision


def decide(facts: Facts, packs: Iterable[Pack]) -> Decision:
    """Judge one call.

    Args:
        facts: checked facts (see `check_facts`); an absent one is unknown.
        packs: what to apply. Their order, and that of their rules, does not matter.

    Returns:
        the decision; the same for the same input, byte for byte.
    """
    packs = sorted(packs, key=lambda pack: (pack.name, pack.version, pack.sha256))
    rules = sorted((rule for pack in packs for rule in pack.rules), key=lambda rule: rule.id)
    outcomes = tuple(_outcome(rule, rule.condition.truth(facts)) for rule in rules)
    effects: list[Effect] = ["allow", *(outcome.effect for outcome in outcomes)]
    effect = max(effects, key=STRICTNESS.__getitem__)
    deciding = [rule for rule, outcome in zip(rules, outcomes, strict=True) if effect == outcome.effect != "allow"]
    unknown = {fact for rule in deciding for fact in rule.condition.unsettled(facts)}
    return Decision(
        effect=effect,
        rules=outcomes,
        deciding=tuple(rule.id for rule in deciding),
        unknown=tuple(sorted(unknown)),
        packs=tuple(PackIdentity(pack.name, pack.version, pack.sha256) for pack in packs),
        explanation=_explain(effect, deciding, sorted(unknown)),
    )


def held(reason: str) -> Decision:
    """A hold that no rule asks for: something that has to work for a decision does not."""
    return Decision(effect="hold", rules=(), deciding=(), unknown=(), packs=(), explanation=f"Held: {reason}.")


def _outcome(rule: Rule, truth: Truth) -> RuleOutcome:
    closes = STRICTNESS[rule.effect] >= STRICTNESS["hold"]
    effect: Effect = "allow" if truth is False else "hold" if truth is None and closes else rule.effect
    return RuleOutcome(rule.id, _OUTCOMES[truth], effect)


def _explain(effect: Effect, deciding: list[Rule], unknown: list[str]) -> str:
    rules = "; ".join(f"{rule.id} ({rule.title})" for rule in deciding)
    if not deciding:
        return "No rule of these packs closes this call."
    if effect == "hold" and unknown:
        return f"Held: {', '.join(unknown)} not known, which {rules} depends on."
    open_facts = f"; {', '.join(unknown)} not known" if unknown else ""
    return f"{effect.replace('_', ' ').capitalize()} by {rules}{open_facts}."
