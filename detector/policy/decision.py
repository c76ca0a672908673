"""The answer to one call."""

from typing import Literal

import msgspec

from ..errors import FacewardenError
from .rule import STRICTNESS, Effect

_OPENS = STRICTNESS["conditions"]

Outcome = Literal["true", "false", "unknown"]


class RuleOutcome(msgspec.Struct, frozen=True):
    """What became of one rule. `effect` is what it adds to the decision: `allow` where it does not apply."""

    id: str
    outcome: Outcome
    effect: Effect


class Obligation(msgspec.Struct, frozen=True):
    """What a rule demands to be done, in words."""

    rule: str
    text: str


class PackIdentity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which text a decision rests on; `off` are the rules of it that the site has switched off."""

    name: str
    version: str
    sha256: str
    off: tuple[str, ...] = ()


class Decision(msgspec.Struct, frozen=True):
    """The answer to one call, whole enough to be checked by someone else.

    Attributes:
        effect: the strictest of all rules.
        rules: every rule's outcome, by id.
        deciding: the rules that give the effect; empty for `allow`.
        unknown: the facts that would settle a hold.
        packs: what was applied.
        explanation: plain sentences, on one line.
        obligations: what must be done, by every rule that allows on conditions.
        notes: what of the facts was not taken as it stood, for it contradicts another or looks like a slip, and the
            places that none of the rules names.
    """

    effect: Effect
    rules: tuple[RuleOutcome, ...]
    deciding: tuple[str, ...]
    unknown: tuple[str, ...]
    packs: tuple[PackIdentity, ...]
    explanation: str
    obligations: tuple[Obligation, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def opens(self) -> bool:
        """Whether the call may run."""
        return STRICTNESS[self.effect] <= _OPENS

    @property
    def line(self) -> tuple[str, str]:
        """The effect, and why, for a reader."""
        return self.effect, self.explanation

    @property
    def strictness(self) -> int:
        """The rank of the effect, from 0 for `allow`."""
        return STRICTNESS[self.effect]


class ProhibitedInference(FacewardenError):
    """The policy closed the gate on a call.

    Attributes:
        decision: the whole decision, with its rules and the facts it lacks.
        whose: whose picture the call was taken to be on, and why, or why nobody's; empty where that is not said.
    """

    kind = "prohibited"

    def __init__(self, decision: Decision, whose: str = "") -> None:
        text = f"this inference call is closed by policy: {decision.explanation}"
        super().__init__(f"{text} {whose}".rstrip())
        self.decision, self.whose = decision, whose

    def __reduce__(self) -> tuple[type["ProhibitedInference"], tuple[Decision, str]]:
        """As it goes from a worker process to who has asked it: as it was made."""
        return type(self), (self.decision, self.whose)


def held(reason: str) -> Decision:
    """A hold that no rule asks for: something that has to work for a decision does not."""
    return Decision(effect="hold", rules=(), deciding=(), unknown=(), packs=(), explanation=f"Held: {reason}.")
