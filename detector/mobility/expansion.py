"""Forward motion: all that moves in the picture moves away from one point, near things faster than far ones.

The focus of expansion (J. Gibson, The Perception of the Visual World, 1950) is found as the point nearest to the lines
along which the corners moved, by reweighted least squares. A zoom moves them away from one too, but all at one rate.
"""

from typing import Final

import numpy as np

from .blocks import CELLS, Measures
from .view import Floats, Mask, Matrix

# Pixels of 160: what a corner moves at least, and at most while it stands.
_MOVED, _STOOD = 0.5, 0.2
_FEW: Final = 10
_ROUNDS: Final = 4
# Cosines of the angle to the line through the focus: such a corner counts for the fit, such a one agrees with it.
_COUNTS, _AGREES = 0.85, 0.9
_OUTSIDE: Final = 0.1  # weight of the others


def expansion(points: Floats, moves: Floats, shape: tuple[int, ...]) -> Measures:
    """How corners at `points` moved by `moves`, both of shape (n, 2), in a picture of `shape` (height, width).

    `outward` is the share of the moving ones that moves away from the focus, where that is in the picture and they are
    on both sides of it; `astir` the share of cells where more moved than stood; `depth` the relative spread of the
    rates at which they moved away, the distance between the quartiles by the median.
    """
    far = np.hypot(moves[:, 0], moves[:, 1])
    moving, standing = far > _MOVED, far < _STOOD
    measures = {"astir": _astir(points, moving, standing, shape), "outward": 0.0, "depth": 0.0}
    if np.count_nonzero(moving) < _FEW:
        return measures
    focus, away = _focus(points[moving].astype(np.float64), moves[moving].astype(np.float64))
    agree = away > _AGREES
    right = points[moving][agree, 0] > focus[0]
    inside = bool((focus > 0).all() and focus[0] < shape[1] and focus[1] < shape[0])
    if inside and right.size and 0.15 < right.mean() < 0.85:
        rates = far[moving][agree] / np.hypot(*(points[moving][agree] - focus).T)
        low, middle, high = _quartiles(rates)
        measures |= {"outward": float(agree.mean()), "depth": float((high - low) / middle)}
    return measures


def _quartiles(values: Matrix) -> Matrix:
    places = np.array((0.25, 0.5, 0.75)) * (len(values) - 1)
    return np.interp(places, np.arange(len(values)), np.sort(values))


def _focus(points: Matrix, moves: Matrix) -> tuple[Matrix, Matrix]:
    """The point that most corners move away from, (x, y), and the cosine of each one's angle to the way from there."""
    across, down = (moves / np.hypot(moves[:, 0], moves[:, 1])[:, None]).T
    offsets = across * points[:, 1] - down * points[:, 0]
    # The normal equations of the lines' distances: two unknowns, so by Cramer's rule.
    terms = np.stack((down * down, -down * across, across * across, -down * offsets, across * offsets))
    weights: Matrix = np.ones(len(points))
    focus: Matrix = np.zeros(2)
    away: Matrix = weights
    for _ in range(_ROUNDS):
        xx, xy, yy, x, y = (terms @ weights).tolist()
        focus = np.array((x * yy - y * xy, y * xx - x * xy)) / (xx * yy - xy * xy + 1e-6)
        right, below = (points - focus).T
        away = (right * across + below * down) / (np.hypot(right, below) + 1e-6)
        weights = np.where(away > _COUNTS, 1.0, _OUTSIDE)
    return focus, away


def _astir(points: Floats, moving: Mask, standing: Mask, shape: tuple[int, ...]) -> float:
    cells = (points[:, 1] * CELLS // shape[0] * CELLS + points[:, 0] * CELLS // shape[1]).astype(np.intp)
    moved, stood = (np.bincount(cells[which], minlength=CELLS**2) for which in (moving, standing))
    return float(np.count_nonzero(moved > stood) / max(np.count_nonzero(moved + stood), 1))
