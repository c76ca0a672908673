"""What a scene shows without faces: what moves in it, and how steady its light is.

Pictures are compared at 80 px with the change of light divided out, so that a lamp that is dimmed moves nothing. A
gain is a shift of the logarithm of brightness; its change from one half of the picture to the other is the direction
of light turning, as clouds and doors turn it. Sky is not looked for: without colour a lit wall is one as well.
"""

from collections import deque
from typing import Final, NamedTuple, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Image

Floats: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]
Box: TypeAlias = tuple[float, float, float, float]

SIDE: Final = 80
# Seconds: what moves is told by the picture of half a second ago, light by one of up to four.
_STEP: Final = 0.45
_KEPT: Final = 4.2
_FLICKER: Final = 2.0
# Grey levels: a pixel at 80 px, the mean of many, changes less by noise alone; and what is added before logarithms.
_NOISE: Final = 10.0
_BLACK: Final = 8.0
# The share of the picture beyond which what changed is the scene and not its light.
_UNEXPLAINED: Final = 0.3
# The share of the picture that a thing has to cover to be a mover of its own.
_MOVER: Final = 0.003
# The share of the picture that has to lie beside the persons, for anything to be told of it.
_ENOUGH: Final = 0.1
# Seconds over which the share that moves is averaged: an arm is no crowd.
_SMOOTH: Final = 0.5


class Scene(NamedTuple):
    """One picture's scene; None where it cannot be told yet.

    Attributes:
        moving: share of the picture that changed within half a second, 0..1.
        background: the same beside the persons in it, averaged over half a second.
        movers: how many things move apart from each other beside the persons.
        light_level, light_direction: natural logarithms of the change of brightness within up to four seconds, of the
            whole and of one half against the other; never below 0.
        flicker: half the mean second difference of the logarithm of brightness, over two seconds.
        brightness: mean luma, 0..255.
    """

    brightness: float
    moving: float | None = None
    background: float | None = None
    movers: int | None = None
    light_level: float | None = None
    light_direction: float | None = None
    flicker: float | None = None


class SceneMeter:
    """Takes the pictures of one camera in order; memory is constant, below 200 kB."""

    def __init__(self) -> None:
        self._views: deque[tuple[float, Floats]] = deque()
        self._levels: deque[tuple[float, float]] = deque()
        self._background: float | None = None
        self._light: tuple[float, float] | None = None
        self._last = 0.0

    def update(self, thumbnail: Image, time: float, persons: list[Box]) -> Scene:
        """Measure a picture: luma, shape (h, w), uint8; its time, seconds; boxes of persons in it, pixels."""
        view = _reduced(thumbnail)
        if self._views and self._views[-1][1].shape != view.shape:
            self._views.clear()
        moving = background = movers = None
        if (before := self._before(time)) is not None:
            moved = _moved(view, before, _median(_ratio(view, before)))
            aside = ~_covered(view.shape, persons, SIDE / max(thumbnail.shape))
            moving = float(moved.mean())
            if np.count_nonzero(aside) >= _ENOUGH * aside.size:
                background, movers = self._smooth(_share(moved, aside), time), _count(moved & aside)
        self._keep(view, time)
        self._last = time
        level, direction = self._light or (None, None)
        return Scene(float(view.mean()), moving, background, movers, level, direction, self._flicker(view, time))

    def _before(self, time: float) -> Floats | None:
        return next((view for at, view in reversed(self._views) if time - at >= _STEP), None)

    def _smooth(self, share: float, time: float) -> float:
        last, part = self._background, min(1.0, (time - self._last) / _SMOOTH)
        self._background = share if last is None else last + part * (share - last)
        return self._background

    def _keep(self, view: Floats, time: float) -> None:
        if self._views and time - self._views[-1][0] < _STEP:
            return
        while self._views and time - self._views[0][0] > _KEPT:
            self._views.popleft()
        self._light = _light(view, [old for _, old in self._views]) if self._views else None
        self._views.append((time, view))

    def _flicker(self, view: Floats, time: float) -> float | None:
        self._levels.append((time, float(np.log(view.mean() + _BLACK))))
        while time - self._levels[0][0] > _FLICKER:
            self._levels.popleft()
        if len(self._levels) < 5:
            return None
        levels = np.array([level for _, level in self._levels])
        return float(np.abs(levels[2:] - 2 * levels[1:-1] + levels[:-2]).mean() / 2)


def _reduced(thumbnail: Image) -> Floats:
    height, width = thumbnail.shape
    scale = SIDE / max(height, width)
    size = max(8, round(width * scale)), max(8, round(height * scale))
    return cast(Floats, cv2.resize(thumbnail, size, interpolation=cv2.INTER_AREA).astype(np.float32))


def _ratio(new: Floats, old: Floats) -> Floats:
    """The logarithm of the change of brightness."""
    return cast(Floats, np.log((new + _BLACK) / (old + _BLACK)))


def _median(values: Floats) -> float:
    """Of every fourth, the upper of two: numpy's own, of them all, costs more than all the rest here."""
    some = values[::2, ::2].ravel()
    return float(np.partition(some, some.size // 2)[some.size // 2])


def _moved(new: Floats, old: Floats, light: Floats | float) -> Mask:
    """Where more changed than the light did, by that logarithm."""
    return np.abs(new + _BLACK - np.exp(light) * (old + _BLACK)) > _NOISE


def _light(new: Floats, olds: list[Floats]) -> tuple[float, float] | None:
    """How far level and direction of light are from what they were, at most; None where the scene itself changed."""
    changes = [change for old in (olds[0], olds[len(olds) // 2]) if (change := _turned(new, old)) is not None]
    return (max(level for level, _ in changes), max(way for _, way in changes)) if changes else None


def _turned(new: Floats, old: Floats) -> tuple[float, float] | None:
    """A level and a slope of the logarithm, from medians of the whole and of halves, where these explain the change."""
    ratio = _ratio(new, old)
    height, width = ratio.shape
    level = _median(ratio)
    across = _median(ratio[:, width // 2 :]) - _median(ratio[:, : width // 2])
    down = _median(ratio[height // 2 :]) - _median(ratio[: height // 2])
    slopes = np.linspace(-down, down, height)[:, None] + np.linspace(-across, across, width)
    if _moved(new, old, level + slopes.astype(np.float32)).mean() > _UNEXPLAINED:
        return None
    return abs(level), float(np.hypot(across, down))


def _covered(shape: tuple[int, ...], persons: list[Box], scale: float) -> Mask:
    covered = np.zeros(shape, np.bool_)
    for box in persons:
        left, top, width, height = (round(value * scale) for value in box)
        covered[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)] = True
    return covered


def _share(moved: Mask, aside: Mask) -> float:
    return float(np.count_nonzero(moved & aside) / np.count_nonzero(aside))


def _count(moved: Mask) -> int:
    closed = cv2.morphologyEx(moved.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed)
    return int(np.count_nonzero(stats[1:, cv2.CC_STAT_AREA] >= _MOVER * moved.size))
