"""Finding one picture in another: up to position, scale, roll, squeeze, brightness and contrast.

First a patch of 8x8 pixels is slid over the view at every scale (normalised cross-correlation: Lewis, Fast Template
Matching, Vision Interface 1995). From the best places on, an affine map is fitted that maximises the enhanced
correlation coefficient (Evangelidis & Psarakis, PAMI 30(10), 2008). What fits is judged by its fine detail.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from .pictures import Plane
from .recent import detail, normalised

_PATCH = 8
# The least side of a part in the view, in pixels, and the step from scale to scale; the fit makes up for the rest.
_SMALLEST, _STEP = 24.0, 1.3
# Places that are tried, and how far apart they have to be: in sides, or in scale.
_TRIED, _APART, _SCALED = 2, 0.3, 1.4
# Grey levels: there is nothing to find where the view varies by less, or has less detail.
_FLAT = 2.0
# The same for a picture, whose scale is unknown: the share of its contrast that is detail, and how much less that may
# vary along one direction than across it. One edge is like any other.
_BLURRED, _EDGE = 0.25, 0.15
# The side at which a part is fitted, in pixels, and how far around its place, in sides.
_SIDES, _REACH = (24, 40), 0.9
_ENOUGH = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 15, 1e-3)
# The fit may squeeze, and change the area, by no more than this.
_SQUEEZE, _AREA = 0.6, 2.5


class Place(NamedTuple):
    """Where in a view a picture may be: centre and side in pixels, and how well it looks, -1 to 1."""

    score: float
    x: float
    y: float
    side: float

    def near(self, other: "Place") -> bool:
        """Whether both are about the same."""
        reach = _APART * other.side
        same_scale = 1 / _SCALED < self.side / other.side < _SCALED
        return same_scale and abs(self.x - other.x) < reach and abs(self.y - other.y) < reach


class Level(NamedTuple):
    """A view at one scale.

    Attributes:
        scale: its pixels, of one of the view's.
        side: of a part that a patch covers, in pixels of the view.
        plane: brightness, float32.
        contrast: one over the norm of each patch about its mean, by the patch's first pixel.
    """

    scale: float
    side: float
    plane: Plane
    contrast: Plane


class Sought:
    """A picture that is looked for; what is compared of it is made once."""

    def __init__(self, picture: Plane) -> None:
        self._picture = picture
        self._small: dict[int, Plane | None] = {}
        self.patch = normalised(cv2.resize(picture, (_PATCH, _PATCH), interpolation=cv2.INTER_AREA))

    def small(self, side: int) -> Plane | None:
        """It at so many pixels a side; None where there is too little in it then."""
        if side not in self._small:
            small = cv2.resize(self._picture, (side, side), interpolation=cv2.INTER_AREA)
            self._small[side] = small if is_distinct(small) else None
        return self._small[side]


def find(ways: Iterable[Sought], levels: Sequence[Level]) -> Iterator[tuple[Sought, Place]]:
    """Where in a view each of the ways is most likely to be; nothing in a view smaller than any part."""
    for way in ways:
        yield from ((way, place) for place in _apart(sorted((_place(way.patch, one) for one in levels), reverse=True)))


def _apart(places: Sequence[Place]) -> list[Place]:
    found: list[Place] = []
    for place in places:
        if not any(place.near(other) for other in found):
            found.append(place)
    return found[:_TRIED]


def levels(luma: Plane) -> list[Level]:
    """A view at every scale at which parts are looked for, the finest first."""
    height, width = luma.shape
    side, found = _SMALLEST, list[Level]()
    half = cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    plane = half.astype(np.float32)
    while side <= min(height, width):
        scale = _PATCH / side
        size = max(_PATCH, round(width * scale)), max(_PATCH, round(height * scale))
        plane = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
        found.append(Level(scale, side, plane, _contrast(plane)))
        side *= _STEP
    return found


def _place(patch: Plane, level: Level) -> Place:
    """The best place of a patch at one scale."""
    rows, columns = level.contrast.shape
    # Faster by half than `matchTemplate`, which goes by way of the frequencies.
    found = cv2.filter2D(level.plane, cv2.CV_32F, patch, anchor=(0, 0))[:rows, :columns]
    found *= level.contrast
    _, score, _, (x, y) = cv2.minMaxLoc(found)
    return Place(score, (x + _PATCH / 2) / level.scale, (y + _PATCH / 2) / level.scale, level.side)


def _contrast(plane: Plane) -> Plane:
    rows, columns = plane.shape[0] - _PATCH + 1, plane.shape[1] - _PATCH + 1
    mean, square = (cv2.boxFilter(one, -1, (_PATCH, _PATCH), anchor=(0, 0)) for one in (plane, plane * plane))
    variance = (square - mean * mean)[:rows, :columns]
    return 1 / (np.sqrt(np.maximum(variance, _FLAT**2)) * _PATCH)


def fitted_part(sought: Sought, luma: Plane, place: Place) -> tuple[float, int]:
    """How well the picture fits the view about a place: as `fitted`, and the pixels a side that it was compared at."""
    side = int(np.clip(round(place.side), *_SIDES))
    small = sought.small(side)
    if small is None:
        return -1.0, side
    around = _around(luma, place, side)
    centred = np.array([[1, 0, (around.shape[1] - side) / 2], [0, 1, (around.shape[0] - side) / 2]], np.float32)
    return fitted(small, around, centred), side


def fitted(picture: Plane, view: Plane, start: Plane | None = None) -> float:
    """How well the picture fits a part of the view: the correlation of its fine detail, -1 to 1.

    Args:
        picture: what is to be found.
        view: where.
        start: from the picture's coordinates to the view's, shape (2, 3): near the best; by default the identity.
    """
    begin = np.eye(2, 3, dtype=np.float32) if start is None else start
    seen = view.astype(np.float32)
    ecc: Any = cv2.findTransformECC  # its stubs know nothing of a mask that is None
    try:
        warp = ecc(picture, seen, begin.copy(), cv2.MOTION_AFFINE, _ENOUGH, None, 3)[1]
    except cv2.error:  # it does not converge
        return -1.0
    size, flags = picture.shape[::-1], cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    part = detail(cv2.warpAffine(seen, warp, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))
    if not _plausible(warp) or float(part.std()) < _FLAT:
        return -1.0
    return float(np.vdot(normalised(detail(picture)), normalised(part)))


def rolled(picture: Plane, degrees: float) -> Plane:
    """The largest part about its middle, of its own shape, that is all picture when it is turned."""
    height, width = picture.shape
    angle, longest = np.radians(abs(degrees)), max(height, width) / min(height, width)
    scale = float(np.cos(angle) + longest * np.sin(angle))
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, scale)
    return cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)


def is_distinct(picture: Plane) -> bool:
    """Whether there is detail, and in more than one direction (structure tensor: Förstner & Gülch, ISPRS 1987), at the
    size at which parts are compared at most."""
    side = _SIDES[1]
    if max(picture.shape) > side:
        picture = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    fine = detail(picture)
    across = np.stack([cv2.Sobel(fine, cv2.CV_32F, 1, 0).ravel(), cv2.Sobel(fine, cv2.CV_32F, 0, 1).ravel()])
    least, most = np.linalg.eigvalsh(across @ across.T)
    return bool(most > 0 and fine.std() >= _BLURRED * picture.std() and least >= _EDGE * most)


def _around(luma: Plane, place: Place, side: int) -> Plane:
    """The view about a place, scaled so that the picture has `side` pixels in it."""
    scale, reach = side / place.side, _REACH * place.side
    if scale < 0.6:  # the warp below does not average
        half = cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        return _around(half, place._replace(x=place.x / 2, y=place.y / 2, side=place.side / 2), side)
    size = round(2 * reach * scale)
    shift = np.array([[scale, 0, scale * (reach - place.x)], [0, scale, scale * (reach - place.y)]])
    return cv2.warpAffine(luma, shift, (size, size), borderMode=cv2.BORDER_REPLICATE)


def _plausible(warp: NDArray[Any]) -> bool:
    large, small = np.linalg.svd(warp[:, :2], compute_uv=False)
    return bool(small >= _SQUEEZE * large and 1 / _AREA <= small * large <= _AREA)
