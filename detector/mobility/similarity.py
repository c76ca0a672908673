"""Similarities of the plane as two complex numbers, a point (x, y) being x + iy: turning and scale are one factor."""

from collections.abc import Sequence
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Complexes: TypeAlias = NDArray[np.complex128]


class Similarity(NamedTuple):
    """Takes a point z, pixels, to turn * z + shift. `turn` is not 0: its size is the scale, its angle the roll."""

    turn: complex = 1 + 0j
    shift: complex = 0j

    def after(self, first: "Similarity") -> "Similarity":
        """This one of what `first` gives."""
        return Similarity(self.turn * first.turn, self.turn * first.shift + self.shift)

    def matrix(self) -> NDArray[np.float64]:
        """The same as OpenCV takes it, shape (2, 3)."""
        (a, b), (x, y) = ((number.real, number.imag) for number in self)
        return np.array(((a, -b, x), (b, a, y)))

    @classmethod
    def fitted(cls, before: Complexes, after: Complexes) -> Self:
        """The one that brings points nearest to others, both of shape (n,), not all in one place: least squares."""
        middle, goal = complex(before.mean()), complex(after.mean())
        off = before - middle
        turn = complex(np.vdot(off, after - goal)) / complex(np.vdot(off, off))
        return cls(turn, goal - turn * middle)


def complexes(points: NDArray[np.float32]) -> Complexes:
    """Points of shape (n, 2) as complex numbers, shape (n,)."""
    return points.astype(np.float64).view(np.complex128)[:, 0]


def since(now: Similarity, past: Sequence[Similarity]) -> tuple[Complexes, Complexes]:
    """What leads from each of the past poses to the one now: turns and shifts, each of shape (n,)."""
    turns, shifts = np.array(past).T
    turns = now.turn / turns
    return turns, now.shift - turns * shifts
