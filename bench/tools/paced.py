"""Mobility alone, without the rest of the guard."""

from ...detector.mobility import MobilityEstimator
from ...detector.pace import DrawnPace
from ...detector.sight.state import ANALYSIS_PERIOD_S
from ...streams.frame import Frame


class Paced:
    """Chooses the pictures that the guard would show an estimator of mobility.

    Args:
        estimator: who is to be shown them; how far apart depends on what it says.
        skipped: pictures to leave out at the beginning.
    """

    def __init__(self, estimator: MobilityEstimator, skipped: int = 0) -> None:
        self.estimator = estimator
        self._skipped = skipped
        self._begun: float | None = None
        self._pace = DrawnPace("0/bench")

    def wants(self, frame: Frame) -> float | None:
        """The picture's time for this one, where it is to be shown; counted whether or not."""
        if self._skipped:
            self._skipped -= 1
            return None
        self._begun = frame.media_time if self._begun is None else self._begun
        time, period = frame.media_time - self._begun, ANALYSIS_PERIOD_S * self.estimator.spacing
        if not self._pace.has_come(time, period):
            return None
        self._pace.step(time, period)
        return time
