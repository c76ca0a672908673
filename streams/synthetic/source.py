"""Rendered scenes with known camera motion: the sample that ships with facewarden.

A world is a set of textured parallelograms. A pinhole camera sees each of them through a homography (Hartley &
Zisserman, Multiple View Geometry, 2nd ed., section 8.1.1), so that parallax is true. All that is random comes from the
seed, and a picture depends on its time alone, not on the pictures before it.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cached_property
from statistics import NormalDist
from typing import Any, Literal, Self, TypeAlias, cast
from urllib.parse import parse_qsl, urlsplit
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from ..base import Source
from ..errors import UnsupportedSource
from ..frame import Frame, Image, PackedPixels, PlanarPixels, Size
from . import scenes as stages
from .scenes import Pose, Route, Scene, Stage, Wave
from .textures import Brush, Texture

__all__ = ["SCENES", "Pose", "SyntheticSource"]

Floats: TypeAlias = NDArray[np.float64]
Box: TypeAlias = tuple[slice, slice]  # rows, columns
Layout = Literal["gray", "bgr"]

SCENES: tuple[str, ...] = tuple(stages.SCENES)

_NEAR = 0.1  # metres; nothing closer is drawn
_UNIT = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])  # a patch's corners in texture coordinates
_NEVER = (2.0, 1.0)  # a stop that begins after the scene has ended
_SLABS = (2.5, 8.0, 25.0)  # metres; a patch is cut at these depths, each piece has its own level of detail


class SyntheticSource(Source):
    """A `Source` of rendered pictures: scene `body`, `dash`, `handheld`, `drone`, `fixed`, `ptz`, `pole` or `crowd`.

    Every iteration starts at picture 0 and gives the same bytes. Pictures are luma planes (`layout="gray"`) or BGR,
    uint8; `media_time` is index / fps. The world is built at the first iteration.

    Attributes:
        name: the name its frames carry, by default that of the scene.
        mobile: the truth: whether the camera is mobile by mount.
        length: seconds.
        counters: always zero.

    Raises:
        UnsupportedSource: no such scene or layout; seed below 0; seconds outside 0..3600; fps outside 0 < fps <= 240;
            a side of size (width, height) outside 64..4096 pixels.
    """

    def __init__(
        self,
        scene: str,
        *,
        name: str | None = None,
        seed: int = 0,
        seconds: float = 10.0,
        fps: float = 30.0,
        size: Size = (640, 360),
        clock: bool = False,
        layout: Layout = "gray",
    ) -> None:
        label = f"synthetic:{scene}"
        _require(scene in SCENES, label, f"no such scene; known are {', '.join(SCENES)}")
        _require(seed >= 0, label, f"seed={seed} is below 0")
        _require(0 <= seconds <= 3600, label, f"seconds={seconds:g} is not in 0..3600")
        _require(0 < fps <= 240, label, f"fps={fps:g} is not above 0 and at most 240")
        _require(all(64 <= side <= 4096 for side in size), label, f"size={size[0]}x{size[1]} is not in 64..4096 a side")
        _require(layout in ("gray", "bgr"), label, f"no layout {layout!r}; known are gray, bgr")
        super().__init__(scene if name is None else name, seconds)
        self._scene = stages.SCENES[scene]
        self.mobile = self._scene.mobile
        self._seed = [seed, crc32(scene.encode())]
        self._seconds, self._fps, self._size, self._clock, self._layout = seconds, fps, size, clock, layout
        self._trajectory = _Trajectory(self._scene, np.random.default_rng([*self._seed, 1]), seconds)
        self._closed = False

    @classmethod
    def from_url(cls, url: str, name: str | None = None) -> Self:
        """The source that `synthetic:SCENE?option=value&...` names.

        Options are those of the constructor, size as WIDTHxHEIGHT in pixels, clock as 0 or 1.

        Raises:
            UnsupportedSource: it is no such URL, or scene, option or value is none that is known.
        """
        parts = urlsplit(url)
        usual = parts.scheme == "synthetic" and not parts.netloc and not parts.fragment
        _require(usual, url, "not of the form synthetic:SCENE?option=value")
        options: dict[str, Any] = {}
        for key, text in parse_qsl(parts.query, keep_blank_values=True):
            _require(key in _OPTIONS, url, f"no option {key!r}; known are {', '.join(_OPTIONS)}")
            _require(key not in options, url, f"option {key!r} is given twice")
            parse, form = _OPTIONS[key]
            try:
                options[key] = parse(text)
            except ValueError:
                raise UnsupportedSource(url, f"{key}={text} is not {form}") from None
        return cls(parts.path, name=name, **options)

    def pose(self, t: float) -> Pose:
        """The true pose of the camera at media time `t`, seconds."""
        return self._trajectory.pose(t)

    def frames(self) -> Iterator[Frame]:
        """The frames, from the first, at each call."""
        renderer = self._renderer
        pack = PlanarPixels if self._layout == "gray" else PackedPixels
        for index in range(math.ceil(self._seconds * self._fps - 1e-9)):
            if self._closed:
                return
            at = index / self._fps
            picture = renderer.picture(index, at, self.pose(at))
            if self._clock:
                _burn_clock(picture, self.name, at)
            yield Frame(
                source=self.name, index=index, pixels=pack(picture), media_time=at, received_at=time.monotonic()
            )

    def close(self) -> None:
        """End the iterations under way; there is nothing to release."""
        self._closed = True

    @cached_property
    def _renderer(self) -> "_Renderer":
        stage = Stage(Brush(np.random.default_rng([*self._seed, 2])), self._trajectory.route())
        self._scene.world(stage)
        return _Renderer(self._scene, stage, self._size, self._layout == "bgr", self._seed)


def open_scene(url: str, name: str | None, _assume_fps: float | None) -> SyntheticSource:
    """A scene by its URL; see `SyntheticSource.from_url`. Its pictures carry their time."""
    return SyntheticSource.from_url(url, name)


def _require(condition: bool, source: str, problem: str) -> None:
    if not condition:
        raise UnsupportedSource(source, problem)


def _parse_size(text: str) -> Size:
    width, height = text.split("x")
    return int(width), int(height)


def _parse_switch(text: str) -> bool:
    return bool(("0", "1").index(text))


_OPTIONS: dict[str, tuple[Callable[[str], Any], str]] = {
    "seed": (int, "a whole number"),
    "seconds": (float, "a number"),
    "fps": (float, "a number"),
    "size": (_parse_size, "WIDTHxHEIGHT"),
    "clock": (_parse_switch, "0 or 1"),
    "layout": (str, "a word"),
}


def _burn_clock(picture: Image, unit: str, at: float) -> None:
    """Unit and time of day, white on black, in the top left; burned in after the sensor, hence without noise."""
    height, width = picture.shape[:2]
    corner, scale = (max(8, width * 9 // 20), max(8, height // 15)), height / 760
    cv2.rectangle(picture, (0, 0), corner, 0, cv2.FILLED)
    seconds = 50_400 + int(at)
    text = f"{unit[:16].upper()} {seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    box = picture[: corner[1], : corner[0]]
    cv2.putText(box, text, (4, corner[1] * 3 // 4), cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 1, cv2.LINE_AA)


# --- motion -----------------------------------------------------------------------------------------------------------


class _Trajectory:
    """A scene's motion with its phases drawn and its times fixed: a pose for every moment, without history."""

    def __init__(self, scene: Scene, rng: np.random.Generator, seconds: float) -> None:
        self._motion, self._seconds = scene.motion, seconds
        self._waves = [part for wave in scene.motion.waves for part in _sines(wave, rng)]
        self._gust = math.pi * float(rng.random())
        begin, length = (share * seconds for share in scene.motion.stop or _NEVER)
        self._brake, self._go = begin, begin + min(length, 10.0)
        self._ramp = max(1e-3, min(2.0, 0.3 * length))

    def pose(self, t: float) -> Pose:
        """The pose at media time t, seconds."""
        pace = 1 - _ease((t - self._brake) / self._ramp) + _ease((t - self._go) / self._ramp)
        gust = math.sin(math.pi * t / 6.5 + self._gust) ** 2
        scale = {"always": 1.0, "moving": pace, "resting": 1 - pace, "gusts": gust}
        moved = asdict(self._preset(t))
        moved["z"] += self._travelled(t)
        for axis, when, amplitude, hertz, phase in self._waves:
            moved[axis] += scale[when] * amplitude * math.sin(math.tau * (hertz * t + phase))
        return Pose(**moved)

    def route(self) -> Route:
        """How far it goes, and where and when it stands."""
        standing = self._brake + self._ramp
        return Route(self._travelled(self._seconds), self._travelled(standing), standing)

    def _travelled(self, t: float) -> float:
        lost = _eased((t - self._brake) / self._ramp) - _eased((t - self._go) / self._ramp)
        return self._motion.speed * (t - self._ramp * lost)

    def _preset(self, t: float) -> Pose:
        """The tour: 1.5 s at a preset, 1.3 s on the way to the next; in long scenes up to four times slower."""
        presets = self._motion.presets
        if not presets:
            return self._motion.start
        leg, within = divmod(t / min(max(self._seconds / 10, 1), 4), 2.8)
        here, there = presets[int(leg) % len(presets)], presets[(int(leg) + 1) % len(presets)]
        share = _ease((within - 1.5) / 1.3)
        goal = asdict(there)
        return Pose(**{axis: start + share * (goal[axis] - start) for axis, start in asdict(here).items()})


def _sines(wave: Wave, rng: np.random.Generator) -> Iterator[tuple[str, str, float, float, float]]:
    """Axis, occasion, amplitude, hertz and phase in turns of all that a wave is made of."""
    # A drift's frequencies are related by the golden ratio, so that it hardly ever repeats.
    parts = ((1.0, 0.55), (1.618, 0.3), (0.618, 0.15)) if wave.drift else ((1.0, 1.0),)
    for axis, amplitude in wave.amplitudes.items():
        for pitch, share in parts:
            yield axis, wave.when, amplitude * share, wave.hertz * pitch, float(rng.random())


def _ease(x: float) -> float:
    """From 0 to 1 for x in 0..1, level at both ends."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def _eased(x: float) -> float:
    """The integral of `_ease` from 0 to x."""
    bounded = min(max(x, 0.0), 1.0)
    return bounded**3 - bounded**4 / 2 + max(x - 1, 0.0)


def _rotation(pose: Pose) -> Floats:
    """Camera axes in world axes, as columns: yaw about y, then pitch about x, then roll about z."""
    (cy, sy), (cp, sp), (cr, sr) = ((math.cos(a), math.sin(a)) for a in (pose.yaw, pose.pitch, pose.roll))
    yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    return yaw @ pitch @ np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])


# --- pictures ---------------------------------------------------------------------------------------------------------


class _Level:
    """One level of detail of a texture: samples, cut-out, and width and height."""

    def __init__(self, image: Image, alpha: Image | None) -> None:
        self.image, self.alpha = image, alpha
        self.size = image.shape[1], image.shape[0]

    def half(self) -> "_Level":
        """The level of half as many samples each way."""
        return _Level(_halve(self.image), None if self.alpha is None else _halve(self.alpha))


def _halve(image: Image) -> Image:
    size = max(1, image.shape[1] // 2), max(1, image.shape[0] // 2)
    return cast(Image, cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def _levels(texture: Texture, colour: bool) -> list[_Level]:
    image = texture.image
    if colour:
        image = np.clip(image[:, :, None] * np.array([*texture.tint, 0]), 0, 255).astype(np.uint8)
    levels = [_Level(image, texture.alpha)]
    while min(levels[-1].size) > 8:
        levels.append(levels[-1].half())
    return levels


class _Renderer:
    """Draws a stage as a camera of a given picture size sees it."""

    def __init__(self, scene: Scene, stage: Stage, size: Size, colour: bool, seed: list[int]) -> None:
        self._scene, self._seed, self._size = scene, seed, size
        self._patches = patches = stage.patches
        self._textures = [_levels(texture, colour) for texture in stage.textures]
        self._corners = np.array([_corners(p.origin, p.u, p.v) for p in patches])
        self._velocity = np.array([p.course.velocity for p in patches])
        self._phase = np.array([p.course.phase for p in patches])
        self._period = np.array([p.course.period for p in patches])
        self._layer = np.array([p.layer for p in patches])
        self._normal = np.array([np.cross(p.u, p.v) for p in patches])
        # Colour has a fourth, idle channel: cv2 warps four channels in half the time of three.
        shape = (size[1], size[0], 4) if colour else (size[1], size[0])
        self._blank = np.full(shape, 215, np.uint8)
        self._mask, self._open = np.zeros(shape[:2], np.uint8), np.zeros(shape[:2], np.uint8)
        self._grain = np.array(
            [round(NormalDist(128, scene.noise).inv_cdf((n + 0.5) / 256)) for n in range(256)], np.uint8
        )
        self._hood = _hood(self._blank, scene.hood, np.random.default_rng([*seed, 3]))

    def picture(self, index: int, t: float, pose: Pose) -> Image:
        """The picture at media time t: shape (height, width) or (height, width, 3) in BGR, uint8."""
        canvas = self._blank.copy()
        self._draw_world(canvas, t, pose)
        if self._hood is not None:
            cv2.copyTo(self._hood[0], self._hood[1], canvas)
        if canvas.ndim == 3:
            canvas = cv2.cvtColor(canvas, cv2.COLOR_BGRA2BGR)
        return self._expose(cv2.GaussianBlur(canvas, (3, 3), 0), index, t)

    def _expose(self, picture: cv2.typing.MatLike, index: int, t: float) -> Image:
        """Gain and sensor noise; drawn as random bytes, which a table of quantiles makes normal."""
        chance = np.random.default_rng([*self._seed, 4, index]).bytes(picture.size)
        grain = cv2.LUT(np.frombuffer(chance, np.uint8).reshape(picture.shape), self._grain)
        gain = 1 + self._scene.exposure * math.sin(math.tau * t / 9)
        return cast(Image, cv2.addWeighted(picture, gain, grain, 1.0, -128.0))

    def _draw_world(self, canvas: Image, t: float, pose: Pose) -> None:
        """From near to far, each patch only where the picture is still open: nothing is drawn twice."""
        self._open[:] = 255
        eye = np.where(self._layer == stages.SKY, 0.0, 1.0)[:, None] * (pose.x, pose.y, pose.z)
        moved = self._velocity * np.mod(t + self._phase, self._period)[:, None]
        corners = self._corners + (moved - eye)[:, None, :]
        seen = corners @ _rotation(pose)
        planes = self._frustum(pose.zoom)
        inside: NDArray[np.bool] = seen @ planes[:, :3].T + planes[:, 3] >= 0
        faces_us = (corners[:, 0] * self._normal).sum(axis=1) > 0
        visible = np.flatnonzero(inside.any(axis=1).all(axis=-1) & faces_us)
        depth = seen[:, :, 2].mean(axis=1)
        for n in visible[np.lexsort((depth[visible], -self._layer[visible]))]:
            self._draw_patch(canvas, int(n), seen[n], planes[~inside[n].all(axis=0)], t, pose.zoom)

    def _frustum(self, zoom: float) -> Floats:
        """Planes (normal, offset), one a row: inside is normal @ point + offset >= 0."""
        # Left, right, top, bottom, near.
        width, height = self._size
        f, cx, cy = zoom * width, width / 2, height / 2
        return np.array([[f, 0, cx, 0], [-f, 0, cx, 0], [0, f, cy, 0], [0, -f, cy, 0], [0, 0, 1, -_NEAR]])

    def _draw_patch(self, canvas: Image, n: int, corners: Floats, cuts: Floats, t: float, zoom: float) -> None:
        patch = self._patches[n]
        step = int(t * 7.2) + n  # four phases of a stride at 1.8 steps a second
        levels = self._textures[patch.texture + step % patch.frames]
        polygon = np.empty((4, 5))
        polygon[:, :2], polygon[:, 2:] = _UNIT * patch.repeats, corners
        for cut in cuts:
            polygon = _clip(polygon, cut)
        if len(polygon) < 3:
            return
        width, height = self._size
        camera = np.array([[zoom * width, 0, (width - 1) / 2], [0, zoom * width, (height - 1) / 2], [0, 0, 1]])
        for piece in _slabs(polygon):
            outline = piece[:, 2:] @ camera.T
            outline = (outline[:, :2] / outline[:, 2:]).astype(np.float32)
            box = self._open_box(outline)
            if not self._mask[box].size:
                continue
            level = _level_for(levels, piece[:, :2], outline)
            wraps = patch.repeats != (1.0, 1.0)
            # Whole repeats are taken off: cv2 keeps texture coordinates in 16 bits.
            shift = np.floor(piece[:, :2].min(axis=0)) if wraps else np.zeros(2)
            self._paste(canvas, box, level, camera @ _plane(corners, patch.repeats, level.size, shift), wraps)

    def _open_box(self, outline: NDArray[np.float32]) -> Box:
        """Marks in the mask what is still open within an outline; the rows and columns that hold it."""
        x, y, width, height = cv2.boundingRect(outline)
        left, right = max(x - 1, 0), max(min(x + width + 1, self._size[0]), 0)
        top, bottom = max(y - 1, 0), max(min(y + height + 1, self._size[1]), 0)
        box = slice(top, bottom), slice(left, right)
        mask = self._mask[box]
        if not mask.size:
            return box
        mask[:] = 0
        cv2.fillConvexPoly(mask, np.rint((outline - (left, top)) * 16).astype(np.int32), 255, shift=4)
        cv2.bitwise_and(mask, self._open[box], mask)
        return _shrink(mask, box)

    def _paste(self, canvas: Image, box: Box, level: _Level, homography: Floats, wraps: bool) -> None:
        if level.alpha is not None:
            mask = self._mask[box]
            alpha = cv2.warpPerspective(level.alpha, *_window(homography, box), flags=cv2.INTER_NEAREST)
            cv2.bitwise_and(mask, cv2.threshold(alpha, 127, 255, cv2.THRESH_BINARY)[1], mask)
            box = _shrink(mask, box)
        mask, still_open = self._mask[box], self._open[box]
        if not mask.size:
            return
        border = cv2.BORDER_WRAP if wraps else cv2.BORDER_REPLICATE
        drawn = cv2.warpPerspective(level.image, *_window(homography, box), flags=cv2.INTER_LINEAR, borderMode=border)
        cv2.copyTo(drawn, mask, canvas[box])
        cv2.subtract(still_open, mask, still_open)


def _shrink(mask: Image, box: Box) -> Box:
    """The rows and columns of a box that hold all of its mask."""
    x, y, width, height = cv2.boundingRect(mask)
    top, left = box[0].start + y, box[1].start + x
    return slice(top, top + height), slice(left, left + width)


def _window(homography: Floats, box: Box) -> tuple[Floats, Size]:
    """A homography into a box of the picture, and the box's width and height."""
    rows, columns = box
    shifted = homography.copy()
    shifted[0] -= columns.start * homography[2]
    shifted[1] -= rows.start * homography[2]
    return shifted, (columns.stop - columns.start, rows.stop - rows.start)


def _corners(origin: stages.Vector, u: stages.Vector, v: stages.Vector) -> Floats:
    return np.array(origin) + _UNIT @ np.array([u, v])


def _clip(polygon: Floats, plane: Floats) -> Floats:
    """The part of a convex polygon on the inner side of a plane (Sutherland & Hodgman, CACM 17(1), 1974).

    Rows are (s, t, x, y, z): texture coordinates, in repeats, are linear in space and are cut along.
    """
    side = polygon[:, 2:] @ plane[:3] + plane[3]
    following = np.arange(1, len(polygon) + 1) % len(polygon)
    inside, after = side >= 0, side[following]
    crossing = inside != (after >= 0)
    share = np.divide(side, side - after, out=np.zeros_like(side), where=crossing)
    cut = polygon + share[:, None] * (polygon[following] - polygon)
    both = np.stack([polygon, cut], axis=1).reshape(-1, 5)
    return both[np.stack([inside, crossing], axis=1).ravel()]


def _slabs(polygon: Floats) -> Iterator[Floats]:
    nearest, farthest = polygon[:, 4].min() * 1.5, polygon[:, 4].max() / 1.5
    for depth in _SLABS:
        if nearest < depth < farthest:
            yield _clip(polygon, np.array([0.0, 0.0, -1.0, depth]))
            polygon = _clip(polygon, np.array([0.0, 0.0, 1.0, -depth]))
    yield polygon


def _level_for(levels: list[_Level], texture: Floats, outline: NDArray[np.float32]) -> _Level:
    """The level whose samples are about as dense as the picture's pixels under the piece."""
    samples = cv2.contourArea((texture * levels[0].size).astype(np.float32))
    octave = math.log2(max(samples, 1e-6) / max(cv2.contourArea(outline), 1e-6)) / 2
    return levels[min(max(round(octave), 0), len(levels) - 1)]


def _plane(corners: Floats, repeats: tuple[float, float], size: Size, shift: Floats) -> Floats:
    """From texture samples to camera coordinates: the columns of the plane's homography before the camera's matrix."""
    u = (corners[1] - corners[0]) / (repeats[0] * size[0])
    v = (corners[3] - corners[0]) / (repeats[1] * size[1])
    columns = np.empty((3, 3))
    columns[:, 0], columns[:, 1] = u, v
    columns[:, 2] = corners[0] + (shift[0] * size[0] + 0.5) * u + (shift[1] * size[1] + 0.5) * v
    return columns


def _hood(blank: Image, share: float, rng: np.random.Generator) -> tuple[Image, Image] | None:
    """What a car's bonnet adds to every picture, and where."""
    if not share:
        return None
    height, width = blank.shape[:2]
    image, mask = np.zeros_like(blank), np.zeros((height, width), np.uint8)
    image[:] = np.linspace(150, 40, height)[(slice(None),) + (None,) * (blank.ndim - 1)]
    top, centre = round(height * share), (width // 2, height)
    cv2.ellipse(mask, centre, (width * 3 // 5, top), 0, 180, 360, 255, cv2.FILLED)
    cv2.ellipse(image, centre, (width * 3 // 5, top), 0, 180, 360, (105, 105, 105), max(2, height // 90), cv2.LINE_AA)
    for x in rng.uniform(0.15, 0.85, 14):
        spot = round(x * width), height - round(top * float(rng.uniform(0.1, 0.75)))
        cv2.circle(image, spot, max(1, height // 120), (70, 70, 70), cv2.FILLED)
    for side in (0.32, 0.68):
        cv2.line(image, (round(side * width), height), (width // 2, height - top), (20, 20, 20), max(1, height // 120))
    return image, mask
