"""Evidence added up to a verdict.

A sequential test on log-odds (A. Wald, Sequential Analysis, 1947), with what a mount makes different: evidence of
mobility stays, for a parked dash camera is a mobile one; stillness adds up, slowly once it is clear; motion that is
not confirmed fades.
"""

import math
from importlib.resources import files
from typing import Final, Literal, TypeAlias

import msgspec

from ... import models
from .evidence import Evidence

Verdict: TypeAlias = Literal["mobile", "fixed", "unknown"]

# Log-odds for a verdict. Calling a mobile camera fixed is the costly mistake.
_FIXED, _MOBILE = -2.6, 2.2
# The log-odds' bounds; beyond _CLEAR stillness counts for a quarter: a lorry before the lens must not undo it at once,
# a dash camera at a green light must.
_BOUNDS: Final = (-8.0, 6.0)
_CLEAR, _SLOWLY = -6.0, 0.25
# A tick later this much of the evidence of motion is left while it is no verdict: pans must not add up over minutes.
_FADE: Final = 0.97
# And this much of the doubt that an even pan has cast on motion.
_DOUBT: Final = 0.88
# Log-odds beyond which a verdict is settled.
_SETTLED: Final = 5.0


class Rates(msgspec.Struct, frozen=True):
    """Log-odds that a tick of full evidence adds, by kind; `certainty` turns log-odds into a calibrated confidence."""

    still: float
    wall: float
    returns: float
    moves: float
    sensors: float
    certainty: float


def shipped_rates() -> Rates:
    """The rates in `models/mobility.json`, which `facewarden.models.training.rates` makes."""
    return msgspec.json.decode(files(models).joinpath("mobility.json").read_bytes(), type=Rates)


class Tally:
    """The log-odds of a source being mobile, and the verdict they have come to.

    Attributes:
        log_odds: above 0 mobile, below fixed.
        value: the verdict. decided_at: the time it was reached, seconds; None while unknown.
    """

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self.log_odds = 0.0
        self.value: Verdict = "unknown"
        self.decided_at: float | None = None
        self._pan = 0.0

    def forget(self) -> None:
        """Begin again with nothing."""
        self.log_odds = self._pan = 0.0
        self.value, self.decided_at = "unknown", None

    @property
    def confidence(self) -> float:
        """The share of such verdicts that are right; without one, how far the evidence has come towards it, 0..1."""
        if self.value == "unknown":
            return max(self.log_odds / _MOBILE, self.log_odds / _FIXED)
        sure = max(self.log_odds, _MOBILE) if self.value == "mobile" else -self.log_odds
        return 1 / (1 + math.exp(-self.rates.certainty * sure))

    @property
    def settled(self) -> bool:
        """Whether it would take much to change the verdict."""
        return (self.log_odds if self.value == "mobile" else -self.log_odds) > _SETTLED

    def weigh(self, evidence: Evidence, time: float) -> None:
        """Add a tick's evidence, up to media time `time`, seconds."""
        rates = self.rates
        self._pan = max(_DOUBT * self._pan, evidence.pan)
        fixed = rates.still * evidence.still + rates.wall * evidence.wall + rates.returns * evidence.returns
        self.add(rates.moves * evidence.moves * (1 - self._pan) - fixed, time)

    def add(self, log_odds: float, time: float) -> None:
        """Add log-odds, and decide. Mobile stays mobile; fixed is given up when motion outweighs it."""
        slow = log_odds < 0 and self.log_odds + log_odds < _CLEAR
        total = self.log_odds + log_odds * (_SLOWLY if slow else 1.0)
        if total > 0 and self.value != "mobile":
            total *= _FADE
        self.log_odds = min(max(total, _BOUNDS[0]), _BOUNDS[1])
        if self.value != "mobile":
            self._decide(time)

    def _decide(self, time: float) -> None:
        if self.value == "fixed" and self.log_odds > 0:
            self.value, self.decided_at = "unknown", None
        reached = "mobile" if self.log_odds > _MOBILE else "fixed" if self.log_odds < _FIXED else self.value
        if reached != self.value:
            self.value, self.decided_at = reached, time
