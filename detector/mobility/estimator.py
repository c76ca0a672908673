"""Mobile or fixed: the evidence of each half second, added up as log-odds.

A sequential test (A. Wald, Sequential Analysis, 1947), with what the mount makes different: evidence of mobility stays,
for a parked dash camera is a mobile one; stillness adds up, slowly once it is clear; unconfirmed motion fades.
"""

import math
from importlib.resources import files
from typing import Final

import msgspec

from ... import models
from ...streams.frame import Image
from ...streams.telemetry import Motion
from ..belief import MobilityBelief
from .cut import CutFinder
from .evidence import NO_EVIDENCE, Evidence, weigh
from .meter import TICK, Meter
from .mount import MountGuess
from .sensors import travels

# Log-odds for a verdict. Calling a mobile camera fixed is the costly mistake.
_FIXED, _MOBILE = -2.6, 2.2
# The log-odds' bounds; beyond _CLEAR stillness counts for a quarter: a lorry before the lens must not undo it at once,
# a dash camera at a green light must.
_BOUNDS: Final = (-8.0, 6.0)
_CLEAR, _SLOWLY = -6.0, 0.25
# A tick later this much of the evidence of motion is left, while it is no verdict: pans must not add up over minutes.
_FADE: Final = 0.97
# And this much of the doubt that an even pan has cast on motion.
_DOUBT: Final = 0.88
# Seconds after a verdict before pictures are looked at half as often, and the pause between them then.
_SETTLED, _PAUSE = 3.0, 0.15


class Rates(msgspec.Struct, frozen=True):
    """Log-odds that a tick of full evidence adds, by kind; learned by `facewarden.bench.train`."""

    still: float
    wall: float
    returns: float
    moves: float
    sensors: float
    certainty: float


def shipped_rates() -> Rates:
    """The rates in `models/mobility.json`."""
    return msgspec.json.decode(files(models).joinpath("mobility.json").read_bytes(), type=Rates)


class MobilityEstimator:
    """Takes the pictures of one source in order and holds what they say of its mount.

    Memory is constant: views of the last four seconds, 1.2 MB at 16:9. The same pictures give the same belief.

    Attributes:
        belief: the verdict so far; `evidence` in it is that of the last tick, with the sum of all as `log_odds`.
    """

    def __init__(self, rates: Rates | None = None) -> None:
        self.belief = MobilityBelief()
        self._rates = rates or shipped_rates()
        self._cuts = CutFinder()
        self._mount = MountGuess()
        self._meter: Meter | None = None
        self._evidence = NO_EVIDENCE
        self._log_odds = self._pan = 0.0
        self._rest_until = -math.inf

    def update(self, thumbnail: Image, media_time: float, motion: Motion | None = None) -> None:
        """Take in one picture: luma, shape (h, w), uint8, about 320 px on its longest side; `media_time` in seconds.

        `motion` is what the camera's own sensors measured since the last picture that brought such.
        """
        if self._cuts.update(thumbnail):
            self.restart()
        if motion is not None and travels(motion):
            self._add(self._rates.sensors, media_time)
        if media_time < self._rest_until:
            return
        pause = self._pause(media_time)
        self._rest_until = media_time + pause
        self._meter = self._meter or Meter.of(thumbnail, media_time)
        measures = self._meter.update(thumbnail, media_time, 2 * TICK if pause else TICK)
        if measures is not None:
            self._mount.update(measures)
            self._weigh(weigh(measures), media_time)

    def restart(self) -> None:
        """The next picture does not continue the last one: a cut, or another stream. What is believed stays."""
        self._meter = None

    def _pause(self, media_time: float) -> float:
        decided_at = self.belief.decided_at
        settled = decided_at is not None and media_time - decided_at > _SETTLED
        return _PAUSE if settled and abs(self._log_odds) > -_CLEAR - 1 else 0.0

    def _weigh(self, evidence: Evidence, media_time: float) -> None:
        rates = self._rates
        self._evidence = evidence
        self._pan = max(_DOUBT * self._pan, evidence.pan)
        fixed = rates.still * evidence.still + rates.wall * evidence.wall + rates.returns * evidence.returns
        self._add(rates.moves * evidence.moves * (1 - self._pan) - fixed, media_time)

    def _add(self, log_odds: float, media_time: float) -> None:
        total = self._log_odds + log_odds
        if total < _CLEAR and log_odds < 0:
            total = self._log_odds + _SLOWLY * log_odds
        if total > 0 and self.belief.value != "mobile":
            total *= _FADE
        self._log_odds = min(max(total, _BOUNDS[0]), _BOUNDS[1])
        self._decide(media_time)

    def _decide(self, media_time: float) -> None:
        """Mobile stays mobile; fixed can still become it."""
        old = self.belief
        value = "mobile" if self._log_odds > _MOBILE else "fixed" if self._log_odds < _FIXED else old.value
        value = "mobile" if old.value == "mobile" else value
        log_odds = max(self._log_odds, _MOBILE) if value == "mobile" else abs(self._log_odds)
        self.belief = MobilityBelief(
            value=value,
            mount=self._mount.mount if value == "mobile" else value,
            confidence=round(1 / (1 + math.exp(-self._rates.certainty * log_odds)), 4),
            decided_at=round(media_time, 3) if value != old.value else old.decided_at,
            evidence=self._numbers(),
        )

    def _numbers(self) -> dict[str, float]:
        numbers = {**msgspec.structs.asdict(self._evidence), "log_odds": self._log_odds}
        return {name: round(number, 3) for name, number in numbers.items()}
