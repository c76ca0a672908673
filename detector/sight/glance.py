"""A glance at pictures that are passed over: whether they show what those do that are looked at."""

from collections import deque
from typing import Final

import cv2
import numpy as np

from ...streams.frame import Frame, Image
from ..pace import DrawnPace

# Seconds between two glances, pixels of the longest side that a picture is shrunk to, and every so many of them that
# are compared each way.
_PERIOD: Final = 0.3
_SIDE: Final = 320
_STEP: Final = 16
# Grey levels, on average, and times the most between the last looks, that a picture may differ by from the last look.
_LEAST, _TIMES = 6.0, 3.0
_LOOKS: Final = 10


class Glance:
    """Compares a few pixels; a scene that goes on changes less within a period of looking than between two looks.

    Args:
        seed: of the moments of the glances.
    """

    def __init__(self, seed: str) -> None:
        self._pace = DrawnPace(seed)
        self._pace.wary = True
        self._last: Image | None = None
        self._changes: deque[float] = deque(maxlen=_LOOKS - 1)

    def looked(self, thumbnail: Image) -> None:
        """Take in a picture that is looked at, shape (h, w), uint8, `_SIDE` pixels on its longest side."""
        last, now = self._last, _few(thumbnail)
        if last is not None and last.shape == now.shape:
            self._changes.append(_change(now, last))
        else:
            self._changes.clear()
        self._last = now

    def unlike(self, frame: Frame) -> bool:
        """Whether a picture that would be passed over, now that a glance is due, shows something else."""
        if not self._pace.has_come(frame.media_time, _PERIOD) or self._last is None or not self._changes:
            return False
        self._pace.step(frame.media_time, _PERIOD)
        now = _few(frame.thumbnail(_SIDE))
        return now.shape == self._last.shape and _change(now, self._last) > _LEAST + _TIMES * max(self._changes)


def _few(thumbnail: Image) -> Image:
    return np.ascontiguousarray(thumbnail[::_STEP, ::_STEP])


def _change(one: Image, other: Image) -> float:
    return cv2.norm(one, other, cv2.NORM_L1) / one.size
