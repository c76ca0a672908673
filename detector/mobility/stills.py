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
# Jumps that make it a stream of stills: a light that is switched on makes one.
_TWICE: Final = 2
# Seconds that a jump is remembered for: longer than what was believed before it takes to be a settled fact.
REMEMBERED_S: Final = 12.0


class Stills:
    """Watches by how much the looks at one source change.

    Attributes:
        jumped: whether all stood and changed at once in the last look, for the first or second time lately.
        copied: whether it has done so twice, and the last look is the one before it once more.
    """

    def __init__(self) -> None:
        self.jumped = self.copied = False
        self._changes: deque[float] = deque(maxlen=_STOOD)
        self._jumps: deque[tuple[float, float]] = deque()

    def update(self, change: float, time: float) -> None:
        """Take in a look: by how much it changed from the last, grey levels, and its media time, seconds."""
        jumps = self._jumps
        while jumps and time - jumps[0][0] > REMEMBERED_S:
            jumps.popleft()
        jump = len(self._changes) == _STOOD and change >= max(_JUMP, _TIMES * max(self._changes))
        if jump:
            jumps.append((time, change))
        self.jumped = jump and len(jumps) <= _TWICE
        self.copied = len(jumps) >= _TWICE and change * _TIMES < min(size for _, size in jumps)
        self._changes.append(change)
