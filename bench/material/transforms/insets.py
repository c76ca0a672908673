"""A picture in a picture: something still within what moves, and what moves within something still."""

import math
from typing import cast

import cv2
import numpy as np

from ....streams.frame import Image
from .pictures import Change, Stage, Transform, each
from .textures import burned_in, real


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


def _box(stage: Stage, share: float) -> tuple[slice, slice]:
    """Rows and columns of a box of the picture's proportions somewhere in it."""
    places: list[slice] = []
    for side in stage.shape:
        length = round(side * math.sqrt(share))
        start = int(stage.rng.integers(0, side - length + 1))
        places.append(slice(start, start + length))
    return places[0], places[1]
