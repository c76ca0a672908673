"""A picture in a picture: something still within what moves, and what moves within something still."""

import math
from typing import cast

import cv2
import numpy as np

from ....streams.frame import Image
from .pictures import Change, Stage, Transform, each
from .textures import burned_in, real

_BLACK = 16  # of video


def still_within(share: float) -> Transform:
    """A real still burned in over `share` of the picture."""

    def make(stage: Stage) -> Change:
        rows, columns = _box(stage, share)
        alpha = np.zeros(stage.shape, np.float32)
        alpha[rows, columns] = 1
        return burned_in(real(stage), alpha)

    return each(make)


def within_still(share: float) -> Transform:
    """All of the pictures, smaller, over `share` of a real still."""

    def make(stage: Stage) -> Change:
        rows, columns = _box(stage, share)
        around = real(stage)
        size = columns.stop - columns.start, rows.stop - rows.start

        def change(_: float, picture: Image) -> Image:
            framed = around.copy()
            framed[rows, columns] = cast(Image, cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
            return framed

        return change

    return each(make)


def boxed(view: float, screen: float) -> Transform:
    """The middle of the pictures, `view` times as wide as high, on a black screen that is `screen` times as wide."""

    def make(stage: Stage) -> Change:
        height, width = stage.shape
        middle = _centred(height, width / view), _centred(width, height * view)
        high, wide = (part.stop - part.start for part in middle)
        black = np.full((max(high, round(wide / screen)), max(wide, round(high * screen))), _BLACK, np.uint8)
        return _on_black(black, middle, (wide, high))

    return each(make)


def shrunk(share: float) -> Transform:
    """All of the pictures at `share` of each side, in the middle of black ones."""

    def make(stage: Stage) -> Change:
        height, width = stage.shape
        size = round(width * share), round(height * share)
        return _on_black(np.full(stage.shape, _BLACK, np.uint8), (slice(None), slice(None)), size)

    return each(make)


def _on_black(black: Image, part: tuple[slice, slice], size: tuple[int, int]) -> Change:
    place = _centred(black.shape[0], size[1]), _centred(black.shape[1], size[0])

    def change(_: float, picture: Image) -> Image:
        framed = black.copy()
        framed[place] = cv2.resize(picture[part], size, interpolation=cv2.INTER_AREA)
        return framed

    return change


def _centred(length: int, wanted: float) -> slice:
    kept = min(length, round(wanted))
    return slice((length - kept) // 2, (length - kept) // 2 + kept)


def _box(stage: Stage, share: float) -> tuple[slice, slice]:
    """Rows and columns of a box of the picture's proportions somewhere in it."""
    places: list[slice] = []
    for side in stage.shape:
        length = round(side * math.sqrt(share))
        start = int(stage.rng.integers(0, side - length + 1))
        places.append(slice(start, start + length))
    return places[0], places[1]
