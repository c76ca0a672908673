"""What moves before the view without the camera: rain, snow, leaves, a crowd."""

from typing import NamedTuple, cast

import cv2
import numpy as np

from ....streams.frame import Image
from .pictures import Change, Stage
from .textures import Floats, real, share_of, softened, speckle

_GROUPS = 4  # of flakes at each depth


def rain(stage: Stage) -> Change:
    """Bright slanting streaks, others in each picture."""
    rng, (height, width) = stage.rng, stage.shape
    sheet = np.zeros((2 * height, 2 * width), np.uint8)
    slant, length = rng.uniform(-0.3, 0.3), rng.uniform(0.04, 0.15) * height
    for x, y in (rng.random((int(rng.integers(300, 2000)), 2)) * (2 * width, 2 * height)).tolist():
        end = int(x + slant * length), int(y + length * rng.uniform(0.5, 1.5))
        cv2.line(sheet, (int(x), int(y)), end, int(rng.integers(20, 90)), 1, cv2.LINE_AA)
    sheet = cast(Image, cv2.blur(sheet, (2, 2)))

    def change(_: float, picture: Image) -> Image:
        top, left = int(rng.integers(0, height)), int(rng.integers(0, width))
        return cast(Image, cv2.add(picture, sheet[top : top + height, left : left + width]))

    return change


def snow(stage: Stage) -> Change:
    """Flakes in three depths, near ones larger and quicker, in groups that the wind takes differently."""
    rng, (height, width) = stage.rng, stage.shape
    wind = np.array([rng.uniform(-0.1, 0.1) * width, rng.uniform(0.08, 0.25) * height])
    depths = [depth for depth in (1, 2, 3) for _ in range(_GROUPS)]
    groups = [(_flakes(stage, depth), depth * wind * rng.uniform(0.6, 1.4, 2)) for depth in depths]
    swings = rng.uniform(0, 0.02, len(groups)) * width

    def change(time: float, picture: Image) -> Image:
        for number, (sheet, (right, down)) in enumerate(groups):
            swing = swings[number] * np.sin(2 * time + number)
            picture = cast(Image, cv2.add(picture, _carried(sheet, right * time + swing, down * time)))
        return picture

    return change


def _flakes(stage: Stage, depth: int) -> Image:
    """One group of a depth's flakes, on a sheet that repeats each way."""
    sheet, rng, radius = np.zeros(stage.shape, np.uint8), stage.rng, 2 ** (depth - 1)
    count = int(rng.uniform(100, 400) / (radius * _GROUPS))
    for x, y in (rng.random((count, 2)) * (stage.shape[1], stage.shape[0])).astype(int).tolist():
        cv2.circle(sheet, (x, y), radius, int(rng.integers(60, 200)), cv2.FILLED, cv2.LINE_AA)
    return np.tile(cast(Image, cv2.GaussianBlur(sheet, (0, 0), 0.5 * radius)), (2, 2))


def _carried(sheet: Image, right: float, down: float) -> Image:
    """A picture's worth of a sheet that repeats after half of its height and width, carried along."""
    height, width = sheet.shape[0] // 2, sheet.shape[1] // 2
    top, left = int(-down) % height, int(-right) % width
    return sheet[top : top + height, left : left + width]


def leaves(stage: Stage) -> Change:
    """Foliage over 20 to 60 % of the picture, near two of its sides, each twig swaying in its own time."""
    rng, (height, width) = stage.rng, stage.shape
    clumps = speckle(rng, stage.shape, width / 40) + _towards_a_corner(stage)
    alpha = softened(share_of(clumps, float(rng.uniform(0.2, 0.6))), 1.0)
    layer = np.clip(90 + 40 * speckle(rng, stage.shape, rng.uniform(1.5, 5)), 0, 255).astype(np.uint8)
    sways = [rng.uniform(2, 8) * width / 640 * speckle(rng, stage.shape, width / 12) for _ in range(4)]
    hertz = rng.uniform(0.2, 1.5, 2)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)

    def change(time: float, picture: Image) -> Image:
        swing = [np.float32(np.sin(2 * np.pi * turn * time + turn)) for turn in hertz]
        across = x + swing[0] * sways[0] + swing[1] * sways[1]
        along = y + swing[0] * sways[2] + swing[1] * sways[3]
        leaf = cv2.remap(layer, across, along, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        cover = cv2.remap(alpha, across, along, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return cast(Image, cv2.blendLinear(picture, leaf, 1 - cover, cover))

    return change


def _towards_a_corner(stage: Stage) -> Floats:
    y, x = np.mgrid[0 : 1 : stage.shape[0] * 1j, 0 : 1 : stage.shape[1] * 1j].astype(np.float32)
    right, down = stage.rng.choice([-3.0, 3.0], 2).tolist()
    return (right * (x - 0.5) + down * (y - 0.5)).astype(np.float32)


class _Passer(NamedTuple):
    """Someone who walks by: picture and transparency, where at first, pixels a second, and steps a second."""

    layer: Image
    alpha: Floats
    x: float
    top: float
    speed: float
    pace: float


def crowd(stage: Stage) -> Change:
    """People of real texture who walk by at their own speeds before the view, over 30 to 70 % of it by turns."""
    people = [_passer(stage) for _ in range(int(stage.rng.integers(5, 15)))]
    width = stage.shape[1]

    def change(time: float, picture: Image) -> Image:
        crowded = picture.copy()
        for person in people:
            span = width + 2 * person.layer.shape[1]
            left = int((person.x + person.speed * time) % span) - person.layer.shape[1]
            bob = 0.01 * picture.shape[0] * abs(np.sin(np.pi * person.pace * time))
            _paste(crowded, person, left, int(person.top - bob))
        return crowded

    return change


def sitter(stage: Stage) -> Change:
    """Someone of real texture in the middle of the view, along with the camera or sitting before it, who moves."""
    rng, (height, width) = stage.rng, stage.shape
    tall = int(rng.uniform(0.7, 1.2) * height)
    person = _person(stage, tall, min(width - 2, int(tall * rng.uniform(0.6, 1.1))), 0.0)
    left, reach, hertz = (
        (width - person.layer.shape[1]) * rng.uniform(0.2, 0.8),
        rng.uniform(0.002, 0.03),
        person.pace / 4,
    )
    lean = float(rng.uniform(0, 1))

    def change(time: float, picture: Image) -> Image:
        shown = picture.copy()
        right, down = reach * width * np.sin(2 * np.pi * hertz * np.array([time + lean, 2.3 * time]))
        _paste(shown, person, round(left + right), round(person.top + abs(down)))
        return shown

    return change


def _passer(stage: Stage) -> _Passer:
    rng, (height, width) = stage.rng, stage.shape
    tall = max(16, int(rng.uniform(0.4, 1.0) * height))
    speed = rng.choice([-1, 1]) * rng.uniform(0.05, 0.5) * width
    return _person(stage, tall, max(8, int(tall * rng.uniform(0.3, 0.5))), float(speed))


def _person(stage: Stage, tall: int, wide: int, speed: float) -> _Passer:
    """Head and shoulders of real texture, cut off below by the picture's edge more or less."""
    rng, (height, width) = stage.rng, stage.shape
    body = np.zeros((tall, wide), np.uint8)
    cv2.ellipse(body, (wide // 2, tall), (wide // 2, int(0.8 * tall)), 0, 180, 360, (255,), cv2.FILLED)
    cv2.circle(body, (wide // 2, int(0.14 * tall)), int(0.12 * tall), (255,), cv2.FILLED)
    top = height - tall * rng.uniform(0.6, 1.0)
    layer = real(stage, (tall, wide))
    return _Passer(layer, softened(body > 0, 1.0), rng.uniform(0, 2 * width), top, speed, rng.uniform(1.5, 2.2))


def _paste(picture: Image, person: _Passer, left: int, top: int) -> None:
    """Draw someone there, in place, as far as that is in the picture."""
    tall, wide = person.layer.shape
    rows = slice(max(0, top), min(picture.shape[0], top + tall))
    columns = slice(max(0, left), min(picture.shape[1], left + wide))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    part = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
    here, alpha = np.ascontiguousarray(picture[rows, columns]), np.ascontiguousarray(person.alpha[part])
    picture[rows, columns] = cv2.blendLinear(here, np.ascontiguousarray(person.layer[part]), 1 - alpha, alpha)
