"""What a closed gate does: refuse the call, or only say so."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from .errors import SiteError
from .policy import Decision, RuleOutcome
from .policy.decision import STRICTNESS


class Enforcement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a site enforces decisions; whatever it says, each call is recorded with its decision.

    Attributes:
        mode: `enforce` refuses a call where the gate is closed, `observe` lets every call through.
        observe: ids of rules that refuse nothing.
        fail_open: ids of rules that refuse nothing while a fact that they ask for is not known.
        lost_tap: `hold` every recogniser's call while a tap is lost, or only `report` it.
        uncovered: what becomes of what no tap can see: `report` it, or `hold` every recogniser's call in a process that
            has a runtime which none covers, and start no Python that cannot be watched.
    """

    mode: Literal["enforce", "observe"] = "enforce"
    observe: tuple[str, ...] = ()
    fail_open: tuple[str, ...] = ()
    lost_tap: Literal["hold", "report"] = "hold"
    uncovered: Literal["hold", "report"] = "report"

    def check(self, rules: Iterable[str]) -> None:
        """Raise `SiteError` where a rule is named that is none of `rules`."""
        unknown = sorted({*self.observe, *self.fail_open}.difference(rules))
        if unknown:
            raise SiteError("\n".join(f"enforcement: no rule '{one}' in the packs of this site" for one in unknown))

    def refuses(self, decision: Decision) -> bool:
        """Whether a call so decided is kept from running."""
        if decision.opens or self.mode == "observe":
            return False
        closing = [rule for rule in decision.rules if STRICTNESS[rule.effect] >= STRICTNESS["hold"]]
        return not closing or not all(map(self._excuses, closing))

    def _excuses(self, rule: RuleOutcome) -> bool:
        return rule.id in self.observe or (rule.outcome == "unknown" and rule.id in self.fail_open)
