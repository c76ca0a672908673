"""Whether a face is in a frame: straight edges close round it, as those of a screen, a photograph or a shelf do."""

import math
from typing import Final, NamedTuple, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Image
from .faces import Face

Floats: TypeAlias = NDArray[np.floating]
Box: TypeAlias = tuple[float, float, float, float]

# Degrees: a rectangle that is turned by less is still found upright.
_LEVEL: Final = 3.0

# Pixels to which a face's width is brought, and how far from its box a side may lie, in its widths and heights.
_WIDTH: Final = 20.0
_ASIDE, _ABOVE, _BELOW = 2.2, 1.6, 2.2
# Grey levels a pixel: an edge. It may wander by a pixel to either side.
_EDGE: Final = 5.0
# The share of a side beside the face that has to be an edge for it to be followed further, and how many are.
_FOLLOWED: Final = 0.8
_MOST: Final = 16


class _Edges(NamedTuple):
    """How many pixels of an edge along each column (row) lie above (left of) each place: sums, and the face's box."""

    down: Floats
    across: Floats
    box: tuple[int, int, int, int]


def framed(thumbnail: Image, face: Face) -> float:
    """The share of the least side of the best rectangle round a face that is an edge, 0..1.

    The rectangle stands upright, or is turned as the face is: who looks out of a screen turns with it.

    Args:
        thumbnail: luma, shape (h, w), uint8.
        face: in it.
    """
    upright, slant = _framed(thumbnail, face.box), _slant(face)
    return upright if abs(slant) < _LEVEL else max(upright, _framed(_levelled(thumbnail, face.box, slant), face.box))


def _slant(face: Face) -> float:
    """Degrees by which the line of the eyes falls to the right."""
    across, down = (face.landmarks[1] - face.landmarks[0]).tolist()
    return math.degrees(math.atan2(down, across)) if across > 0 else 0.0


def _levelled(luma: Image, box: Box, slant: float) -> Image:
    """The picture turned about a face's middle."""
    x, y, width, height = box
    turn = cv2.getRotationMatrix2D((x + width / 2, y + height / 2), slant, 1.0)
    return cast(Image, cv2.warpAffine(luma, turn, luma.shape[::-1], borderMode=cv2.BORDER_REPLICATE))


def _framed(luma: Image, box: Box) -> float:
    edges = _edges(luma, box)
    if edges is None:
        return 0.0
    left, top, right, bottom = edges.box
    columns, rows = _along(edges.down, top, bottom), _along(edges.across.T, left, right)
    sides = _best(columns[:left], 0), _best(columns[right:], right), _best(rows[:top], 0), _best(rows[bottom:], bottom)
    return _closed(edges, sides) if all(map(len, sides)) else 0.0


def _edges(thumbnail: Image, box: Box) -> _Edges | None:
    x, y, width, height = box
    left, right = max(0, int(x - _ASIDE * width)), min(thumbnail.shape[1], int(x + (1 + _ASIDE) * width))
    top, bottom = max(0, int(y - _ABOVE * height)), min(thumbnail.shape[0], int(y + (1 + _BELOW) * height))
    part, scale = thumbnail[top:bottom, left:right], _WIDTH / width
    if min(part.shape) * scale < _WIDTH / 2:
        return None
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=method)
    along, upright = (np.abs(cv2.Sobel(small, cv2.CV_32F, *way, scale=0.25)) for way in ((1, 0), (0, 1)))
    columns = _thick((along > _EDGE) & (along > upright), (1, 3)).cumsum(axis=0)
    rows = _thick((upright > _EDGE) & (upright > along), (3, 1)).cumsum(axis=1)
    corner = np.array([x - left, y - top]) * scale
    low = np.clip(corner.astype(int), 0, None)
    high = np.minimum((corner + np.array([width, height]) * scale).astype(int), small.shape[::-1])
    if (high - low < _WIDTH / 4).any():
        return None
    sums = np.pad(columns, ((1, 0), (0, 0))), np.pad(rows, ((0, 0), (1, 0)))
    return _Edges(*sums, (int(low[0]), int(low[1]), int(high[0]), int(high[1])))


def _thick(edge: NDArray[np.bool_], by: tuple[int, int]) -> Floats:
    return cast(Floats, cv2.dilate(edge.astype(np.uint8), np.ones(by, np.uint8)).astype(np.float32))


def _along(sums: Floats, start: int, end: int) -> Floats:
    """The share of each column between two rows that is an edge."""
    return (sums[end] - sums[start]) / (end - start)


def _best(shares: Floats, first: int) -> NDArray[np.int_]:
    """The places with the most edge, where that is enough."""
    order = np.argsort(-shares, kind="stable")[:_MOST]
    return order[shares[order] >= _FOLLOWED] + first


def _closed(edges: _Edges, sides: tuple[NDArray[np.int_], ...]) -> float:
    lefts, rights, tops, bottoms = np.ix_(*sides)
    high, wide = bottoms - tops, rights - lefts
    shares = (
        (edges.down[bottoms, lefts] - edges.down[tops, lefts]) / high,
        (edges.down[bottoms, rights] - edges.down[tops, rights]) / high,
        (edges.across[tops, rights] - edges.across[tops, lefts]) / wide,
        (edges.across[bottoms, rights] - edges.across[bottoms, lefts]) / wide,
    )
    least = np.minimum.reduce(
        [np.broadcast_to(share, np.broadcast_shapes(*(s.shape for s in shares))) for share in shares]
    )
    return float(least.max())
