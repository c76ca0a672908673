"""When the next picture is due."""

from dataclasses import dataclass

# Stamps are sums of floats; a picture this close to its turn, seconds, has come.
_ROUNDING = 1e-3


@dataclass(slots=True)
class Pace:
    """One picture a period, as the stream's own time goes on; what came late is caught up with by one at most.

    Attributes:
        due: media time of the next one, seconds.
    """

    due: float = 0.0

    def has_come(self, time: float) -> bool:
        """Whether a picture of that time is due."""
        return time >= self.due - _ROUNDING

    def step(self, time: float, period: float) -> None:
        """One was taken at `time`; the next is due `period` seconds after this was, or at once if this came late."""
        self.due = max(self.due, time - period) + period

    def takes(self, time: float, period: float) -> bool:
        """Whether a picture of that time is due; if so it counts as taken."""
        if not self.has_come(time):
            return False
        self.step(time, period)
        return True
