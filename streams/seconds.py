"""What became of every second of a live source."""

import math
from collections import Counter
from threading import Lock
from typing import Final, Literal

Fate = Literal["seen", "dropped", "unreadable", "skipped"]

# What counts of several in one second: the first of these.
_RANK: Final = ("seen", "dropped", "unreadable", "skipped")


class Seconds:
    """Each second since the beginning is in one count: what was seen in it, or else why nothing was.

    `seen`: a picture was looked at. `dropped`: pictures came, and none was taken for want of time. `unreadable`: none
    of those that came could be decoded. `skipped`: those that came were left undecoded on purpose. Else nothing came,
    and the reason is that of `absent`. Any thread may say what happened.

    Args:
        now: when it begins, monotonic seconds.
    """

    def __init__(self, now: float) -> None:
        self._lock = Lock()
        self._begun, self._current = now, 0
        self._fate: Fate | None = None
        self._reason = "connecting"
        self._counts: Counter[str] = Counter()
        self._absent: Counter[str] = Counter()

    def mark(self, fate: Fate, now: float) -> None:
        """That happened to a picture."""
        with self._lock:
            self._reach(now)
            if self._fate is None or _RANK.index(fate) < _RANK.index(self._fate):
                self._fate = fate

    def because(self, reason: str, now: float) -> None:
        """From now on, where nothing comes, that is why."""
        with self._lock:
            self._reach(now)
            self._reason = reason

    def counts(self, now: float) -> dict[Fate, int]:
        """Whole seconds by what became of them."""
        with self._lock:
            self._reach(now)
            return {fate: self._counts[fate] for fate in ("seen", "dropped", "unreadable", "skipped")}

    def absent(self, now: float) -> dict[str, int]:
        """Whole seconds in which nothing came, by reason."""
        with self._lock:
            self._reach(now)
            return dict(self._absent)

    def _reach(self, now: float) -> None:
        """Close the seconds that are over."""
        over = math.floor(now - self._begun) - self._current
        if over <= 0:
            return
        if self._fate is None:
            self._absent[self._reason] += over
        else:
            self._counts[self._fate] += 1
            if over > 1:
                self._absent[self._reason] += over - 1
        self._current, self._fate = self._current + over, None
