"""Black bars round a picture: an upright film on a wide screen, a wide one on an old one.

They are cut off before anything is looked at: a view that something stands over is doubted, and is shown smaller.
"""

from dataclasses import replace
from math import ceil, inf
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Frame, Image, Size
from ..pace import Pace

_SIDE: Final = 320  # pixels of the longest side of what they are found in
# Grey levels: of black, by which a bar differs from its outermost line, and from which on something stands in one.
_BLACK, _EVEN, _BRIGHT = 40, 8, 64
# Shares of a side: of the least bar, by which two that lie opposite differ, and of what is left between them.
_LEAST, _UNLIKE, _LEFT = 0.02, 0.03, 0.2
_SMALLEST: Final = 64  # pixels of a side that are left
# Seconds between two looks at them, and for which they are found anew where they go: a picture may come out of black.
_PERIOD, _FINDING = 0.2, 3.0
_RIM: Final = 3  # lines of the small picture
_STEP: Final = 4  # one in so many lines and rows of a bar is looked at
_CHANGED: Final = "the black bars round the picture are others"

_Part: TypeAlias = tuple[slice, slice]  # rows and columns of the upright picture


class Bars:
    """Those of one source: found in its first picture that is not blank, and cut off as long as they stay black.

    They lie on two opposite sides, each even and black, and as wide on both to 3 % of the side. Where they come or go
    a new scene begins, and the picture says so: everything lies elsewhere then.
    """

    def __init__(self) -> None:
        self._size: Size | None = None
        self._last = 0.0

    def inside(self, frame: Frame) -> Frame:
        """The picture without them; its samples are not copied."""
        if frame.size != self._size or frame.discontinuity or frame.media_time < self._last:
            self._begin(frame)
        before, begins = self._part, self._begins
        self._last, self._begins = frame.media_time, False
        if not self._sure and self._pace.takes(frame.media_time, _PERIOD):
            self._look(frame)
        if self._part != before and not begins:
            frame = replace(frame, discontinuity=_CHANGED)
        return frame if self._part is None else frame.inside(*self._part)

    def _begin(self, frame: Frame) -> None:
        self._size, self._part, self._pace, self._until = frame.size, None, Pace(frame.media_time), inf
        self._begins, self._sure = True, False

    def _look(self, frame: Frame) -> None:
        """Find them, or see whether they stay."""
        if self._part is not None and _stay(frame, self._part):
            return
        if frame.media_time > self._until:
            self._part, self._sure = None, True
            return
        grey = frame.thumbnail(_SIDE)
        if int(grey.max()) - int(grey.min()) <= _EVEN:
            self._part = None
            return
        first, self._until = self._until == inf, min(self._until, frame.media_time + _FINDING)
        self._part = _found(grey, frame.size)
        self._sure = first and self._part is None


def _found(grey: Image, size: Size) -> _Part | None:
    """What lies between the bars of a small picture, in pixels of the large one; None where it has none."""
    part = _between(grey, size[1]), _between(grey.T, size[0])
    lengths = [one.stop - one.start for one in part]
    return part if lengths != [size[1], size[0]] and min(lengths) >= _SMALLEST else None


def _between(lines: Image, length: int) -> slice:
    low, high = (bound.astype(np.int16) for bound in (lines.min(axis=1), lines.max(axis=1)))
    first, last = _depth(low, high), _depth(low[::-1], high[::-1])
    count = len(lines)
    if min(first, last) < _LEAST * count or abs(first - last) > _UNLIKE * count or count - first - last < _LEFT * count:
        return slice(0, length)
    begin, end = (2 * ceil((depth + 1) * length / count / 2) for depth in (first, last))  # chroma is of two lines
    return slice(begin, length - end)


def _depth(low: NDArray[np.int16], high: NDArray[np.int16]) -> int:
    """How many lines from the edge on are black, and as the outermost is."""
    even = (high <= min(int(low[0]) + _EVEN, _BLACK)) & (low >= int(high[0]) - _EVEN)
    return 0 if even.all() else int(np.argmin(even))


def _stay(frame: Frame, part: _Part) -> bool:
    """Whether nothing stands in the bars, less a rim, for they are cut off with a line or two of what they frame."""
    (width, height), (rows, columns), rim = frame.size, part, ceil(_RIM * max(frame.size) / _SIDE)
    across = slice(0, rows.start - rim), slice(rows.stop + rim, height)
    upright = slice(0, columns.start - rim), slice(columns.stop + rim, width)
    bars = [(one, slice(0, width)) for one in across if rows.start > rim]
    bars += [(slice(0, height), one) for one in upright if columns.start > rim]
    return all(int(frame.luma_in(*bar)[::_STEP, ::_STEP].max()) <= _BRIGHT for bar in bars)
