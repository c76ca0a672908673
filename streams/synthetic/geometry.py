"""What a pinhole camera sees of a plane (Hartley & Zisserman, Multiple View Geometry, 2nd ed., section 8.1.1)."""

import math
from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..frame import Size
from .scenes import Pose, Vector

Floats: TypeAlias = NDArray[np.float64]
Box: TypeAlias = tuple[slice, slice]  # rows, columns

UNIT: Final = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])  # a patch's corners in texture coordinates
_NEAR: Final = 0.1  # metres; nothing closer is drawn
_SLABS: Final = (2.5, 8.0, 25.0)  # metres; a patch is cut at these depths, each piece has its own level of detail


def rotation(pose: Pose) -> Floats:
    """Camera axes in world axes, as columns: yaw about y, then pitch about x, then roll about z."""
    (cy, sy), (cp, sp), (cr, sr) = ((math.cos(a), math.sin(a)) for a in (pose.yaw, pose.pitch, pose.roll))
    yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    return yaw @ pitch @ np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])


def window(homography: Floats, box: Box) -> tuple[Floats, Size]:
    """A homography into a box of the picture, and the box's width and height."""
    rows, columns = box
    shifted = homography.copy()
    shifted[0] -= columns.start * homography[2]
    shifted[1] -= rows.start * homography[2]
    return shifted, (columns.stop - columns.start, rows.stop - rows.start)


def corners_of(origin: Vector, u: Vector, v: Vector) -> Floats:
    """The four corners of a patch in the world, metres, shape (4, 3)."""
    return np.array(origin) + UNIT @ np.array([u, v])


def clip(polygon: Floats, plane: Floats) -> Floats:
    """The part of a convex polygon on the inner side of a plane (Sutherland & Hodgman, CACM 17(1), 1974).

    Rows are (s, t, x, y, z): texture coordinates, in repeats, are linear in space and are cut along.
    """
    side = polygon[:, 2:] @ plane[:3] + plane[3]
    following = np.arange(1, len(polygon) + 1) % len(polygon)
    inside, after = side >= 0, side[following]
    crossing = inside != (after >= 0)
    share = np.divide(side, side - after, out=np.zeros_like(side), where=crossing)
    cut = polygon + share[:, None] * (polygon[following] - polygon)
    both = np.stack([polygon, cut], axis=1).reshape(-1, 5)
    return both[np.stack([inside, crossing], axis=1).ravel()]


def slabs(polygon: Floats) -> Iterator[Floats]:
    """A polygon, rows as for `clip`, cut where it reaches through several depths."""
    nearest, farthest = polygon[:, 4].min() * 1.5, polygon[:, 4].max() / 1.5
    for depth in _SLABS:
        if nearest < depth < farthest:
            yield clip(polygon, np.array([0.0, 0.0, -1.0, depth]))
            polygon = clip(polygon, np.array([0.0, 0.0, 1.0, -depth]))
    yield polygon


def plane(corners: Floats, repeats: tuple[float, float], size: Size, shift: Floats) -> Floats:
    """From texture samples to camera coordinates: the columns of the plane's homography before the camera's matrix."""
    u = (corners[1] - corners[0]) / (repeats[0] * size[0])
    v = (corners[3] - corners[0]) / (repeats[1] * size[1])
    columns = np.empty((3, 3))
    columns[:, 0], columns[:, 1] = u, v
    columns[:, 2] = corners[0] + (shift[0] * size[0] + 0.5) * u + (shift[1] * size[1] + 0.5) * v
    return columns


def frustum(size: Size, zoom: float) -> Floats:
    """Planes (normal, offset), one a row: inside is normal @ point + offset >= 0."""
    # Left, right, top, bottom, near.
    width, height = size
    f, cx, cy = zoom * width, width / 2, height / 2
    return np.array([[f, 0, cx, 0], [-f, 0, cx, 0], [0, f, cy, 0], [0, -f, cy, 0], [0, 0, 1, -_NEAR]])
