"""Whether a camera that stood still stands, by two pictures a second or more apart: too few to measure its motion."""

from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Image

# Pixels of a block's side, and grey levels by which a block has to vary for its place to be told.
_BLOCK: Final = 16
_TEXTURED: Final = 6.0
# The change of a block, against how much it varies, up to which it stands where it stood.
_STANDS: Final = 0.5
# The share of the textured blocks that stand, below which the camera may have moved. People and cars pass before one
# that has not; shares of few blocks say nothing.
_SHARE: Final = 0.6
_FEWEST: Final = 8

_Plane = NDArray[np.float32]


class Stirring:
    """Compares each picture with the one before it."""

    def __init__(self) -> None:
        self._last: tuple[_Plane, _Plane] | None = None

    def update(self, thumbnail: Image) -> bool:
        """Whether the camera may have moved since the last picture, (h, w), uint8; True where that cannot be told."""
        last, now = self._last, _blocks(thumbnail)
        self._last = now
        if last is None:
            return False
        (before, spread_before), (after, spread) = last, now
        if before.shape != after.shape:
            return True
        least = np.minimum(spread_before, spread)
        textured = np.maximum(spread_before, spread) > _TEXTURED
        change = np.abs(after - before).mean(axis=(1, 3))
        stands = change <= _STANDS * least
        count = int(textured.sum())
        return count < _FEWEST or float(stands[textured].mean()) < _SHARE

    def forget(self) -> None:
        """The next picture is compared with none."""
        self._last = None


def _blocks(thumbnail: Image) -> tuple[_Plane, _Plane]:
    """The picture without the mean of each block, shape (rows, 16, columns, 16), and how much each block varies."""
    height, width = (side // _BLOCK * _BLOCK for side in thumbnail.shape)
    smooth = cast(Image, cv2.GaussianBlur(thumbnail, (3, 3), 0))[:height, :width].astype(np.float32)
    parts = smooth.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    parts = parts - parts.mean(axis=(1, 3), keepdims=True)
    return parts, np.abs(parts).mean(axis=(1, 3))
