"""A picture as ego-motion is read from it: small, without its light, block by block."""

from collections.abc import Sequence
from typing import Final, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Image
from .similarity import Complexes, Similarity, since

Floats: TypeAlias = NDArray[np.float32]
Matrix: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

# Pixels of the longest side: averaging to this width lowers the noise of codecs, and costs a quarter of 320.
SIDE: Final = 160
# Pixels of a block's side: 20 x 11 blocks at 16:9, enough pixels each for a sub-pixel shift.
BLOCK: Final = 8
# Pixels of the box whose mean is taken away: changes of light go, structure stays.
_LIGHT: Final = 9


class View:
    """One picture, kept for comparison with later ones.

    Attributes:
        time: media time, seconds.
        grey: brightness, shape (h, w), uint8, both multiples of `BLOCK`.
        detail: brightness less its local mean, shape (h, w), float32, grey levels.
        energy: sum of squared detail by block, shape (h / BLOCK, w / BLOCK), float32.
        pose: what brings the first view of its chain onto this one, pixels.
        chain: counts the times that the camera's steps could not be followed; poses compare within one chain only.
    """

    __slots__ = ("chain", "detail", "energy", "grey", "pose", "time")
    detail: Floats
    energy: Floats
    pose: Similarity

    def __init__(self, luma: Image, time: float) -> None:
        self._keep(reduced(luma), time, Similarity(), 0)
        self._measure(_without_light(self.grey))

    @classmethod
    def of(cls, detail: Floats, like: "View") -> "View":
        """A view of this detail, from where the camera was in `like`."""
        view = cls.__new__(cls)
        view._keep(like.grey, like.time, like.pose, like.chain)
        view._measure(detail)
        return view

    def _keep(self, grey: Image, time: float, pose: Similarity, chain: int) -> None:
        self.grey, self.time, self.pose, self.chain = grey, time, pose, chain

    def _measure(self, detail: Floats) -> None:
        self.detail = detail
        self.energy = block_sums(detail * detail, 1)[0]

    def since(self, past: Sequence["View"]) -> tuple[Complexes, Complexes]:
        """How the camera turned since each of these views, and how far its picture's middle moved, pixels."""
        turns, shifts = since(self.pose, [view.pose for view in past])
        height, width = self.grey.shape
        middle = complex(width, height) / 2
        return turns, turns * middle + shifts - middle

    def without_detail(self) -> "View":
        """The same for keeping, at a fifth of the memory; only `with_detail` of it can be compared."""
        view = View.__new__(View)
        view._keep(self.grey, self.time, self.pose, self.chain)
        return view

    def with_detail(self) -> "View":
        """What `without_detail` was made from."""
        return View.of(_without_light(self.grey), self)

    def warped_onto(self, other: "View") -> "View":
        """This view as it would look from where the camera is in `other`, by the camera's steps between them."""
        turns, shifts = since(other.pose, [self.pose])
        height, width = self.detail.shape
        step = Similarity(turns[0], shifts[0]).matrix()
        warped = cv2.warpAffine(self.detail, step, (width, height), flags=cv2.INTER_LINEAR)
        return View.of(cast(Floats, warped), other)


def _without_light(grey: Image) -> Floats:
    light = grey.astype(np.float32)
    return cast(Floats, light - cv2.boxFilter(light, -1, (_LIGHT, _LIGHT)))


def median(values: Matrix | Floats) -> Matrix:
    """Along the first axis; numpy's own takes ten times as long for so few."""
    ordered, middle = np.sort(values, axis=0), len(values) // 2
    return ordered[middle] if len(values) % 2 else cast(Matrix, (ordered[middle - 1] + ordered[middle]) / 2)


def block_sums(stacked: Floats, planes: int) -> Floats:
    """Sums over blocks of `planes` pictures stacked on top of each other: shape (planes, h / BLOCK, w / BLOCK)."""
    height, width = stacked.shape[0] // BLOCK, stacked.shape[1] // BLOCK
    means = stacked
    for _ in range(3):
        means = cast(
            Floats, cv2.resize(means, (means.shape[1] // 2, means.shape[0] // 2), interpolation=cv2.INTER_AREA)
        )
    return means.reshape(planes, height // planes, width) * np.float32(BLOCK * BLOCK)


def reduced(luma: Image) -> Image:
    """Averaged to `SIDE` pixels on the longest side, multiples of `BLOCK` both ways."""
    height, width = luma.shape
    if (
        max(height, width) == 2 * SIDE and min(height, width) >= 4 * BLOCK
    ):  # the one factor that OpenCV averages by quickly
        luma = luma[: height // 2 * 2, : width // 2 * 2]
        size = luma.shape[1] // 2, luma.shape[0] // 2
    else:
        scale = SIDE / max(height, width)
        size = max(2 * BLOCK, round(width * scale)), max(2 * BLOCK, round(height * scale))
    small = cast(Image, cv2.resize(luma, size, interpolation=cv2.INTER_AREA))
    return np.ascontiguousarray(small[: size[1] // BLOCK * BLOCK, : size[0] // BLOCK * BLOCK])
