"""Forward motion: all that moves in the picture moves away from one point, near things faster than far ones.

The focus of expansion (J. Gibson, The Perception of the Visual World, 1950) is found as the point nearest to the lines
along which the corners moved, by reweighted least squares. A zoom moves them away from one too, but all at one rate.
"""

from typing import Final

import numpy as np

from .blocks import CELLS, share
from .measures import Expansion
from .similarity import Complexes, complexes
from .view import Floats, Mask, Matrix

# Pixels of 160: what a corner moves at least, and at most while it stands.
_MOVED, _STOOD = 0.5, 0.2
_FEW: Final = 10
_ROUNDS: Final = 4
# Cosines of the angle to the line through the focus: such a corner counts for the fit, such a one agrees with it.
_COUNTS, _AGREES = 0.85, 0.9
_OUTSIDE: Final = 0.1  # weight of the others


def expansion(points: Floats, moves: Floats, shape: tuple[int, ...]) -> Expansion:
    """How corners at `points` moved by `moves`, both of shape (n, 2), in a picture of `shape` (height, width).

    `outward` is the share of the moving ones that moves away from the focus, where that is in the picture and they are
    on both sides of it; `astir` the share of cells where more moved than stood; `depth` the relative spread of the
    rates at which they moved away, the distance between the quartiles by the median.
    """
    places, ways = complexes(points), complexes(moves)
    far = np.abs(ways)
    moving, standing = far > _MOVED, far < _STOOD
    measures = Expansion(0.0, _astir(points, moving, standing, shape), 0.0)
    if np.count_nonzero(moving) < _FEW:
        return measures
    places, far = places[moving], far[moving]
    focus, away = _focus(places, ways[moving] / far)
    agree = away > _AGREES
    agreed = share(agree)
    on_right = share(places[agree].real > focus.real) if agreed else 0.0
    if 0 < focus.real < shape[1] and 0 < focus.imag < shape[0] and 0.15 < on_right < 0.85:
        low, middle, high = _quartiles(far[agree] / np.abs(places[agree] - focus))
        return measures._replace(outward=agreed, depth=float((high - low) / middle))
    return measures


def _quartiles(values: Matrix) -> Matrix:
    places = np.array((0.25, 0.5, 0.75)) * (len(values) - 1)
    return np.interp(places, np.arange(len(values)), np.sort(values))


def _focus(places: Complexes, headings: Complexes) -> tuple[complex, Matrix]:
    """The point that most corners move away from, and the cosine of each one's angle to the way from there.

    All have the shape (n,); headings have the length 1.
    """
    across, down = headings.real, headings.imag
    backwards = headings.conj()
    offsets = (backwards * places).imag
    # The normal equations of the lines' distances: two unknowns, so by Cramer's rule.
    terms = np.stack((down * down, -down * across, across * across, -down * offsets, across * offsets))
    weights: Matrix = np.ones(len(places))
    focus, away = 0j, weights
    for _ in range(_ROUNDS):
        xx, xy, yy, x, y = (terms @ weights).tolist()
        focus = complex(x * yy - y * xy, y * xx - x * xy) / (xx * yy - xy * xy + 1e-6)
        rays = places - focus
        away = (backwards * rays).real / (np.abs(rays) + 1e-6)
        weights = np.where(away > _COUNTS, 1.0, _OUTSIDE)
    return focus, away


def _astir(points: Floats, moving: Mask, standing: Mask, shape: tuple[int, ...]) -> float:
    cells = (points[:, 1] * CELLS // shape[0] * CELLS + points[:, 0] * CELLS // shape[1]).astype(np.intp)
    moved, stood = (np.bincount(cells[which], minlength=CELLS**2) for which in (moving, standing))
    return float(np.count_nonzero(moved > stood) / max(np.count_nonzero(moved + stood), 1))
