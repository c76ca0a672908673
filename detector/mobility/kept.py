"""What has kept its place since the beginning, block by block."""

from typing import Final

import numpy as np

from .blocks import CORE, RIM, Comparison, Grid, reach, share
from .measures import Kept
from .view import Floats, Mask

# Comparisons before a block can be said to have stood; the shares of them in which it has to, or has not to.
_ENOUGH: Final = 3
_STOOD, _LEFT = 0.85, 0.3
# What is left of a comparison after the next one: a few dozen of them count, some 20 seconds.
_FADE: Final = 0.97
_FEW: Final = 8


class Keeping:
    """Counts for each block how often it was compared over a second and more, and how often it stood.

    Args:
        grid: the cells of the blocks.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._seen: Floats = np.zeros(grid.shape, np.float32)
        self._stood: Floats = np.zeros(grid.shape, np.float32)

    def add(self, pair: Comparison, masked: Mask) -> None:
        """Take in a comparison."""
        seen = pair.textured & ~masked
        self._seen = self._seen * np.float32(_FADE) + seen
        self._stood = self._stood * np.float32(_FADE) + (seen & pair.still)

    def measures(self) -> Kept:
        """The shares of blocks that kept their place or left it, and of the cells, all, at the rim, in the core."""
        seen = self._seen > _ENOUGH * 0.9
        count = np.count_nonzero(seen)
        if count < _FEW:
            return Kept()
        stood, left = seen & (self._stood > _STOOD * self._seen), seen & (self._stood < _LEFT * self._seen)
        cells = (self._grid.count(stood) > 0).reshape(RIM.shape)
        return Kept(
            blocks=np.count_nonzero(stood) / count,
            cells=share(cells),
            rim=share(cells[RIM]),
            core=share(cells[CORE]),
            left=np.count_nonzero(left) / count,
            sides=reach(cells),
        )
