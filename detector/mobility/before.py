"""The scene from before a supposed motion, and whether it stands again exactly.

Who waves into his webcam fills the view with motion, and when he has done all is where it was, to a tenth of a pixel.
A camera that was carried never comes back so: not a car that parks, and not a telephone that is put back.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from .blocks import RIM, Grid, compare, reach
from .view import Floats, Mask, View

# Means in a row that a block has to stand in, half a second each, before it is known.
_LONG: Final = 4
# How much of what stands now is taken into what is known.
_RENEWED: Final = 0.1
# The share of what is known that has to stand there again, and of what stands now that has to be known: a cabin round
# another view stands too.
_AGAIN, _KNOWN = 0.8, 0.8
# The share of the picture's blocks, and of its columns by its rows of cells, that it has to reach over.
_BLOCKS, _REACH = 0.25, 0.75


class Before:
    """The detail that each block has stood with.

    Args:
        shape: of the views' detail.
    """

    def __init__(self, shape: tuple[int, ...], grid: Grid) -> None:
        self._grid = grid
        self._detail: Floats = np.zeros(shape, np.float32)
        self._known: Mask = np.zeros(grid.shape, np.bool_)
        self._stood: NDArray[np.intp] = np.zeros(grid.shape, np.intp)

    def keep(self, mean: View, stands: Mask, noise: float) -> None:
        """Remember a mean of views where its blocks `stands` have stood for long; `noise` in grey levels^2."""
        self._stood = (self._stood + 1) * stands
        long = self._stood >= _LONG
        if not long.any():
            return
        same = self._known & compare(mean, View.of(self._detail, mean), noise).still
        weight = np.where(long, np.where(same, _RENEWED, 1.0), 0.0).astype(np.float32)
        weights = cv2.resize(weight, mean.detail.shape[::-1], interpolation=cv2.INTER_NEAREST)
        self._detail += weights * (mean.detail - self._detail)
        self._known |= long

    def stands_again(self, mean: View, stands: Mask, noise: float) -> bool:
        """Whether all that is known stands in `mean`, a mean of views, and little else stands there."""
        pair = compare(mean, View.of(self._detail, mean), noise)
        there = self._known & pair.still
        same = there & stands
        if np.count_nonzero(there) < _AGAIN * np.count_nonzero(self._known & pair.textured):
            return False
        if np.count_nonzero(same) < max(_KNOWN * np.count_nonzero(stands), _BLOCKS * same.size):
            return False
        return reach(self._grid.count(same).reshape(RIM.shape) > 1) >= _REACH
