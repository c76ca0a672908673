"""Cuts: where the next picture does not continue the last one."""

from collections import deque
from typing import Final, cast

import cv2
import numpy as np

from ...streams.frame import Image
from .view import Floats

_USUAL: Final = 3.0
_UNKNOWN: Final = 12.0


class CutFinder:
    """A cut changes the coarse picture far more than the pictures before it did.

    Attributes:
        change: by how much the last picture changed it, grey levels.
    """

    def __init__(self) -> None:
        self.change = 0.0
        self._last: Floats | None = None
        self._shape: tuple[int, ...] = ()
        self._changes: deque[float] = deque(maxlen=9)

    def update(self, luma: Image) -> bool:
        """Whether this picture, shape (h, w), uint8, begins something new; another size always does."""
        coarse = cast(Floats, cv2.resize(luma[::4, ::4], (16, 12), interpolation=cv2.INTER_AREA).astype(np.float32))
        coarse -= cv2.mean(coarse)[0]
        last, self._last = self._last, coarse
        resized, self._shape = self._shape not in ((), luma.shape), luma.shape
        self.change = change = 0.0 if last is None else cv2.norm(coarse, last, cv2.NORM_L1) / coarse.size
        usual = max(sorted(self._changes)[len(self._changes) // 2], _USUAL) if len(self._changes) >= 3 else _UNKNOWN
        self._changes.append(change)
        return resized or (change > 22 and change > 5 * usual)
