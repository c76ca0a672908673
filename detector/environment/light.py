"""How light changes from picture to picture: its level, its direction, and how it creeps.

A gain is a shift of the logarithm of brightness; its change from one half of the picture to the other is the direction
of light turning, as clouds and doors turn it.
"""

from collections import deque
from typing import Final, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

# Seconds between two pictures by which light is found to creep, for how long that adds up, and the most that is no
# switch: what is faster is told by the four seconds.
_PACE: Final = 4.0
_CREPT: Final = 60.0
_CREEPS: Final = 0.15
# Grey levels: a pixel at 80 px, the mean of many, changes less by noise alone; and what is added before logarithms.
NOISE: Final = 10.0
BLACK: Final = 8.0
# The share of the picture beyond which what changed is the scene and not its light.
_UNEXPLAINED: Final = 0.3


class Turn(NamedTuple):
    """A change of light, logarithms: of the whole, and of one half of the picture against the other."""

    level: float
    across: float
    down: float

    @property
    def size(self) -> tuple[float, float]:
        """How much, of level and of direction; never below 0."""
        return abs(self.level), float(np.hypot(self.across, self.down))


class Creep:
    """Light that changes slowly, added up over a minute; what changes fast, or with the scene, is left out.

    Attributes:
        total: the logarithm of the change of level or of direction, the larger; None until it can be told.
    """

    def __init__(self) -> None:
        self.total: float | None = None
        self._from: tuple[float, Floats] | None = None
        self._past: deque[tuple[float, Turn]] = deque()

    def update(self, view: Floats, time: float) -> None:
        """Take in a picture at 80 px, and its time in seconds."""
        if self._from is not None and time - self._from[0] < _PACE:
            return
        turn = None if self._from is None else turned(view, self._from[1])
        self._from = time, view
        while self._past and time - self._past[0][0] > _CREPT:
            self._past.popleft()
        if turn is not None and max(turn.size) <= _CREEPS:
            self._past.append((time, turn))
        turns = np.array([turn for _, turn in self._past])
        self.total = max(Turn(*turns.sum(axis=0).tolist()).size) if self._past else None


def ratio(new: Floats, old: Floats) -> Floats:
    """The logarithm of the change of brightness."""
    return cast(Floats, np.log((new + BLACK) / (old + BLACK)))


def median(values: Floats) -> float:
    """Of every fourth, the upper of two: numpy's own, of them all, costs more than all the rest here."""
    some = values[::2, ::2].ravel()
    return float(np.partition(some, some.size // 2)[some.size // 2])


def change_of(new: Floats, old: Floats, light: Floats | float) -> Floats:
    """What changed besides the light, which did by that logarithm; grey levels."""
    return cast(Floats, np.abs(new + BLACK - np.exp(light) * (old + BLACK)))


def furthest(new: Floats, olds: list[Floats]) -> tuple[float, float] | None:
    """How far level and direction of light are from what they were, at most; None where the scene itself changed."""
    turns = [turn.size for old in (olds[0], olds[len(olds) // 2]) if (turn := turned(new, old)) is not None]
    return (max(level for level, _ in turns), max(way for _, way in turns)) if turns else None


def turned(new: Floats, old: Floats) -> Turn | None:
    """A level and a slope of the logarithm, from medians of the whole and of halves, where these explain the change."""
    change = ratio(new, old)
    height, width = change.shape
    level = median(change)
    across = median(change[:, width // 2 :]) - median(change[:, : width // 2])
    down = median(change[height // 2 :]) - median(change[: height // 2])
    slopes = np.linspace(-down, down, height)[:, None] + np.linspace(-across, across, width)
    if (change_of(new, old, level + slopes.astype(np.float32)) > NOISE).mean() > _UNEXPLAINED:
        return None
    return Turn(level, across, down)
