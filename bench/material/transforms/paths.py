"""How a camera moved: measured on a real clip, to be laid over another or taken away."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ....streams.frame import Image

Numbers: TypeAlias = NDArray[np.float64]
Points: TypeAlias = NDArray[np.float32]

_CORNERS = 200
_SIDE = 320  # pixels of the longest side that corners are followed on
_SMOOTHINGS = (8.0, 4.0, 2.0, 1.0, 0.5)  # seconds


class Path(NamedTuple):
    """Similarities since the first picture: the picture's content, not the camera.

    Attributes:
        times: seconds since the first, rising, shape (n,).
        poses: shape (n, 4): how far the middle went right and down, in picture widths; turn, radians; log of the zoom.
    """

    times: Numbers
    poses: Numbers

    def at(self, time: float) -> Numbers:
        """The pose at a time, shape (4,); after the end it runs backwards, and so on."""
        length = float(self.times[-1])
        within = time % (2 * length) if length else 0.0
        within = min(within, 2 * length - within)
        return np.array([float(np.interp(within, self.times, self.poses[:, axis])) for axis in range(4)])

    def smoothed(self, seconds: float) -> Self:
        """The same without what is quicker than a Gaussian of this standard deviation."""
        apart = (self.times[:, None] - self.times[None, :]) / seconds
        weights = np.exp(-0.5 * apart * apart)
        return self._replace(poses=weights @ self.poses / weights.sum(axis=1, keepdims=True))

    def within(self, reach: float) -> Self:
        """The same without its slow part, as far as needed to stay within `reach` picture widths; else scaled."""
        least = self._replace(poses=self.poses - self.poses.mean(axis=0))
        for seconds in _SMOOTHINGS:
            if least.extent <= reach:
                return least
            least = self._replace(poses=self.poses - self.smoothed(seconds).poses)
        return least._replace(poses=least.poses * min(1.0, reach / max(least.extent, 1e-9)))

    @property
    def extent(self) -> float:
        """The furthest from the start on either axis, picture widths."""
        return float(np.abs(self.poses[:, :2]).max())


def follow(pictures: Iterable[tuple[float, Image]]) -> Path | None:
    """How a camera moved, by corners and their flow; None where there are not two pictures.

    Corners by Shi & Tomasi (CVPR 1994), followed by the pyramidal method of Lucas and Kanade (Bouguet, 2000); a step is
    the similarity that most of them agree on (RANSAC), and none where they cannot be followed.
    """
    times: list[float] = []
    poses: list[Numbers] = []
    whole = np.eye(3)
    for time, step, shape in _steps(pictures):
        whole = step @ whole
        times.append(time)
        poses.append(_pose(whole, shape))
    if len(times) < 2:
        return None
    return Path(np.array(times) - times[0], np.array(poses))


def _steps(pictures: Iterable[tuple[float, Image]]) -> Iterator[tuple[float, Numbers, tuple[int, int]]]:
    last: Image | None = None
    for time, picture in pictures:
        small = _small(picture)
        yield time, np.eye(3) if last is None else _step(last, small), (small.shape[0], small.shape[1])
        last = small


def _small(picture: Image) -> Image:
    scale = _SIDE / max(picture.shape)
    size = max(16, round(picture.shape[1] * scale)), max(16, round(picture.shape[0] * scale))
    return cast(Image, cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _step(last: Image, now: Image) -> Numbers:
    """What brings the last picture onto this one, shape (3, 3)."""
    step = np.eye(3)
    corners = cast("Points | None", cv2.goodFeaturesToTrack(last, _CORNERS, 0.01, 6))
    if corners is None or len(corners) < 8:
        return step
    moved, found, _ = cv2.calcOpticalFlowPyrLK(last, now, corners, np.empty_like(corners), winSize=(15, 15))
    good = np.asarray(found).ravel() > 0
    if good.sum() < 8:
        return step
    matrix = cast(
        "Numbers | None",
        cv2.estimateAffinePartial2D(corners[good], np.asarray(moved)[good], ransacReprojThreshold=1)[0],
    )
    if matrix is not None:
        step[:2] = matrix
    return step


def _pose(whole: Numbers, shape: tuple[int, int]) -> Numbers:
    height, width = shape
    middle = np.array([width / 2, height / 2, 1.0])
    right, down = (whole @ middle - middle)[:2] / width
    turn, zoom = np.arctan2(whole[1, 0], whole[0, 0]), np.log(max(1e-3, np.hypot(whole[0, 0], whole[1, 0])))
    return np.array([right, down, turn, zoom])
