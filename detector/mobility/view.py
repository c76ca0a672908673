"""A picture as ego-motion is read from it: small, without its light, block by block."""

from typing import Final, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Image

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
        pose: the similarity, 3 x 3, that brings the first view of its chain onto this one, pixels.
        chain: counts the times that the camera's steps could not be followed; poses compare within one chain only.
    """

    __slots__ = ("chain", "detail", "energy", "grey", "pose", "time")
    detail: Floats
    energy: Floats
    pose: Matrix

    def __init__(self, luma: Image, time: float) -> None:
        self.time = time
        self.grey = _reduced(luma)
        light = self.grey.astype(np.float32)
        self.detail = cast(Floats, light - cv2.boxFilter(light, -1, (_LIGHT, _LIGHT)))
        self.energy = block_sums(self.detail * self.detail, 1)[0]
        self.pose = np.eye(3)
        self.chain = 0

    def warped_onto(self, other: "View") -> "View":
        """This view as it would look from where the camera is in `other`, by the camera's steps between them."""
        warped = View.__new__(View)
        step = other.pose @ np.linalg.inv(self.pose)
        height, width = self.detail.shape
        warped.detail = cast(Floats, cv2.warpAffine(self.detail, step[:2], (width, height), flags=cv2.INTER_LINEAR))
        warped.energy = block_sums(warped.detail * warped.detail, 1)[0]
        warped.time, warped.grey, warped.pose, warped.chain = self.time, self.grey, other.pose, self.chain
        return warped


def block_sums(stacked: Floats, planes: int) -> Floats:
    """Sums over blocks of `planes` pictures stacked on top of each other: shape (planes, h / BLOCK, w / BLOCK)."""
    height, width = stacked.shape[0] // BLOCK, stacked.shape[1] // BLOCK
    means = cast(Floats, cv2.resize(stacked, (width, height), interpolation=cv2.INTER_AREA))
    return means.reshape(planes, height // planes, width) * np.float32(BLOCK * BLOCK)


def _reduced(luma: Image) -> Image:
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
