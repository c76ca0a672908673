"""A glance at pictures that are passed over: whether they show what those do that are looked at."""

from collections import deque
from itertools import pairwise
from typing import Final, cast

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
        self._looks: deque[Image] = deque(maxlen=_LOOKS)

    def looked(self, thumbnail: Image) -> None:
        """Take in a picture that is looked at, shape (h, w), uint8, `_SIDE` pixels on its longest side."""
        self._looks.append(thumbnail[::_STEP, ::_STEP].copy())

    def unlike(self, frame: Frame) -> bool:
        """Whether a picture that would be passed over, now that a glance is due, shows something else."""
        if not self._pace.has_come(frame.media_time, _PERIOD) or len(self._looks) < 2:
            return False
        self._pace.step(frame.media_time, _PERIOD)
        now = frame.thumbnail(_SIDE)[::_STEP, ::_STEP]
        if any(look.shape != now.shape for look in self._looks):
            return False
        usual = max(_change(after, before) for before, after in pairwise(self._looks))
        return _change(now, self._looks[-1]) > _LEAST + _TIMES * usual


def _change(one: Image, other: Image) -> float:
    return float(cast(np.ndarray, cv2.absdiff(one, other)).mean())
