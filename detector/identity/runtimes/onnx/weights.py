"""The large weights of an ONNX file, taken out of it where they lie: what is left of the file is small.

Numbers of fields are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3). Whatever reads,
writes or looks at a model copies its weights: a network of 270 MB took 2.4 GB so.
"""

from collections.abc import Iterator
from math import prod
from typing import Final

import numpy as np

from ....protobuf import field, pieces, signed, text
from ...model import Array

_LARGE: Final = 1 << 20  # bytes
_WAY: Final = (7, 5)  # from the model to its graph, and from there to an initializer
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_DESCRIBED: Final = {_DIMS, _TYPE, _NAME, _RAW, 12}  # of a weight whose numbers lie in it as they are; 12: a text
_TYPES: Final = {1: "f4", 2: "u1", 3: "i1", 6: "i4", 7: "i8", 10: "f2", 11: "f8"}


def taken_out(content: bytes) -> tuple[bytes, dict[str, Array]]:
    """The model without the numbers of its large weights, and these by name; what is no model comes back as it is.

    Args:
        content: an ONNX file.
    """
    weights: dict[str, Array] = {}
    try:
        return b"".join(_without(memoryview(content), _WAY, weights)), weights
    except ValueError:
        return content, {}


def _without(message: memoryview, way: tuple[int, ...], weights: dict[str, Array]) -> Iterator[bytes | memoryview]:
    """A message in pieces; those that the way leads to without their numbers."""
    for number, held, whole in pieces(message):
        if number != way[0] or len(held) < _LARGE:
            yield whole
        elif way[1:]:
            yield field(number, b"".join(_without(held, way[1:], weights)))
        else:
            yield _emptied(number, held, whole, weights)


def _emptied(number: int, tensor: memoryview, whole: memoryview, weights: dict[str, Array]) -> bytes | memoryview:
    """A weight without its numbers, which are kept; as it is where they are not all there, and so."""
    dims, kept, kind, name, raw = list[int](), list[memoryview](), 0, "", memoryview(b"")
    for place, held, its in pieces(tensor):
        if place not in _DESCRIBED:
            return whole
        if place == _DIMS:
            dims += signed(held)
        elif place == _TYPE:
            kind = next(signed(held))
        elif place == _NAME:
            name = text(held)
        elif place == _RAW:
            raw = held
            continue
        kept.append(its)
    if kind not in _TYPES or name in weights or prod(dims) * np.dtype(_TYPES[kind]).itemsize != len(raw):
        return whole
    weights[name] = np.frombuffer(raw, f"<{_TYPES[kind]}").reshape(dims).copy()  # aligned, and the file can go
    return field(number, b"".join(kept))
