"""Raindrops on glass: each shows the view turned over and blurred, most stand, some creep."""

from typing import NamedTuple

import cv2
import numpy as np

from ....streams.frame import Image
from .pictures import Change, Stage
from .textures import Floats, softened, speckle

_WIDE = 4.0  # a drop shows so many times as much of the view as it covers


class _Drop(NamedTuple):
    """Middle, radius, all in pixels, and pixels a second that it creeps down."""

    x: float
    y: float
    radius: float
    creep: float


def raindrops(stage: Stage) -> Change:
    """Drops over a fifth to a half of the picture; in some cases blobs of scattered light instead of small lenses."""
    drops = _fallen(stage, float(stage.rng.uniform(0.2, 0.5)))
    standing = [drop for drop in drops if not drop.creep]
    lens = _Lens(stage, standing)
    creeping = [drop for drop in drops if drop.creep]

    def change(time: float, picture: Image) -> Image:
        seen = lens.on(picture)
        for drop in creeping:
            _creep(seen, picture, drop, time)
        return seen

    return change


def _fallen(stage: Stage, share: float) -> list[_Drop]:
    """Drops of mixed sizes until they would cover the share, overlaps not counted."""
    rng, (height, width) = stage.rng, stage.shape
    drops: list[_Drop] = []
    covered, largest = 0.0, rng.uniform(0.02, 0.07)
    while covered < share * height * width:
        radius = float(max(2.0, width * largest * rng.uniform(0.2, 1)))
        creep = float(rng.uniform(3, 30)) * width / 640 if rng.random() < 0.08 else 0.0
        drops.append(_Drop(float(rng.uniform(0, width)), float(rng.uniform(0, height)), radius, creep))
        covered += np.pi * radius * radius
    return drops


class _Lens:
    """All drops that stand: where each of their pixels looks, how light it is, and how much it hides."""

    def __init__(self, stage: Stage, drops: list[_Drop]) -> None:
        rng, (height, width) = stage.rng, stage.shape
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        mask, shade = np.zeros(stage.shape, np.bool_), np.zeros(stage.shape, np.float32)
        for drop in drops:
            _turn_over(drop, (x, y), mask, shade)
        self._x: Floats = np.clip(x, 0, width - 1)
        self._y: Floats = np.clip(y, 0, height - 1)
        alpha = softened(mask, float(rng.uniform(0.8, 3)))
        self._alpha = alpha * np.float32(rng.uniform(0.6, 1.0))
        self._clear = np.float32(1) - self._alpha
        scatter = rng.uniform(80, 190) + 25 * speckle(rng, stage.shape, 8.0)
        self._scatter = np.clip(scatter + shade, 0, 255).astype(np.uint8)
        self._shade = np.rint(shade).astype(np.int16)
        self._milky = float(rng.choice([0.0, rng.uniform(0.3, 0.95)]))
        self._blur = int(rng.integers(1, 5)) * 2 + 1

    def on(self, picture: Image) -> Image:
        """The picture through the drops."""
        blurred = cv2.blur(picture, (self._blur, self._blur))
        turned = cv2.remap(blurred, self._x, self._y, cv2.INTER_LINEAR)
        lit = cv2.add(turned, self._shade, dtype=cv2.CV_8U)
        if self._milky:
            lit = cv2.addWeighted(self._scatter, self._milky, lit, 1 - self._milky, 0)
        return np.asarray(cv2.blendLinear(picture, lit, self._clear, self._alpha), np.uint8)


def _turn_over(drop: _Drop, maps: tuple[Floats, Floats], mask: np.ndarray, shade: Floats) -> None:
    """Let a drop's pixels look at the view turned over, lighter below and dark at the rim."""
    height, width = mask.shape
    rows = slice(max(0, int(drop.y - drop.radius)), min(height, int(drop.y + drop.radius) + 1))
    columns = slice(max(0, int(drop.x - drop.radius)), min(width, int(drop.x + drop.radius) + 1))
    y, x = np.mgrid[rows, columns].astype(np.float32)
    out = np.hypot(x - drop.x, (y - drop.y) * 0.9) / drop.radius
    inside = out < 1
    mask[rows, columns] |= inside
    for plane, middle, here in ((maps[0], drop.x, x), (maps[1], drop.y, y)):
        plane[rows, columns][inside] = (middle - _WIDE * (here - middle))[inside]
    shade[rows, columns][inside] = (40 * (y - drop.y) / drop.radius - 90 * out**6)[inside]


def _creep(seen: Image, picture: Image, drop: _Drop, time: float) -> None:
    """Draw a drop where it has crept to, with the view in it turned over; in `seen`, in place."""
    height, width = picture.shape
    side = int(2 * drop.radius)
    left, top = int(drop.x - drop.radius), int((drop.y + drop.creep * time) % (height + side)) - side
    rows, columns = slice(max(0, top), min(height, top + side)), slice(max(0, left), min(width, left + side))
    if rows.stop - rows.start < 4 or columns.stop - columns.start < 4:
        return
    wide = picture[max(0, top - side) : top + 2 * side, max(0, left - side) : left + 2 * side]
    size = columns.stop - columns.start, rows.stop - rows.start
    small = cv2.flip(cv2.resize(wide, size, interpolation=cv2.INTER_AREA), -1)
    disc = np.zeros((size[1], size[0]), np.uint8)
    cv2.ellipse(disc, (size[0] // 2, size[1] // 2), (size[0] // 2, size[1] // 2), 0, 0, 360, (255,), cv2.FILLED)
    cv2.copyTo(small, disc, seen[rows, columns])
