"""Stills: a stream that jumps from picture to picture, and stands in between whatever the camera does.

A poor link delivers a picture a second, and whoever passes it on at a steady rate fills it up with copies; encoded
anew they are not the same to the last bit. Between two jumps there is one picture to be judged by, not many.
"""

from collections import deque
from typing import Final

# Grey levels of the coarse picture that a jump changes it by, how many times more than each look before it, and looks
# that have to have stood before.
_JUMP: Final = 1.5
_TIMES: Final = 6.0
_STOOD: Final = 3
# Looks until all stands again: a picture that was encoded is sharpened over a few.
_SETTLING: Final = 2
# Jumps that make it a stream of stills: a light that is switched on makes one.
_TWICE: Final = 2
# Seconds that a jump is remembered for: longer than what was believed before it takes to be a settled fact.
REMEMBERED_S: Final = 12.0


class Stills:
    """Watches by how much the looks at one source change.

    Attributes:
        jumped: whether, as this look shows, all stood, changed at once and stands again, for the first or second time
            lately. What turns or drives off goes on changing.
        copied: whether it has done so twice, and the last look is the one before it once more.
    """

    def __init__(self) -> None:
        self.jumped = self.copied = False
        self._changes: deque[float] = deque(maxlen=_STOOD + _SETTLING + 1)
        self._jumps: deque[tuple[float, float]] = deque()

    def update(self, change: float, time: float) -> None:
        """Take in a look: by how much it changed from the last, grey levels, and its media time, seconds."""
        self._changes.append(change)
        jumps = self._jumps
        while jumps and time - jumps[0][0] > REMEMBERED_S:
            jumps.popleft()
        size = self._jump()
        if size:
            jumps.append((time, size))
        self.jumped = size > 0 and len(jumps) <= _TWICE
        self.copied = len(jumps) >= _TWICE and change * _TIMES < min(size for _, size in jumps)

    def _jump(self) -> float:
        """How large the jump was after which this look is the first that stands; 0 where it is not."""
        *before, last = self._changes
        for after in range(min(_SETTLING, len(before) - _STOOD)):
            size, stood = before[-1 - after], before[-1 - after - _STOOD : -1 - after]
            between = before[len(before) - after :]
            if size >= max(_JUMP, _TIMES * max(stood), _TIMES * last) and all(_TIMES * one > size for one in between):
                return size
        return 0.0
