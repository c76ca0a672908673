"""What belongs to the picture and not to the scene: black bars, captions, a hood, found by their persistence."""

from typing import Final, cast

import cv2
import numpy as np

from ...streams.frame import Image
from .view import BLOCK, Floats, Mask

_BLACK: Final = 28
_EDGE: Final = 5


class Overlay:
    """Blocks that stay while nearly everything else moves, and black bars round the picture."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._stayed: Floats = np.zeros(shape, np.float32)
        self._chances = 0
        self._bars: Mask = np.zeros(shape, np.bool_)

    @property
    def persistent(self) -> Mask:
        """Blocks that stayed put in more than half of the comparisons in which the rest moved."""
        return (self._stayed > 1.5) & (self._stayed > 0.5 * self._chances)

    @property
    def mask(self) -> Mask:
        """All that is no evidence of the scene."""
        return self.persistent | self._bars

    def rest_moved(self, stayed: Mask) -> None:
        """Nearly everything moved between two views, but for the blocks `stayed`."""
        self._chances += 1
        self._stayed += stayed

    def find_bars(self, grey: Image) -> None:
        """Take the black bars from a picture."""
        self._bars = _bars(grey, self._bars.shape)


def _bars(grey: Image, shape: tuple[int, ...]) -> Mask:
    dark = (grey < _BLACK).view(np.uint8)
    bars = np.zeros(shape, np.bool_)
    for axis, lines in ((1, bars), (0, bars.T)):
        sums = cast(Floats, cv2.reduce(dark, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S)).ravel()
        black = sums > 0.7 * grey.shape[axis]
        for way in (1, -1):
            if depth := _depth(black[::way]):
                lines[::way][: min(-(-(depth + _EDGE) // BLOCK), len(lines))] = True
    return bars


def _depth(black: Mask) -> int:
    """How many lines from the edge are black: 0 where too few for a bar, or too many to be one."""
    depth = 0 if black.all() else int(np.argmin(black))
    return depth if 3 <= depth <= black.size // 4 else 0
