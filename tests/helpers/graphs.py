"""Graphs of TensorFlow, written as protocol buffers without TensorFlow."""

import struct
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

_KINDS = {"float32": 1, "int32": 3, "bool": 10}


def number(value: int) -> bytes:
    value &= (1 << 64) - 1
    rest = value >> 7
    return bytes([value & 0x7F | (0x80 if rest else 0)]) + (number(rest) if rest else b"")


def field(place: int, value: int | float | bytes) -> bytes:
    if isinstance(value, bytes):
        return number(place << 3 | 2) + number(len(value)) + value
    if isinstance(value, float):
        return number(place << 3 | 5) + struct.pack("<f", value)
    return number(place << 3) + number(value)


def sides(*shape: int) -> bytes:
    return b"".join(field(2, field(1, side)) for side in shape)


def tensor(value: NDArray[Any]) -> bytes:
    shape = field(1, _KINDS[value.dtype.name]) + field(2, sides(*value.shape))
    return shape + field(4, value.tobytes())


def step(name: str, op: str, *inputs: str, **attributes: bytes) -> bytes:
    """A step of a graph; attributes are messages of AttrValue."""
    held = [field(5, field(1, key.encode()) + field(2, value)) for key, value in attributes.items()]
    return field(
        1,
        field(1, name.encode())
        + field(2, op.encode())
        + b"".join(field(3, i.encode()) for i in inputs)
        + b"".join(held),
    )


def constant(name: str, value: NDArray[Any]) -> bytes:
    return step(name, "Const", dtype=field(6, _KINDS[value.dtype.name]), value=field(8, tensor(value)))


def placeholder(name: str, *shape: int, kind: int = 1) -> bytes:
    return step(name, "Placeholder", dtype=field(6, kind), shape=field(7, sides(*shape)))


def whole(*values: int) -> bytes:
    return field(1, field(3, b"".join(map(number, values))))


FOUR = whole(1, 4, 4, 1)


def signature(**ends: tuple[str, str]) -> bytes:
    """Signatures by name, each from one output of the graph to another: entries of a MetaGraphDef."""
    return b"".join(
        field(5, field(1, name.encode()) + field(2, field(1, _end(takes)) + field(2, _end(gives))))
        for name, (takes, gives) in ends.items()
    )


def _end(place: str) -> bytes:
    return field(1, b"x") + field(2, field(1, place.encode()) + field(2, 1) + field(3, field(3, 1)))


def saved_model(graph: bytes, signatures: bytes) -> bytes:
    """What lies in `saved_model.pb`."""
    return field(1, 1) + field(2, field(1, field(4, b"serve")) + field(2, graph) + signatures)


def channels_last(recogniser: bytes) -> NDArray[Any]:
    """The matrix of the recogniser of the tests, an ONNX file of 28x28 px, for pictures as TensorFlow has them."""
    (stored,) = onnx.load_model_from_string(recogniser).graph.initializer
    matrix = numpy_helper.to_array(stored)
    return matrix.reshape(3, 28, 28, -1).transpose(1, 2, 0, 3).reshape(matrix.shape).copy()
