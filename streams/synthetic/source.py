"""Rendered scenes with known camera motion: the sample that ships with facewarden.

A world is a set of textured parallelograms, each seen through a homography, so that parallax is true. All that is
random comes from the seed, and a picture depends on its time alone, not on the pictures before it.
"""

import math
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Final, Literal, Self
from urllib.parse import parse_qsl, urlsplit
from zlib import crc32

import cv2
import numpy as np

from ..base import Source
from ..errors import UnsupportedSource
from ..frame import Frame, Image, PackedPixels, PlanarPixels, Size
from . import scenes
from .render import Renderer
from .scenes import Pose, Stage
from .textures import Brush
from .trajectory import Trajectory

__all__ = ["SCENES", "Pose", "SyntheticSource"]

Layout = Literal["gray", "bgr"]

SCENES: Final = tuple(scenes.SCENES)


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
        self._scene = scenes.SCENES[scene]
        self.mobile = self._scene.mobile
        self._seed = [seed, crc32(scene.encode())]
        self._seconds, self._fps, self._size, self._clock, self._layout = seconds, fps, size, clock, layout
        self._trajectory = Trajectory(self._scene, np.random.default_rng([*self._seed, 1]), seconds)
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
    def _renderer(self) -> Renderer:
        stage = Stage(Brush(np.random.default_rng([*self._seed, 2])), self._trajectory.route())
        self._scene.world(stage)
        return Renderer(self._scene, stage, self._size, self._layout == "bgr", self._seed)


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
