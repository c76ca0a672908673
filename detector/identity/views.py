"""What an output may be taken for: the vector that it is, or, of a map or of tokens, one vector for all places."""

from collections.abc import Iterator

import numpy as np

from .model import Array

_FEWEST, _MOST = 8, 4096  # values of a vector that stands for all places
_MAP = 2048  # values: more than are left of all places
_LARGEST_MAP = 512 * 7 * 7  # ArcFace's last (Deng et al., 2019)
_CHANNELS = 32  # detectors give fewer values for each place


def views(array: Array) -> Iterator[tuple[str, Array]]:
    """The vectors that a map or a row of tokens is pooled to before it is compared, each with what was done.

    The mean over all places (Lin et al., Network In Network, 2013), whether they come before the channels or behind
    them, and the first token, which stands for the picture (Dosovitskiy et al., 2021).

    Args:
        array: float, of one picture; axes of length 1 mean nothing.
    """
    sides = [side for side in array.shape if side > 1]
    if len(sides) in (2, 3):
        places = array.reshape(sides)
        yield from _fitting("mean, channels last", places.mean(tuple(range(len(sides) - 1))))
        yield from _fitting("mean, channels first", places.mean(tuple(range(1, len(sides)))))
        yield from _fitting("first token", places[0]) if len(sides) == 2 else ()


def is_map(array: Array) -> bool:
    """Whether an output of one picture may be what a last matrix is laid on: much is told of every place, or of all."""
    sides = [side for side in array.shape if side > 1]
    if not _MAP < array.size <= _LARGEST_MAP or len(sides) > len("CHW"):
        return False
    if len(sides) == len("CHW"):
        return max(sides[0], sides[2]) > max(sides[1], _CHANNELS)
    return len(sides) == 1 or (array.ndim < len("NCHW") and min(sides) >= _CHANNELS)


def _fitting(view: str, vector: Array) -> Iterator[tuple[str, Array]]:
    if _FEWEST <= vector.size <= _MOST:
        yield view, np.asarray(vector, np.float32)
