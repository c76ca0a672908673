"""Whether a camera that stood still stands, by two pictures a second or more apart: too few to measure its motion."""

from math import isnan, nan
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
# The share of the textured blocks that stand, below which the camera may have moved, and below which it has, where that
# lasts: people and cars pass before one that has not, and are gone again within a few seconds. Of pictures two seconds
# apart of cameras that stand, behind people, hardly any share is below the second; of those that move hardly any above.
# Shares of few blocks say nothing.
_SHARE: Final = 0.6
_MOVED: Final = 0.4
_FEWEST: Final = 8
_PASSES_S: Final = 2.0


class Stirring:
    """Compares pictures with the last one in which all stood."""

    def __init__(self) -> None:
        self._stood: Image | None = None
        self._since: float | None = None

    def glance(self, thumbnail: Image, time: float) -> bool:
        """Whether the camera may have moved before this picture, (h, w), uint8; True where that cannot be told."""
        stands = self._stood is None or _share(self._stood, thumbnail) >= _SHARE
        if stands:
            self._stood, self._since = thumbnail, None
        elif self._since is None:
            self._since = time
        return not stands

    def moved(self, thumbnail: Image, time: float) -> bool:
        """Take in a picture that follows closely on the last; whether what a glance had shown has lasted."""
        lasted = False
        if self._stood is not None and self._since is not None:
            share = _share(self._stood, thumbnail)
            if share < _MOVED and time - self._since < _PASSES_S:
                return False
            lasted = share < _MOVED and not isnan(share)
        self._stood, self._since = thumbnail, None
        return lasted


def _share(before: Image, after: Image) -> float:
    """The share of the textured blocks that stand; nan where too few can tell, and 0 between pictures of two sizes."""
    if before.shape != after.shape:
        return 0.0
    (old, spread_before), (new, spread) = _blocks(before), _blocks(after)
    textured = np.maximum(spread_before, spread) > _TEXTURED
    if int(textured.sum()) < _FEWEST:
        return nan
    stands = np.abs(new - old).mean(axis=(1, 3)) <= _STANDS * np.minimum(spread_before, spread)
    return float(stands[textured].mean())


def _blocks(thumbnail: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The picture without the mean of each block, shape (rows, 16, columns, 16), and how much each block varies."""
    height, width = (side // _BLOCK * _BLOCK for side in thumbnail.shape)
    smooth = cast(Image, cv2.GaussianBlur(thumbnail, (3, 3), 0))[:height, :width].astype(np.float32)
    parts = smooth.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    parts = parts - parts.mean(axis=(1, 3), keepdims=True)
    return parts, np.abs(parts).mean(axis=(1, 3))
