"""Corners that stood and corners that moved: whether what moves does so as one, between and around what stands.

A windscreen's frame, captions, a mesh or dirt on the glass stand in the picture of a camera that travels, and all that
is left moves by one similarity, also in the cells where something stands. Before a camera that stands, what moves as
one is one thing, and leaves the rim of the picture alone.
"""

from typing import Final, cast

import cv2
import numpy as np

from .blocks import CELLS, RIM, share
from .measures import Apart
from .view import Floats, Mask, Matrix, median

# Pixels of 160 over half a second: what stands moves less, what moves more.
_STOOD, _MOVED = 0.25, 0.5
_FEW: Final = 8
_INLIER: Final = 0.8  # pixels


def apart(points: Floats, moves: Floats, shape: tuple[int, ...]) -> Apart:
    """How corners at `points` moved by `moves`, both of shape (n, 2), in a picture of `shape` (height, width).

    `standing` and `moving` are shares of the corners, `standing_cells` of the cells. Of those that moved, `one` is the
    share that one similarity explains; `one_cells` of all cells and `one_rim` of those at the rim have such; `mixed` of
    their cells also have corners that stood. `bent` is what the similarity leaves, relative to `distance`, the median
    that they moved, pixels.
    """
    far = np.hypot(moves[:, 0], moves[:, 1])
    stood, moved = far < _STOOD, far > _MOVED
    cells = (points[:, 1] * CELLS // shape[0] * CELLS + points[:, 0] * CELLS // shape[1]).astype(np.intp)
    standing_cells = _cells(cells[stood])
    measures = Apart(standing=share(stood), standing_cells=share(standing_cells), moving=share(moved))
    if np.count_nonzero(moved) < _FEW:
        return measures
    found = cv2.estimateAffinePartial2D(
        points[moved], points[moved] + moves[moved], ransacReprojThreshold=_INLIER, maxIters=100, refineIters=2
    )
    step, inliers = cast(tuple[Matrix | None, Floats], found)
    if step is None or not inliers.any():
        return measures._replace(one=0.0)
    agreed = inliers.ravel().astype(np.bool_)
    one_cells = _cells(cells[moved][agreed])
    distance = float(median(far[moved][agreed]))
    return measures._replace(
        one=share(agreed),
        one_cells=share(one_cells),
        one_rim=share(one_cells[RIM.ravel()]),
        mixed=float(np.count_nonzero(one_cells & standing_cells) / max(np.count_nonzero(one_cells), 1)),
        bent=_residual(step, points[moved], moves[moved]) / distance,
        distance=distance,
    )


def _cells(of: np.ndarray) -> Mask:
    return np.bincount(of, minlength=CELLS**2)[: CELLS**2] > 0


def _residual(step: Matrix, points: Floats, moves: Floats) -> float:
    """The median distance between where the similarity puts points and where they went, pixels."""
    off = points @ step[:, :2].T + step[:, 2] - points - moves
    return float(median(np.hypot(off[:, 0], off[:, 1])))
