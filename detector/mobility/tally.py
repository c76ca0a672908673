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

# The log-odds' bounds; beyond _CLEAR stillness counts for a quarter: a lorry before the lens must not undo it at once,
# a dash camera at a green light must.
_BOUNDS: Final = (-8.0, 6.0)
_CLEAR, _SLOWLY = -6.0, 0.25
# A tick later this much of the evidence of motion is left while it is no verdict: pans must not add up over minutes.
_FADE: Final = 0.97
# And this much of the doubt that an even pan has cast on motion.
_DOUBT: Final = 0.88
# Ticks after a verdict fixed was given up in which the camera counts as one that stood until just now.
_JUST_NOW: Final = 6
# Ticks of a scene after which it begins to take less for a verdict, and after which it takes least.
_EARLY, _LATE = 6, 14
# Ticks of a scene after which the sum of motion counts no more against an opinion that the camera stands: people who
# pass add up, and the opinion has seen as much by then.
_HEARD_OUT: Final = 8
# Ticks from one at which the camera zoomed, that one too, in which it is not called mobile: what the trees take for
# travel they remember for longer, but then they have seen it stand as well.
_ZOOMED: Final = 7
# Log-odds beyond which a verdict is settled.
_SETTLED: Final = 2.0


class Limits(msgspec.Struct, frozen=True):
    """What it takes to decide: chosen by `facewarden.models.training.mobility.train thresholds`.

    Attributes:
        motion, stillness: how much of the evidence's sum counts beside the opinion that was learned, above 0 and below.
        stood: how much stillness counts at most, below 0: a frame or captions stand for ever.
        fixed, mobile: log-odds for a verdict. Calling a mobile camera fixed is the costly mistake.
        first: how much more the first tick of a scene takes.
        doubted, given_up: doubt above which a camera is not called fixed, and above which it is so no longer.
        late_fixed, late_mobile, late_doubted: how much less it takes, and how much more may be doubted, once a scene
            has been seen for seven seconds: waiting brings little more.
        left: how much less it takes to call a camera mobile that stood until just now: one that drives off.
        shown: evidence of standing that some tick of the scene has to have shown before a camera is called fixed: what
            drifts slowly looks like one that stands, but for that nothing ever does.
    """

    motion: float
    stillness: float
    stood: float
    fixed: float
    mobile: float
    first: float
    doubted: float
    given_up: float
    late_fixed: float = 0.0
    late_mobile: float = 0.0
    late_doubted: float = 0.0
    left: float = 0.0
    shown: float = 0.0


class Rates(msgspec.Struct, frozen=True):
    """Log-odds that a tick of full evidence adds, by kind; `certainty` turns log-odds into a calibrated confidence."""

    still: float
    wall: float
    returns: float
    moves: float
    sensors: float
    certainty: float
    limits: Limits


def shipped_rates() -> Rates:
    """The rates in `models/mobility.json`, see models/mobility.md."""
    return msgspec.json.decode(files(models).joinpath("mobility.json").read_bytes(), type=Rates)


class Tally:
    """The log-odds of a source being mobile, and the verdict they have come to.

    Attributes:
        value: the verdict. decided_at: the time it was reached, seconds; None while unknown.
    """

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self.value: Verdict = "unknown"
        self.decided_at: float | None = None
        self._sum = self._pan = self._opinion = self._sensed = self._shown = 0.0
        self._doubt = -math.inf
        self._ticks = self._stood = self._zoomed = 0

    def forget(self) -> None:
        """Begin again with nothing."""
        self._sum = self._pan = self._opinion = self._sensed = self._shown = 0.0
        self._doubt = -math.inf
        self._ticks = self._stood = self._zoomed = 0
        self.value, self.decided_at = "unknown", None

    @property
    def log_odds(self) -> float:
        """Above 0 mobile, below fixed: the learned opinion, a share of the evidence's sum, and the sensors'."""
        return self._opinion + self._share * max(self._sum, self.rates.limits.stood) + self._sensed

    @property
    def _share(self) -> float:
        """How much of the evidence's sum counts."""
        if self._sum <= 0:
            return self.rates.limits.stillness
        return 0.0 if self._opinion < 0 and self._ticks > _HEARD_OUT else self.rates.limits.motion

    @property
    def confidence(self) -> float:
        """The share of such verdicts that are right; without one, half of how far the evidence has come, 0..0.5."""
        limits = self.rates.limits
        if self.value == "unknown":
            return min(0.5, 0.5 * max(self.log_odds / limits.mobile, self.log_odds / limits.fixed, 0.0))
        least = limits.mobile - limits.late_mobile - limits.left
        sure = max(self.log_odds, least) if self.value == "mobile" else max(-self.log_odds, 0.0)
        return 1 / (1 + math.exp(-self.rates.certainty * sure))

    @property
    def settled(self) -> bool:
        """Whether it would take much to change the verdict."""
        return (self.log_odds if self.value == "mobile" else -self.log_odds) > _SETTLED

    @property
    def sensed(self) -> bool:
        """Whether the camera's own sensors said that it moved."""
        return self._sensed > 0

    @property
    def zoomed(self) -> bool:
        """Whether the camera zoomed, now or seconds ago: what it shows then is no travel."""
        return self._zoomed > 0

    @property
    def stood(self) -> bool:
        """Whether the camera stands, or stood until just now: what it has shown lately counts for more than all."""
        return self.value == "fixed" or self._stood > 0

    @property
    def _late(self) -> float:
        """How long the scene has been seen, from 0 to 1 where no more is to be waited for."""
        return min(max((self._ticks - _EARLY) / (_LATE - _EARLY), 0.0), 1.0)

    def weigh(
        self,
        evidence: Evidence,
        time: float,
        opinion: float = 0.0,
        doubt: float = -math.inf,
        *,
        zoomed: bool = False,
    ) -> None:
        """Add a tick's evidence, and decide. Mobile stays mobile; fixed is given up when motion outweighs it.

        Args:
            evidence: of the tick.
            time: media time that it reaches to, seconds.
            opinion: log-odds that the learned head gives to all that was seen until then.
            doubt: log-odds that what stands stands only over a view that moves.
            zoomed: the camera did nothing but zoom in the seconds before.
        """
        self._count(evidence)
        self._opinion, self._doubt = opinion, doubt
        self._ticks += 1
        self._stood = max(0, self._stood - 1)
        self._zoomed = _ZOOMED if zoomed else max(0, self._zoomed - 1)
        self._decide(time)

    def shaken(self, time: float) -> None:
        """Add that the camera's own sensors were shaken or travelled, until media time `time`, seconds; and decide."""
        self._sensed = min(self._sensed + self.rates.sensors, _BOUNDS[1])
        self._decide(time)

    def _count(self, evidence: Evidence) -> None:
        rates = self.rates
        self._shown = max(self._shown, evidence.still + evidence.wall + evidence.returns)
        self._pan = max(_DOUBT * self._pan, evidence.pan)
        fixed = rates.still * evidence.still + rates.wall * evidence.wall + rates.returns * evidence.returns
        change = rates.moves * evidence.moves * (1 - self._pan) - fixed
        slow = change < 0 and self._sum + change < _CLEAR
        total = self._sum + change * (_SLOWLY if slow else 1.0)
        if total > 0:
            total *= _FADE
        self._sum = min(max(total, _BOUNDS[0]), _BOUNDS[1])

    def _decide(self, time: float) -> None:
        if self.value == "mobile":
            return
        log_odds, limits = self.log_odds, self.rates.limits
        more, late = limits.first if self._ticks == 1 else 0.0, self._late
        left = limits.left if self.stood else 0.0
        if self.value == "fixed" and (log_odds > 0 or self._doubt > limits.given_up):
            self._give_up()
        undoubted = self._doubt < limits.doubted + late * limits.late_doubted and self._shown >= limits.shown
        stands = undoubted and log_odds < limits.fixed + late * limits.late_fixed - more
        moves = log_odds > limits.mobile - late * limits.late_mobile - left + more and (self.sensed or not self.zoomed)
        reached = "mobile" if moves else "fixed" if stands else self.value
        if reached != self.value:
            self.value, self.decided_at = reached, time

    def _give_up(self) -> None:
        """It stands no longer: what it did before says nothing of what it does now."""
        self.value, self.decided_at = "unknown", None
        self._sum, self._stood = max(self._sum, 0.0), _JUST_NOW
