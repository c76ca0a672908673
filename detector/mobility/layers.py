"""What stands and what moves at the same place: a view apart from what is laid over it.

A wall that someone passes before stands wherever nobody is, pixel by pixel and to the noise. A mesh, captions, drops or
dirt on the glass stand in thin strokes, and right beside them, in between and behind, all changes. So each pixel's mean
and variance over the last seconds are kept (C. Stauffer and W. Grimson, Adaptive Background Mixture Models, CVPR 1999,
with one mode), and what is left when the mean is taken away is followed by itself: a view behind what stands over it
moves as one, up to the picture's rim.
"""

from typing import Final, NamedTuple, cast

import cv2
import numpy as np

from ...streams.frame import Image
from .apart import apart
from .blocks import CORE, RIM, Grid, share
from .expansion import expansion
from .measures import NONE, Apart, Expansion, Layered
from .view import BLOCK, Floats, Mask, View, block_sums, median

# What is left of a view's weight after the next one: two seconds count.
_FADE: Final = 0.95
# The weight of views before there is anything to say: four.
_ENOUGH: Final = 3.6
# The share of a block's energy that stands: nearly all, some, next to none.
_PURE, _SOME, _GONE = 0.9, 0.4, 0.25
_FEW: Final = 8
# Pixels of the box in which all has to be quiet around what stands, and the shares of it that are: of a thing, of a
# stroke.
_AROUND: Final = (9, 9)
_WHOLE, _BROKEN = 0.8, 0.55
# Pixels of a cell that stand, and of all, for strokes to be told.
_DRAWN, _ENOUGH_DRAWN = 3, 20
_CORNERS: Final = 50
_TOO_FEW: Final = 8
# Grey levels of a picture to be followed, by one of detail.
_GAIN, _MIDDLE = 2.0, 128.0
_GROWN: Final = np.ones((3, 3), np.uint8)
_AREA: Final = BLOCK * BLOCK


class Told(NamedTuple):
    """What layers tell: how much stands, and how the rest moved."""

    layered: Layered = Layered()
    behind: Apart = Apart()
    behind_forward: Expansion = Expansion()


class Layers:
    """The mean and the variance of each pixel over the last two seconds.

    Args:
        grid: the cells of the blocks.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        shape = grid.shape[0] * BLOCK, grid.shape[1] * BLOCK
        self._mean: Floats = np.zeros(shape, np.float32)
        self._square: Floats = np.zeros(shape, np.float32)
        self._weight = 0.0
        self._turn = 0
        self._last: View | None = None
        self._before: View | None = None

    def add(self, view: View) -> None:
        """Take in a view."""
        self._before, self._last = self._last, view
        self._weight = self._weight * _FADE + 1
        cv2.accumulateWeighted(view.detail, self._mean, 1 / self._weight)
        cv2.accumulateWeighted(view.detail * view.detail, self._square, 1 / self._weight)

    def measure(self, noise: float) -> Told:
        """What stands, and how what is left moved since the picture before; `noise` in grey levels^2."""
        now, before = self._last, self._before
        if self._weight < _ENOUGH or now is None or before is None:
            return Told()
        squared = self._mean * self._mean
        variance = np.maximum(self._square - squared, 0)
        sums = block_sums(np.concatenate((squared, variance, squared * variance)), 3)
        stands, changes = sums[0], sums[1]
        textured = stands + changes > noise * _AREA
        part = np.where(textured, stands / (stands + changes + 1e-3), 0)
        layered = self._describe(textured, part)
        layered = _avoiding(layered, part, sums, noise)
        layered = self._drawn(layered, squared, variance, noise)
        return Told(layered, *self._follow(now, before, variance > noise))

    def _follow(self, now: View, before: View, changes: Mask) -> tuple[Apart, Expansion]:
        """How what does not stand moved, at every second tick: it is the dearest of all."""
        self._turn += 1
        if self._turn % 2 == 0:
            return Apart(), Expansion()
        return _followed(now.detail - self._mean, before.detail - self._mean, changes)

    def _describe(self, textured: Mask, part: Floats) -> Layered:
        """Shares of blocks by the `part` of their energy that stands, and the cells of those that stand purely."""
        count = np.count_nonzero(textured)
        if count < _FEW:
            return Layered()
        pure = part > _PURE
        counts = self._grid.count(pure)
        cells = ((counts >= 2) & (counts >= 0.25 * self._grid.count(textured))).reshape(RIM.shape)
        return Layered(
            pure=np.count_nonzero(pure) / count,
            mixed=np.count_nonzero((part > _SOME) & ~pure) / count,
            gone=np.count_nonzero(textured & (part < _GONE)) / count,
            pure_cells=share(cells),
            pure_rim=share(cells[RIM]),
            pure_core=share(cells[CORE]),
        )

    def _drawn(self, layered: Layered, squared: Floats, variance: Floats, noise: float) -> Layered:
        """How much around the pixels that stand is quiet: all around a thing, little around a stroke."""
        quiet = np.where(variance < 0.5 * noise, np.uint8(255), np.uint8(0))
        around = cast(Image, cv2.blur(quiet, _AROUND))
        standing = (squared > noise) & (variance < 0.1 * squared + 0.3 * noise)
        stacked = np.concatenate((standing.astype(np.float32), standing * (around * np.float32(1 / 255))))
        strokes, calm = (self._grid.total(np.ones(self._grid.shape, np.bool_), one) for one in block_sums(stacked, 2))
        drawn, whole = strokes > _DRAWN, calm / np.maximum(strokes, 1)
        return layered._replace(
            quiet=cv2.countNonZero(quiet) / quiet.size,
            around=float(calm.sum() / strokes.sum()) if strokes.sum() > _ENOUGH_DRAWN else NONE,
            around_least=float(whole[drawn].min()) if drawn.any() else NONE,
            whole=share(drawn & (whole > _WHOLE)),
            broken=share(drawn & (whole < _BROKEN)),
        )


def _avoiding(layered: Layered, part: Floats, sums: Floats, noise: float) -> Layered:
    """Whether change is where structure is, as where edges tremble, or avoids it, as behind strokes: 1 is neither."""
    stands, changes, both = sums
    some = (part > _SOME) & (changes > 0.3 * noise * _AREA)
    if np.count_nonzero(some) < _FEW:
        return layered
    return layered._replace(avoids=float(median((both * _AREA / (stands * changes + 1e-3))[some])))


def _followed(now: Floats, before: Floats, changes: Mask) -> tuple[Apart, Expansion]:
    """How the corners of what does not stand moved: nothing where there are too few."""
    first, second = (cv2.convertScaleAbs(plane, alpha=_GAIN, beta=_MIDDLE) for plane in (before, now))
    mask = cast(Image, cv2.dilate(changes.view(np.uint8), _GROWN))
    corners = cast(Floats | None, cv2.goodFeaturesToTrack(first, _CORNERS, 0.02, 7, mask=mask, blockSize=3))
    if corners is None or len(corners) < _TOO_FEW:
        return Apart(moving=0.0), Expansion()
    criteria = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 8, 0.03)
    tracked = cv2.calcOpticalFlowPyrLK(
        first, second, corners, corners.copy(), winSize=(11, 11), maxLevel=2, criteria=criteria
    )
    moved, found, _ = cast(tuple[Floats, Floats, Floats], tracked)
    good = found.ravel() == 1
    if np.count_nonzero(good) < _TOO_FEW:
        return Apart(moving=0.0), Expansion()
    points, moves = corners.reshape(-1, 2)[good], (moved - corners).reshape(-1, 2)[good]
    return apart(points, moves, now.shape), expansion(points, moves, now.shape)
