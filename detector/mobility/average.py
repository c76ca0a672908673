"""Views averaged over time: what moves blurs away, what stands comes out, also below the noise of one picture.

The mean of many pictures is the oldest model of a background (M. Piccardi, Background Subtraction Techniques: A Review,
2004). Two means from times that do not overlap agree to a tenth of a pixel where the camera stands, and where it swings
about one place, as on a pole; where it is carried they do not.
"""

from collections import deque
from typing import Final, cast

import numpy as np

from .view import Floats, View

# Sums that are kept, of half a second each: two for now, two for before.
_KEPT: Final = 4
# What averaging leaves of the noise, in energy: codecs repeat theirs, so it is not one by the number of pictures.
_LEFT: Final = 0.5


class Averages:
    """Sums of views, and the latest mean beside the one before it: a second each, half a second at the beginning."""

    def __init__(self) -> None:
        self._sum: Floats | None = None
        self._count = 0
        self._past: deque[tuple[Floats, int]] = deque(maxlen=_KEPT)

    def add(self, view: View) -> None:
        """Take in a view."""
        self._sum = view.detail.copy() if self._sum is None else np.add(self._sum, view.detail, out=self._sum)
        self._count += 1

    def close(self, view: View) -> tuple[View, View] | None:
        """End the sum, whose last is `view`: the mean now and the one before, where there are two."""
        self._past.append((cast(Floats, self._sum), self._count))
        self._sum, self._count = None, 0
        half, past = len(self._past) // 2, list(self._past)
        return (_mean(past[-half:], view), _mean(past[-2 * half : -half], view)) if half else None


def noise_left(single: float) -> float:
    """The noise of a mean, grey levels^2, by that of one picture."""
    return single * _LEFT


def _mean(parts: list[tuple[Floats, int]], like: View) -> View:
    total = np.add.reduce([one for one, _ in parts]) / np.float32(sum(count for _, count in parts))
    return View.of(cast(Floats, total), like)
