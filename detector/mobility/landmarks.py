"""Views of the last half minute, to tell a view that comes back.

A camera that turns about its own place comes back to a view exactly: what it has turned since then explains all that
is in it (R. Hartley and A. Zisserman, Multiple View Geometry, 2nd ed., section 8.4). One that is carried has moved
meanwhile, and near things stand differently before far ones.
"""

from collections import deque
from typing import Final

import numpy as np

from .view import View

# Seconds between landmarks, how many are kept, and how old one has to be.
_STEP: Final = 1.0
_KEPT: Final = 32
_OLD: Final = 3.0
# Pixels of 160: so near is a view that came back, so far it has been away in between.
_BACK: Final = 16.0
_AWAY: Final = 30.0


class Landmarks:
    """Small pictures with the pose that they were taken from: half a megabyte."""

    def __init__(self) -> None:
        self._kept: deque[View] = deque(maxlen=_KEPT)

    def add(self, view: View) -> None:
        """Remember the view, if the last one is old enough."""
        if not self._kept or view.time - self._kept[-1].time >= _STEP:
            self._kept.append(view.without_detail())

    def revisited(self, now: View) -> View | None:
        """The old view nearest to this one that the camera has left since, as it would look from here."""
        past = [view for view in self._kept if view.chain == now.chain]
        if not past:
            return None
        away = np.abs(now.since(past)[1])
        between = np.maximum.accumulate(away[::-1])[::-1]
        old = np.array([now.time - view.time for view in past]) >= _OLD
        back = np.where(old & (between > away + _AWAY), away, np.inf)
        nearest = int(np.argmin(back))
        return past[nearest].with_detail().warped_onto(now) if back[nearest] < _BACK else None
