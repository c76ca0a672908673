"""Views averaged over time: what moves blurs away, what stands comes out, below the noise of a single picture."""

from collections import deque
from typing import Final, cast

import numpy as np

from .view import Floats, View

# Averages that are kept: one of each half second.
_KEPT: Final = 4


class Averages:
    """One averaged view for each half second, compared a second with the second before it where there is that much."""

    def __init__(self) -> None:
        self._sum: Floats | None = None
        self._energy = 0.0
        self._count = 0
        self._past: deque[tuple[Floats, int]] = deque(maxlen=_KEPT)
        self.kept = 1.0

    def add(self, view: View) -> None:
        """Take in a view."""
        self._last = view
        if self._sum is None:
            self._sum, self._energy = view.detail.copy(), 0.0
        else:
            self._sum += view.detail
        self._energy += float(view.energy.sum())
        self._count += 1

    def close(self) -> tuple[View, View] | None:
        """End the half second; its average, and the one to compare it with."""
        assert self._sum is not None
        self.kept = float((self._sum * self._sum).sum()) / self._count / max(self._energy, 1.0)
        self._past.append((self._sum, self._count))
        self._sum, self._count = None, 0
        half = len(self._past) // 2
        if not half:
            return None
        past = list(self._past)
        return self._mean(past[-half:]), self._mean(past[-2 * half : -half])

    def noise(self, single: float) -> float:
        return max(single / 2, 1.5)

    def _mean(self, parts: list[tuple[Floats, int]]) -> View:
        like = self._last
        total = sum(count for _, count in parts)
        return View.of(cast(Floats, np.sum([one for one, _ in parts], axis=0) / np.float32(total)), like)
