"""Matched twins: the same clip with a camera's motion laid on, or taken away."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import cv2
import numpy as np

from ....streams.frame import Image
from .paths import Numbers, Path, follow
from .pictures import Change, Material, Pictures, Shot, Stage, each
from .textures import Floats, speckle

_FOCAL = 0.5 / math.tan(math.radians(30))  # picture widths: a camera that sees 60 degrees across
_CROP = 1.6  # the view is so many times narrower, so that it can turn
_REACH = 0.5 * (1 - 1 / _CROP)  # picture widths that the view's middle may go
_WIDTH = 400  # pixels of the view: as many as are left of 640
_MARGIN = 0.15  # picture widths that a stabiliser may cut away
_ROUGH = 96  # pixels of width that a subject is found at
_MOVES = 14.0  # grey levels from the background that are foreground


class _View:
    """A narrower camera at the same place that turns: what it sees is a homography of the picture.

    Hartley & Zisserman, Multiple View Geometry, 2nd ed., section 8.4.2.
    """

    def __init__(self, picture: Image) -> None:
        height, width = picture.shape
        self._size = min(_WIDTH, width), round(min(_WIDTH, width) * height / width)
        self._whole = _lens(width, height, _FOCAL * width)
        self._part = np.linalg.inv(_lens(*self._size, _FOCAL * _CROP * self._size[0]))

    def of(self, picture: Image, pose: Numbers) -> Image:
        """What it sees when its content has gone right, down (picture widths), turned and grown by `pose`."""
        right, down, turn, zoom = (float(number) for number in pose)
        aim = _turned(math.atan2(-right, _FOCAL), math.atan2(down, _FOCAL), -turn)
        scale = np.diag([math.exp(-zoom), math.exp(-zoom), 1.0])
        matrix = self._whole @ aim @ scale @ self._part
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cast(
            Image, cv2.warpPerspective(picture, matrix, self._size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        )


def _lens(width: int, height: int, focal: float) -> Numbers:
    return np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])


def _turned(yaw: float, pitch: float, roll: float) -> Numbers:
    (cy, sy), (cp, sp), (cr, sr) = ((math.cos(angle), math.sin(angle)) for angle in (yaw, pitch, roll))
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    return about_y @ about_x @ np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])


def _seen_by(path: Callable[[Stage], Callable[[float], Numbers]]) -> Callable[[Stage], Change]:
    """Pictures as a camera sees them that turns along a path, by time in seconds."""

    def make(stage: Stage) -> Change:
        view, pose = _View(stage.first), path(stage)
        return lambda time, picture: view.of(picture, pose(time))

    return make


# --- a stand ----------------------------------------------------------------------------------------------------------


def _rest(_: Stage) -> Callable[[float], Numbers]:
    """No motion: what the same view looks like without any."""
    return lambda _: np.zeros(4)


def _tour(stage: Stage) -> Callable[[float], Numbers]:
    """From preset to preset, with rests; the quick ones as a motor turns, the slow ones as an arm on a tripod."""
    presets = stage.rng.uniform(-1, 1, (6, 2)) * (_REACH, 0.5 * _REACH)
    rest, way = stage.rng.uniform(0.3, 2.5), stage.rng.uniform(0.5, 3)

    def pose(time: float) -> Numbers:
        leg, within = divmod(time, rest + way)
        here, there = presets[int(leg) % len(presets)], presets[int(leg + 1) % len(presets)]
        return np.array([*(here + _ease((within - rest) / way) * (there - here)), 0.0, 0.0])

    return pose


def _ease(share: float) -> float:
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def _zoom(stage: Stage) -> Callable[[float], Numbers]:
    """In and out again, with rests at both ends."""
    depth, seconds = stage.rng.uniform(0.1, 0.5), stage.rng.uniform(3, 9)

    def pose(time: float) -> Numbers:
        within = 2 * (time / seconds % 1)
        return np.array([0.0, 0.0, 0.0, depth * _ease(1.5 * min(within, 2 - within) - 0.25)])

    return pose


def _sway(stage: Stage) -> Callable[[float], Numbers]:
    """A pole in the wind: two swings on each axis of half a pixel to three at 320 pixels."""
    hertz, phases = stage.rng.uniform(0.7, 4, (2, 2)), stage.rng.uniform(0, math.tau, (2, 2))
    reach = stage.rng.uniform(0.5, 3) / (320 * _CROP)

    def pose(time: float) -> Numbers:
        return np.array([*(reach * np.sin(math.tau * hertz * time + phases).mean(axis=1)), 0.0, 0.0])

    return pose


# --- a hand -----------------------------------------------------------------------------------------------------------


def _hand(stage: Stage) -> Callable[[float], Numbers]:
    """A real camera's way, without its slow part so far as the picture is too small for it."""
    paths = stage.material.paths
    path = paths[int(stage.rng.integers(len(paths)))] if paths else _drawn(stage.rng)
    return path.within(0.9 * _REACH).at


def _drawn(rng: np.random.Generator) -> Path:
    """A hand's unrest where no real way is at hand: noise whose power falls with the square of the frequency."""
    times = np.arange(0, 20, 1 / 30)
    walk = np.cumsum(rng.normal(0, 1, (len(times), 4)) * (0.002, 0.002, 0.001, 0.0005), axis=0)
    return Path(times, walk).smoothed(0.1)


def _drift(stage: Stage) -> Callable[[float], Numbers]:
    """Smoothly 2 to 4 % of the picture in ten seconds, one way: a phone that sinks."""
    heading, share = stage.rng.uniform(0, math.tau), stage.rng.uniform(0.02, 0.04) / _CROP
    speed = np.array([math.cos(heading), math.sin(heading), 0.0, 0.0]) * share / 10
    uneven, hertz = stage.rng.uniform(0, 0.5), stage.rng.uniform(0.1, 0.4)
    return lambda time: speed * (time + uneven * math.sin(math.tau * hertz * time) / (math.tau * hertz))


unmoved, pan, zoom, sway = (each(_seen_by(path)) for path in (_rest, _tour, _zoom, _sway))
hand, drift = (each(_seen_by(path)) for path in (_hand, _drift))


# --- travel, and a stabiliser: both need all pictures before the first ------------------------------------------------


def travel(pictures: Pictures, rng: np.random.Generator, material: Material) -> Iterator[Shot]:
    """A hand that also goes sideways: near things go further than far ones.

    The ground is nearer below than above, and uneven; what differs from the median over time is nearer still, and goes
    over it as a layer of its own.
    """
    shots = list(pictures)
    if not shots:
        return
    background = _median([picture for _, picture in shots])
    stage = Stage(shots[0][1], rng, material)
    view, pose, layers = _View(background), _hand(stage), _Layers(stage, background)
    reach, seconds = rng.uniform(0.03, 0.12), rng.uniform(3, 12)
    heading = rng.uniform(-0.3, 0.3)
    for time, picture in shots:
        gone = reach * math.sin(math.tau * time / seconds)
        moved = layers.seen(picture, gone * math.cos(heading), gone * math.sin(heading))
        yield time, view.of(moved, 0.5 * pose(time))


def _median(pictures: Sequence[Image]) -> Image:
    """What stands: the median over up to fifteen pictures."""
    some = pictures[:: max(1, len(pictures) // 15)][:15]
    return np.median(np.stack(some), axis=0).astype(np.uint8)


class _Layers:
    """A background whose parts are at their own distances, and what moves before it."""

    def __init__(self, stage: Stage, background: Image) -> None:
        rng, (height, width) = stage.rng, stage.shape
        self._background, self._near = background, float(rng.uniform(1.3, 2.0))
        self._y, self._x = np.mgrid[0:height, 0:width].astype(np.float32)
        ground = 0.4 + rng.uniform(0.3, 1.0) * (self._y / height) ** 2
        self._nearness: Floats = np.clip(ground + 0.15 * speckle(rng, stage.shape, width / 8), 0.1, None)

    def seen(self, picture: Image, right: float, down: float) -> Image:
        """The picture from a place further left and up: all goes right and down by its nearness, picture widths."""
        height, width = picture.shape
        cover = self._subject(picture)
        behind = np.where(cover > 0, self._background, picture)
        far = cv2.remap(
            behind,
            self._x - np.float32(right * width) * self._nearness,
            self._y - np.float32(down * width) * self._nearness,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        step = np.array([[1.0, 0.0, self._near * right * width], [0.0, 1.0, self._near * down * width]])
        near, cover = (cv2.warpAffine(plane, step, (width, height)) for plane in (picture, cover))
        return cast(Image, cv2.blendLinear(far, near, 1 - cover, cover))

    def _subject(self, picture: Image) -> Floats:
        """How much of each pixel is before the background: where it differs, and what such places enclose."""
        height, width = picture.shape
        small = cv2.resize(np.asarray(cv2.absdiff(picture, self._background)), (_ROUGH, _ROUGH * height // width))
        mask = (np.asarray(small) > _MOVES).astype(np.uint8)
        closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((_ROUGH // 8, _ROUGH // 8), np.uint8))
        grown = cv2.dilate(closed, np.ones((3, 3), np.uint8)).astype(np.float32)
        return cast(Floats, cv2.resize(grown, (width, height), interpolation=cv2.INTER_LINEAR))


def stabilised(pictures: Pictures, rng: np.random.Generator, _: Material) -> Iterator[Shot]:
    """The camera's way taken out but for its slow part, as far as a margin of 15 % allows, which is cut away."""
    shots = list(pictures)
    path = follow(shots)
    if path is None:
        return
    shake = path.poses - path.smoothed(float(rng.uniform(0.5, 4))).poses
    shake[:, :2] = np.clip(shake[:, :2], -_MARGIN, _MARGIN)
    for (time, picture), pose in zip(shots, shake, strict=True):
        yield time, _taken_out(picture, pose)


def _taken_out(picture: Image, pose: Numbers) -> Image:
    """The middle of the picture, where its content would be without this pose."""
    height, width = picture.shape
    right, down, turn, zoom = (float(number) for number in pose)
    size = round((1 - 2 * _MARGIN) * width), round((1 - 2 * _MARGIN) * height)
    inner = np.array([[1.0, 0.0, -size[0] / 2], [0.0, 1.0, -size[1] / 2], [0.0, 0.0, 1.0]])
    scale, (cos, sin) = math.exp(zoom), (math.cos(turn), math.sin(turn))
    x, y = width / 2 + right * width, height / 2 + down * width
    outer = np.array([[scale * cos, -scale * sin, x], [scale * sin, scale * cos, y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cast(Image, cv2.warpAffine(picture, outer @ inner, size, flags=flags, borderMode=cv2.BORDER_REFLECT))
