"""Whether a camera zoomed: since an older view all went out of the picture's middle at one rate, near and far alike.

A zoom turns about the lens, and leaves no parallax however much it changes (R. Hartley and A. Zisserman, Multiple View
Geometry, 2nd ed., section 8.4). A camera that is carried forwards sees near things grow faster than far ones, and
hardly ever heads for the very middle.
"""

from collections.abc import Sequence
from typing import Final, cast

import cv2
import numpy as np

from ...streams.frame import Image
from .blocks import CELLS, share
from .similarity import Complexes, Similarity, complexes, since
from .view import SIDE, Floats, Mask, Matrix, View

# Pixels at the picture's edge that the scale has to have changed by, and the middle's way as a share of that.
_CLEAR: Final = 5.0
_ASIDE: Final = 1 / 3
_CORNERS: Final = 100
_FEW: Final = 12
_BORDER: Final = np.ones((9, 9), np.uint8)  # pixels: where a corner's window would reach beyond the old view
_RETURNED: Final = 0.5  # pixels: so near a corner has to come that is followed back
# Pixels from the middle beyond which a corner tells the rate.
_OFF_MIDDLE: Final = 12.0
# Pixels that a corner may be off, and how many more for each that it went.
_ERROR, _MORE = 0.4, 0.03
# The share of the corners, and of the cells that have any, that go at the one rate: people who walk there do not.
_AGREE: Final = 0.6

_NOWHERE: Final = np.zeros(0, np.complex128)


def zoomed(now: View, kept: Sequence[View]) -> bool:
    """Whether the camera did nothing but zoom since the first of `kept` views that it has clearly zoomed from.

    The first, for until now it was carried furthest, if it was. Where it did not zoom the poses alone tell.
    """
    past = [view for view in kept if view.chain == now.chain]
    if not past:
        return False
    turns, shifts = now.since(past)
    grown = np.abs(np.log(np.abs(turns))) * (SIDE / 2)
    clear = (grown >= _CLEAR) & (np.abs(shifts) <= _ASIDE * grown)
    return bool(clear.any()) and _at_one_rate(now, past[int(np.argmax(clear))])


def _at_one_rate(now: View, old: View) -> bool:
    height, width = now.grey.shape
    middle = complex(width, height) / 2
    points, were = (places - middle for places in _followed(now, old))
    if np.count_nonzero(np.abs(points) > _OFF_MIDDLE) < _FEW:
        return False
    agree = np.abs(were - _rate(points, were) * points) < _ERROR + _MORE * np.abs(were - points)
    cells = np.floor((points.imag / height + 0.5) * CELLS) * CELLS + np.floor((points.real / width + 0.5) * CELLS)
    return share(agree) >= _AGREE and _different(cells[agree]) >= _AGREE * _different(cells)


def _rate(points: Complexes, were: Complexes) -> float:
    """How far from the middle they were, by how far they are: the median."""
    far = np.abs(points) > _OFF_MIDDLE
    return float(np.median((were[far] / points[far]).real))


def _different(cells: Matrix) -> int:
    return len(set(cells.tolist()))


def _followed(now: View, old: View) -> tuple[Complexes, Complexes]:
    """Corners of the view now, and where they were in the old one: by the camera's steps, and from there exactly."""
    turns, shifts = since(now.pose, [old.pose])
    step = Similarity(turns[0], shifts[0])
    warped, seen = (
        cast(Image, cv2.warpAffine(plane, step.matrix(), now.grey.shape[::-1], flags=cv2.INTER_LINEAR))
        for plane in (old.grey, np.full_like(old.grey, 255))
    )
    inside = cv2.erode(seen, _BORDER, borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
    found = cv2.goodFeaturesToTrack(now.grey, _CORNERS, 0.01, 6, mask=inside, blockSize=3)
    corners = cast(Floats | None, found)
    if corners is None or len(corners) < _FEW:
        return _NOWHERE, _NOWHERE
    moved, good = _there_and_back(now.grey, warped, corners)
    if not good.any():
        return _NOWHERE, _NOWHERE
    return complexes(corners[good][:, 0]), (complexes(moved[good][:, 0]) - step.shift) / step.turn


def _there_and_back(first: Image, second: Image, corners: Floats) -> tuple[Floats, Mask]:
    """Where corners of the first picture, shape (n, 1, 2), are in the second, and which come back from there."""
    moved, found = _track(first, second, corners)
    back, found_back = _track(second, first, moved)
    return moved, found & found_back & (np.hypot(*(back - corners)[:, 0].T) < _RETURNED)


def _track(first: Image, second: Image, corners: Floats) -> tuple[Floats, Mask]:
    criteria = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 12, 0.02)
    tracked = cv2.calcOpticalFlowPyrLK(
        first, second, corners, corners.copy(), winSize=(11, 11), maxLevel=2, criteria=criteria
    )
    moved, found, _ = cast(tuple[Floats, Image, Floats], tracked)
    return moved, found.ravel() == 1
