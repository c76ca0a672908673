"""When the next picture is due."""

from dataclasses import dataclass
from random import Random
from typing import Final

# Stamps are sums of floats; a picture this close to its turn, seconds, has come.
_ROUNDING = 1e-3
# The share of a period that a moment is drawn earlier or later by: a third keeps any two apart.
_SHIFT: Final = 0.33


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


class DrawnPace:
    """One picture a period, all of them a drawn part of it early or late: only who knows the seed can foresee when.

    Steps are measured best where they are even; `wary` of what it is shown, it draws each moment within its own period.
    The picture nearest to the moment is taken. Of a stream with no more than one picture a period that is each one, and
    of any other as many as by a `Pace`.

    Args:
        seed: of what is drawn; the same one draws the same.

    Attributes:
        wary: whether each moment is drawn by itself.
    """

    def __init__(self, seed: str) -> None:
        self._pace = Pace()
        self._random = Random(seed)  # noqa: S311 - a replay draws the same, and keeps no secret
        self.wary = False
        self._part: float | None = None
        self._shift = self._before = 0.0

    def restart(self, time: float) -> None:
        """Times begin anew, and one is due."""
        self._pace.due = self._before = time
        self._shift = 0.0

    def has_come(self, time: float, period: float) -> bool:
        """Whether a picture of that time is due: no later one will be nearer to the moment. Ask it of each."""
        gap, self._before = time - self._before, time
        return self._pace.has_come(time + min(max(gap, 0.0), period) / 2 - self._shift)

    def step(self, time: float, period: float) -> None:
        """One was taken at `time`; the next is due in the period after this one's."""
        self._pace.step(time, period)
        if self.wary or self._part is None:
            self._part = self._random.uniform(-_SHIFT, _SHIFT)
        self._shift = self._part * period
