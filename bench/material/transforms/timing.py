"""What is done to the order and the times of pictures."""

from collections.abc import Iterator
from typing import cast

import cv2
import numpy as np

from ....streams.frame import Image
from .pictures import Material, Pictures, Shot, Transform, thinned
from .textures import Grain, speckle

_LOOK = 0.1  # seconds between the pictures that a guard which can be foreseen looks at
_ROUNDING = 1e-3
_ASIDE = 0.01  # seconds: less than between two pictures
_PARKED_RATE = 10.0  # pictures a second while it stands: more would say no more, and cost


def at_rate(pictures_a_second: float) -> Transform:
    """Only so many pictures a second."""

    def transform(pictures: Pictures, _: np.random.Generator, __: Material) -> Iterator[Shot]:
        yield from thinned(pictures, 1 / pictures_a_second)

    return transform


def held(seconds: float) -> Transform:
    """Each picture again and again for so long, as whoever fills up a slow stream with copies sends it on."""

    def transform(pictures: Pictures, _: np.random.Generator, __: Material) -> Iterator[Shot]:
        kept: Shot | None = None
        for time, picture in pictures:
            if kept is None or time - kept[0] >= seconds - _ROUNDING:
                kept = time, picture
            yield time, kept[1]

    return transform


def still_at_every_tenth(pictures: Pictures, _: np.random.Generator, __: Material) -> Iterator[Shot]:
    """The first picture again at every tenth of a second, where a guard that can be foreseen looks."""
    first: Image | None = None
    due = begun = 0.0
    for time, picture in pictures:
        if first is None:
            first, begun, due = picture, time, time
        while due <= time + _ROUNDING:
            yield due, first
            due = begun + round((due - begun) / _LOOK + 1) * _LOOK
        taken = abs(time - (due - _LOOK)) <= _ROUNDING
        yield (time + _ASIDE if taken else time), picture


def parked(shortest: float, longest: float, drives: bool) -> Transform:
    """The first picture stands, with its sensor's noise and an engine's tremble, and then the clip begins or ends."""

    def transform(pictures: Pictures, rng: np.random.Generator, _: Material) -> Iterator[Shot]:
        seconds: float | None = None
        for time, picture in pictures:
            if seconds is None:
                seconds = float(rng.uniform(shortest, longest))
                yield from _standing(picture, time, seconds, rng)
            if not drives:
                return
            yield time + seconds, picture

    return transform


def _standing(picture: Image, begin: float, seconds: float, rng: np.random.Generator) -> Iterator[Shot]:
    grain = Grain(rng, (picture.shape[0], picture.shape[1]), float(rng.uniform(1, 3)))
    reach, hertz = rng.uniform(0.05, 0.5) * picture.shape[1] / 640, rng.uniform(3, 25, 2)
    for index in range(int(seconds * _PARKED_RATE)):
        time = index / _PARKED_RATE
        right, down = reach * np.sin(2 * np.pi * hertz * time)
        step = np.array([[1.0, 0.0, right], [0.0, 1.0, down]])
        moved = cv2.warpAffine(picture, step, picture.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        yield begin + time, grain.on(cast(Image, moved))


def time_lapse(pictures: Pictures, rng: np.random.Generator, _: Material) -> Iterator[Shot]:
    """Pictures that were half a second to a second apart, ten a second, to and fro, under light that wanders."""
    kept = [picture for _, picture in thinned(pictures, float(rng.uniform(0.5, 1.0)))]
    if not kept:
        return
    clouds = 0.25 * speckle(rng, (kept[0].shape[0], 2 * kept[0].shape[1]), kept[0].shape[1] / 4)
    hertz, strength = rng.uniform(0.3, 1.5), rng.uniform(0.05, 0.3)
    for index in range(100):
        step = index % (2 * len(kept))
        picture = kept[min(step, 2 * len(kept) - 1 - step)]
        light = 1 + strength * np.sin(2 * np.pi * hertz * index * _LOOK)
        left = int(5 * index) % picture.shape[1]
        shade = (light + clouds[:, left : left + picture.shape[1]]).astype(np.float32)
        yield index * _LOOK, cast(Image, cv2.multiply(picture, np.ascontiguousarray(shade), dtype=cv2.CV_8U))
