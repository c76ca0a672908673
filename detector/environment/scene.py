"""What a scene shows without faces: what moves in it, and how steady its light is.

Pictures are compared at 80 px with the change of light divided out, so that a lamp that is dimmed moves nothing. Sky
is not looked for: without colour a lit wall is one as well. Nor are rain and snow: at this size they are noise, and
leaves, screens and bad compression make the same.
"""

from collections import deque
from typing import Final, NamedTuple, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Image
from .light import BLACK, NOISE, Creep, Floats, change_of, furthest, median, ratio

Mask: TypeAlias = NDArray[np.bool_]
Box: TypeAlias = tuple[float, float, float, float]

SIDE: Final = 80
# Seconds: what moves is told by the picture of half a second ago, light by one of up to four.
_STEP: Final = 0.45
_KEPT: Final = 4.2
_FLICKER: Final = 2.0
# The share of the picture that a thing has to cover to be a mover of its own.
_MOVER: Final = 0.003
# The share of the picture that has to lie beside the persons, for anything to be told of it.
_ENOUGH: Final = 0.1
# Pixels that are no further apart than this belong to one mover.
_NEAR: Final = np.ones((3, 3), np.uint8)
# The share of what lies beside the persons that their arms may cover.
_ARMS: Final = 0.15
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
        light_jump: that of mean brightness, whatever else has changed: what is burnt out or black explains no light.
        light_drift: as level and direction, the larger, of what crept slowly and in one direction over a minute.
        flicker: half the mean second difference of the logarithm of brightness, over two seconds.
        brightness, spread: mean and standard deviation of luma, 0..255.
        frozen: seconds since anything changed, if only noise.
    """

    brightness: float
    spread: float
    frozen: float
    moving: float | None = None
    background: float | None = None
    movers: int | None = None
    light_level: float | None = None
    light_jump: float | None = None
    light_direction: float | None = None
    light_drift: float | None = None
    flicker: float | None = None


class SceneMeter:
    """Takes the pictures of one camera in order; memory is constant, below 200 kB."""

    def __init__(self) -> None:
        self._views: deque[tuple[float, Floats]] = deque()
        self._levels: deque[tuple[float, float]] = deque()
        self._seen: tuple[float, Floats] | None = None
        self._changed_at = 0.0
        self._smooth: dict[str, float] = {}
        self._light: tuple[float, float] | None = None
        self._creep = Creep()
        self._last = 0.0

    def update(self, thumbnail: Image, time: float, persons: list[Box], heads: list[Box] | None = None) -> Scene:
        """Measure a picture.

        Args:
            thumbnail: luma, shape (h, w), uint8.
            time: of it, seconds.
            persons: boxes of those in it, pixels.
            heads: boxes of less of them, which count where the persons leave too little beside them.
        """
        view, brightness = _reduced(thumbnail), float(cv2.mean(thumbnail)[0])
        if self._views and self._views[-1][1].shape != view.shape:
            self._views.clear()
            self._creep = Creep()
        if self._seen is None or self._seen[0] != brightness or not np.array_equal(self._seen[1], view):
            self._seen, self._changed_at = (brightness, view), time
        moving = background = movers = None
        if (before := self._before(time)) is not None:
            scale = SIDE / max(thumbnail.shape)
            moved = change_of(view, before, median(ratio(view, before))) > NOISE
            moving = float(moved.mean())
            aside = _beside(view.shape, persons, heads or persons, scale)
            if aside is not None:
                moved = _apart(moved, aside)
                background, movers = self._smoothed("background", _share(moved, aside), time), _count(moved & aside)
        self._keep(view, time)
        self._last = time
        level, direction = self._light or (None, None)
        return Scene(
            brightness=brightness,
            spread=float(cv2.meanStdDev(view)[1].item()),
            frozen=time - self._changed_at,
            moving=moving,
            background=background,
            movers=movers,
            light_level=level,
            light_jump=self._jump(brightness, time),
            light_direction=direction,
            light_drift=self._creep.total,
            flicker=self._flicker(time),
        )

    def _before(self, time: float) -> Floats | None:
        return next((view for at, view in reversed(self._views) if time - at >= _STEP), None)

    def _smoothed(self, name: str, value: float, time: float) -> float:
        last, part = self._smooth.get(name, value), min(1.0, (time - self._last) / _SMOOTH)
        self._smooth[name] = last + part * (value - last)
        return self._smooth[name]

    def _keep(self, view: Floats, time: float) -> None:
        if self._views and time - self._views[-1][0] < _STEP:
            return
        while self._views and time - self._views[0][0] > _KEPT:
            self._views.popleft()
        self._light = furthest(view, [old for _, old in self._views]) if self._views else None
        self._creep.update(view, time)
        self._views.append((time, view))

    def _jump(self, brightness: float, time: float) -> float:
        now = float(np.log(brightness + BLACK))
        self._levels.append((time, now))
        while time - self._levels[0][0] > _KEPT:
            self._levels.popleft()
        levels = [level for _, level in self._levels]
        return max(now - min(levels), max(levels) - now)

    def _flicker(self, time: float) -> float | None:
        levels = np.array([level for at, level in self._levels if time - at <= _FLICKER])
        if len(levels) < 5:
            return None
        return float(np.abs(levels[2:] - 2 * levels[1:-1] + levels[:-2]).mean() / 2)


def _reduced(thumbnail: Image) -> Floats:
    height, width = thumbnail.shape
    scale = SIDE / max(height, width)
    size = max(8, round(width * scale)), max(8, round(height * scale))
    return cast(Floats, cv2.resize(thumbnail, size, interpolation=cv2.INTER_AREA).astype(np.float32))


def _beside(shape: tuple[int, ...], persons: list[Box], heads: list[Box], scale: float) -> Mask | None:
    """What is none of the persons, or else none of their heads; None where that is hardly anything."""
    for boxes in (persons, heads):
        aside = ~_covered(shape, boxes, scale)
        if np.count_nonzero(aside) >= _ENOUGH * aside.size:
            return aside
    return None


def _covered(shape: tuple[int, ...], persons: list[Box], scale: float) -> Mask:
    covered = np.zeros(shape, np.bool_)
    for box in persons:
        left, top, width, height = (round(value * scale) for value in box)
        covered[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)] = True
    return covered


def _share(moved: Mask, aside: Mask) -> float:
    return float(np.count_nonzero(moved & aside) / np.count_nonzero(aside))


def _apart(moved: Mask, aside: Mask) -> Mask:
    """What moved beside the persons and does not hang together with them, unless that is more than arms are."""
    if aside.all():
        return moved
    _, parts = cv2.connectedComponents((moved | ~aside).astype(np.uint8))
    own = np.isin(parts, np.unique(parts[~aside])) & moved & aside
    return moved & ~own if np.count_nonzero(own) <= _ARMS * np.count_nonzero(aside) else moved


def _count(moved: Mask) -> int:
    if not moved.any():
        return 0
    closed = cv2.morphologyEx(moved.astype(np.uint8), cv2.MORPH_CLOSE, _NEAR)
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed)
    return int(np.count_nonzero(stats[1:, cv2.CC_STAT_AREA] >= _MOVER * moved.size))
