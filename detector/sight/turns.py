"""So many at a time: sources that have to be looked at in full take turns, those without a verdict first."""

from threading import Lock
from typing import Final

# Seconds after which whoever is at it gives way, where others wait: without a verdict, and with one, which has to find
# out about the place besides; and after which one that asks no more is gone.
LONGEST_S: Final = 30.0
BRIEF_S: Final = 5.0
_GONE_S: Final = 5.0


class Turns:
    """Turns, first come, first served; those that a brief one will do for come last. Whoever wants one asks again and
    again, and never waits; any thread may.

    Args:
        most: how many may have theirs at once.
    """

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._at_it: dict[object, tuple[float, float]] = {}  # since when, and asked when
        self._waiting: dict[object, tuple[bool, float]] = {}  # whether a brief one will do, and asked when

    def has(self, who: object, now: float, *, brief: bool = False) -> bool:
        """Whether it is its turn at `now`, monotonic seconds; if not, it has a place in the queue from here on, behind
        those that need a long one where a brief one will do."""
        with self._lock:
            self._forget_gone(now)
            if who in self._at_it and not self._gives_way(who, now, brief):
                self._at_it[who] = self._at_it[who][0], now
                return True
            self._at_it.pop(who, None)
            self._waiting[who] = brief, now  # one that waits already keeps its place
            first = sorted(self._waiting, key=lambda one: self._waiting[one][0])
            if who not in first[: max(0, self._most - len(self._at_it))]:
                return False
            del self._waiting[who]
            self._at_it[who] = now, now
            return True

    def _gives_way(self, who: object, now: float, brief: bool) -> bool:
        return bool(self._waiting) and now - self._at_it[who][0] > (BRIEF_S if brief else LONGEST_S)

    def leave(self, who: object) -> None:
        """It wants none any more."""
        with self._lock:
            self._at_it.pop(who, None)
            self._waiting.pop(who, None)

    def _forget_gone(self, now: float) -> None:
        for who in [who for who, (_, asked) in self._at_it.items() if now - asked > _GONE_S]:
            del self._at_it[who]
        for who in [who for who, (_, asked) in self._waiting.items() if now - asked > _GONE_S]:
            del self._waiting[who]
