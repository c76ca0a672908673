"""Two views block by block: which structure stayed exactly where it was, which moved, which is gone.

One Lucas-Kanade step for every block at once (B. D. Lucas and T. Kanade, An Iterative Image Registration Technique,
IJCAI 1981), with the change of gain divided out. It finds shifts up to about 1.5 px and is exact near none, also on
structure far too weak for a corner tracker.
"""

from dataclasses import dataclass, field
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from .measures import NONE, Compared
from .view import BLOCK, Floats, Mask, Matrix, View, block_sums

# Cells a side: 4 x 4 of them judge how far over the picture something spreads; a caption or a hood fills few.
CELLS: Final = 4
# Beside and above whoever stands before a camera, and where he stands.
RIM = np.array(((1, 1, 1, 1), (1, 0, 0, 1), (1, 0, 0, 1), (0, 0, 0, 0)), np.bool_)
CORE = np.array(((0, 0, 0, 0), (0, 1, 1, 0), (0, 1, 1, 0), (0, 1, 1, 0)), np.bool_)
_AREA: Final = BLOCK * BLOCK
# Correlation at no shift above which a block kept its structure, and that which it needs to count as still.
_ALIKE, _SAME = 0.8, 0.6
# Correlation below which, its own shift allowed for, a block shows another thing.
_LOST = 0.5
# Pixels of 160: a fixed mount's blocks stay within the first, the second is certainly displaced.
_EXACT, _MOVED = 0.1, 0.2
# Mean square below which a block is as good as black or white.
_FAINT = 0.15
# A shift counts when it explains this many times more than chance would (F test, 2 against BLOCK^2 - 2 degrees).
_F_TEST = 3.0
_FEW = 8


@dataclass(frozen=True, slots=True)
class Grid:
    """Which cell each block lies in. `cell` has the shape of the blocks and values from 0 to CELLS^2 - 1."""

    shape: tuple[int, int]
    cell: NDArray[np.intp] = field(init=False)

    def __post_init__(self) -> None:
        rows, columns = np.mgrid[: self.shape[0], : self.shape[1]]
        cell = rows * CELLS // self.shape[0] * CELLS + columns * CELLS // self.shape[1]
        object.__setattr__(self, "cell", cell)

    def count(self, mask: Mask) -> NDArray[np.intp]:
        """How many of the blocks in `mask` each cell has, shape (CELLS^2,)."""
        return np.bincount(self.cell[mask], minlength=CELLS * CELLS)

    def total(self, mask: Mask, values: Floats) -> Matrix:
        """The sum of `values` over the blocks in `mask`, by cell."""
        return cast(Matrix, np.bincount(self.cell[mask], values[mask], minlength=CELLS * CELLS))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every block in two views. All arrays have the shape of the blocks.

    Attributes:
        alike: correlation at no shift, -1..1.
        aligned: correlation after the block's own shift.
        across, down: that shift, pixels.
        textured: has structure above the noise. measurable: enough of it for a shift. still: did not move.
        product, first, second: sums of the product of both details, and of their squares.
    """

    alike: Floats
    aligned: Floats
    across: Floats
    down: Floats
    textured: Mask
    measurable: Mask
    still: Mask
    product: Floats
    first: Floats
    second: Floats


def compare(new: View, old: View, noise: float) -> Comparison:
    """Compare two views; `noise` is the mean square in grey levels^2 that structure has to exceed."""
    xx, xy, yy, x_new, x_old, y_new, y_old, product = _products(new, old)
    scale = np.sqrt(new.energy * old.energy) + 1e-3
    gain = _clipped(product / (old.energy + 1e-3), 0.5, 2.0)
    x, y = x_new - gain * x_old, y_new - gain * y_old
    unexplained = new.energy + gain * gain * old.energy - 2 * gain * product + 1e-3
    determinant = xx * yy - xy * xy + 1e-3
    weakest = 0.5 * (xx + yy - np.sqrt((xx - yy) ** 2 + 4 * xy * xy))
    across, down = (yy * x - xy * y) / determinant, (xx * y - xy * x) / determinant
    explained = _clipped(across * x + down * y, 0.0, unexplained * 0.999)
    alike = product / scale
    textured = scale > noise * _AREA
    measurable = textured & (weakest > 0.12 * noise * _AREA)
    proven = explained * (_AREA - 2) > 2 * _F_TEST * (unexplained - explained)
    within = across * across + down * down < _EXACT**2
    return Comparison(
        alike=alike,
        aligned=1 - (1 - _clipped(alike, -1.0, 1.0)) * (1 - explained / unexplained),
        across=across,
        down=down,
        textured=textured,
        measurable=measurable,
        still=textured & (alike > _SAME) & (~measurable | within | ~proven),
        product=product,
        first=new.energy,
        second=old.energy,
    )


def _clipped(values: Floats, low: float, high: float | Floats) -> Floats:
    """As `np.clip`, in a third of the time where there are so few."""
    return cast(Floats, np.minimum(np.maximum(values, low), high))


def _products(new: View, old: View) -> Floats:
    """Block sums of the products that the step needs, of gradients and details: 8 planes."""
    both = new.detail + old.detail
    across = cast(Floats, cv2.Sobel(both, cv2.CV_32F, 1, 0, ksize=1, scale=0.25))
    down = cast(Floats, cv2.Sobel(both, cv2.CV_32F, 0, 1, ksize=1, scale=0.25))
    a, b = new.detail, old.detail
    pairs = (across, across), (across, down), (down, down), (across, a), (across, b), (down, a), (down, b), (a, b)
    height = a.shape[0]
    stacked = np.empty((len(pairs) * height, a.shape[1]), np.float32)
    for position, (one, other) in enumerate(pairs):
        np.multiply(one, other, out=stacked[position * height : (position + 1) * height])
    return block_sums(stacked, len(pairs))


def describe(pair: Comparison, grid: Grid, masked: Mask) -> Compared:
    """What stayed, moved and went, as shares.

    Blocks in `masked` (overlays, black bars) are left out. A cell held where a third of its textured blocks did, and
    is gone where two thirds of them moved or went.
    """
    textured, still = pair.textured & ~masked, pair.still & ~masked
    count = np.count_nonzero(textured)
    if count < _FEW:
        return Compared(cover=0.0, middle=0.0)
    shift = pair.across * pair.across + pair.down * pair.down
    followed = pair.measurable & ~masked & (pair.aligned > _ALIKE)
    lost = textured & (np.maximum(pair.alike, pair.aligned) < _LOST)
    by_cell = grid.count(textured)
    enough = by_cell >= 3
    cells = max(np.count_nonzero(enough), 1)
    enough = enough.reshape(CELLS, CELLS)
    held = (grid.count(still) >= 0.35 * by_cell).reshape(CELLS, CELLS) & enough
    gone = (grid.count(lost | (followed & (shift > _MOVED**2))) >= 0.65 * by_cell).reshape(CELLS, CELLS) & enough
    n = np.count_nonzero(followed)
    return Compared(
        still=np.count_nonzero(still) / count,
        near=np.count_nonzero(textured & (pair.alike > _ALIKE)) / count,
        exact=np.count_nonzero(followed & (shift < _EXACT**2)) / n if n >= _FEW else NONE,
        cover=share(held),
        middle=share(held[1:3]),
        rim=_part(held, enough & RIM),
        core=_part(held, enough & CORE),
        sides=reach(held),
        cells=cells / CELLS**2,
        gone=np.count_nonzero(gone) / cells,
        middle_gone=share(gone[1:3]),
        rim_gone=_part(gone, enough & RIM),
        core_gone=_part(gone, enough & CORE),
    )


def _part(mask: Mask, of: Mask) -> float:
    """The share of the cells in `of` that are in `mask` too; NaN where there are too few."""
    count = np.count_nonzero(of)
    return float(np.count_nonzero(mask & of) / count) if count >= 3 else NONE


def share(mask: Mask) -> float:
    """The share of a mask that is true; quicker than its mean where it is small."""
    return float(np.count_nonzero(mask) / mask.size)


def reach(held: Mask) -> float:
    """How far cells reach over the picture: the share of columns times the share of rows that have one."""
    columns, rows = np.count_nonzero(held.any(0)), np.count_nonzero(held.any(1))
    return float(columns * rows / held.size)


def faint(pair: Comparison, grid: Grid, masked: Mask) -> float:
    """The share of cells whose structureless blocks, taken together, still correlate: a plain wall that stays."""
    weak = ~pair.textured & ~masked & (np.maximum(pair.first, pair.second) > _FAINT * _AREA)
    product, first, second = (grid.total(weak, values) for values in (pair.product, pair.first, pair.second))
    return share((grid.count(weak) >= 4) & (product > 0.5 * np.sqrt(first * second) + 1e-3))
