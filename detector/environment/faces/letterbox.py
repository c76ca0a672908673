"""A picture in a frame of the size that a network takes."""

from typing import NamedTuple

import numpy as np

from ....streams.frame import Image, scale_down
from .face import LONGEST

# Both sides of a network's input are multiples of its coarsest stride.
_MULTIPLE = 32


class Boxed(NamedTuple):
    """A picture in its frame.

    Attributes:
        frame: shape (1, 1, height, width), uint8, multiples of 32; the picture at the top left, black elsewhere. It is
            overwritten by the next picture.
        scale: pixels of the picture per pixel of the frame, in x and in y; 1 unless the picture was scaled down.
    """

    frame: Image
    scale: tuple[float, float]


class Letterbox:
    """Keeps one frame for each size, of which there are at most a hundred, so that a picture costs no allocation.

    A frame keeps its picture until the next one, or until whoever took it blanks it.
    """

    def __init__(self) -> None:
        self._frames: dict[tuple[int, int], Image] = {}

    def put(self, luma: Image) -> Boxed:
        """Frame a picture of shape (height, width), at least 1 x 1."""
        small = shrunk(luma)
        height, width = small.shape
        size = -(-height // _MULTIPLE) * _MULTIPLE, -(-width // _MULTIPLE) * _MULTIPLE
        frame = self._frames.get(size)
        if frame is None:
            frame = self._frames[size] = np.empty((1, 1, *size), np.uint8)
        frame[0, 0, :height, :width] = small
        frame[0, 0, height:] = 0
        frame[0, 0, :height, width:] = 0
        return Boxed(frame, (luma.shape[1] / width, luma.shape[0] / height))


def shrunk(luma: Image) -> Image:
    """The picture with at most 320 pixels on its longest side; the same one where it has no more."""
    scale = LONGEST / max(luma.shape)
    if scale >= 1:
        return luma
    height, width = (max(1, round(side * scale)) for side in luma.shape)
    return scale_down(luma, (width, height))
