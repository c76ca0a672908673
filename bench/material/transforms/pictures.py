"""Pictures with their times: what is transformed, and what a transformation is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from ....detector.pace import DrawnPace, Pace
from ....detector.sight.state import ANALYSIS_PERIOD_S, ANALYSIS_SIDE
from ....streams.errors import SourceError
from ....streams.frame import Frame, Image, PlanarPixels
from ....streams.source import open_source
from ..corpus import Clip
from .paths import Path

SIDE = 640  # pixels of the longest side: twice what analysis looks at, so that what is laid over keeps its detail

Shot: TypeAlias = tuple[float, Image]
Pictures: TypeAlias = Iterable[Shot]
"""Media time in seconds, rising, and luma, shape (height, width), uint8, all of one shape."""
Change: TypeAlias = Callable[[float, Image], Image]
"""The changed picture, by its time and the picture; the picture itself is left as it is."""


@dataclass(frozen=True, slots=True)
class Material:
    """What is taken from other clips.

    Attributes:
        stills: luma of real places, shape (height, width), uint8, any sizes.
        paths: how real cameras in hands, on bodies and in cars moved.
    """

    stills: tuple[Image, ...] = ()
    paths: tuple[Path, ...] = ()


class Stage(NamedTuple):
    """What something is laid over: the first picture, the chance that it is drawn with, and others' material."""

    first: Image
    rng: np.random.Generator
    material: Material

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.first.shape[0], self.first.shape[1]


Transform: TypeAlias = Callable[[Pictures, np.random.Generator, Material], Iterator[Shot]]
"""The changed pictures; the same from the same pictures, material and state of the generator."""


def each(make: Callable[[Stage], Change]) -> Transform:
    """A transformation that changes picture after picture: what it lays over is made once, by the first of them."""

    def transform(pictures: Pictures, rng: np.random.Generator, material: Material) -> Iterator[Shot]:
        change: Change | None = None
        for time, picture in pictures:
            change = change or make(Stage(picture, rng, material))
            yield time, change(time, picture)

    return transform


def chained(*transforms: Transform) -> Transform:
    """One transformation after the other."""

    def transform(pictures: Pictures, rng: np.random.Generator, material: Material) -> Iterator[Shot]:
        for one in transforms:
            pictures = one(pictures, rng, material)
        yield from pictures

    return transform


def read(clip: Clip, seconds: float = 12.0, side: int = SIDE) -> list[Shot]:
    """The first seconds of a clip, as far as it can be read; pictures of another size than the first are left out."""
    shots: list[Shot] = []
    with suppress(SourceError), open_source(str(clip.path), clip.name) as source:
        for frame in source:
            if frame.media_time >= seconds:
                break
            picture = frame.thumbnail(side)
            if not shots or picture.shape == shots[0][1].shape:
                shots.append((frame.media_time, picture))
    return shots


def to_and_fro(shots: Sequence[Shot], seconds: float) -> Iterator[Shot]:
    """The pictures forwards, backwards and so on until `seconds` have passed: longer, and without a cut."""
    if len(shots) < 2:
        yield from shots
        return
    steps = [later[0] - sooner[0] for sooner, later in pairwise(shots)]
    time, index, onwards = shots[0][0], 0, 1
    while time < seconds:
        yield time, shots[index][1]
        if not 0 <= index + onwards < len(shots):
            onwards = -onwards
        time += steps[index if onwards > 0 else index - 1]
        index += onwards


def thinned(pictures: Pictures, period: float = ANALYSIS_PERIOD_S) -> Iterator[Shot]:
    """One every `period` seconds, from the first on."""
    pace: Pace | None = None
    for time, picture in pictures:
        pace = pace or Pace(time)
        if pace.takes(time, period):
            yield time, picture


def looked_at(
    pictures: Pictures,
    period: float = ANALYSIS_PERIOD_S,
    begin: float = 0.0,
    seed: str = "0/bench",
    *,
    wary: bool = False,
) -> Iterator[Shot]:
    """Those that a guard looks at: from `begin`, seconds after the first, one every `period` seconds, evenly from a
    moment on that the seed draws, or each at a drawn one where it is `wary`."""
    pace: DrawnPace | None = None
    for time, picture in pictures:
        if pace is None:
            pace = DrawnPace(seed)
            pace.wary = wary
            pace.restart(time + begin)
        if pace.has_come(time, period):
            pace.step(time, period)
            yield time, picture


def seen(time: float, picture: Image) -> tuple[Image, float]:
    """What an estimator of mobility is shown: luma of `ANALYSIS_SIDE` pixels on its longest side, and media time."""
    return as_frame(picture, time).thumbnail(ANALYSIS_SIDE), time


def as_frame(picture: Image, time: float, index: int = 0, name: str = "transformed") -> Frame:
    """A picture as a source would hand it over."""
    return Frame(source=name, index=index, pixels=PlanarPixels(picture), media_time=time, received_at=time)
