"""Models of Core ML, written as protocol buffers without its tools."""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.graphs import field, number

Weights = NDArray[Any]
_HEAD = struct.Struct("<IIQQ32x")
_FLOAT, _HALF, _INT = 11, 10, 23


def packed(*values: int) -> bytes:
    return b"".join(map(number, values))


def weight(value: Weights) -> bytes:
    """In 32 or 16 bits, as the array is."""
    return field(2 if value.dtype == np.float16 else 1, np.ascontiguousarray(value).tobytes())


def coded(whole: Weights, bits: int, *quantization: bytes) -> bytes:
    """Whole numbers of a few bits, highest bit first, and what they stand for."""
    spread = (whole.reshape(-1, 1) >> np.arange(bits)[::-1]) & 1
    return field(30, np.packbits(spread.astype(np.uint8)).tobytes()) + field(
        40, field(1, bits) + b"".join(quantization)
    )


def layer(kind: int, name: str, takes: str, body: bytes = b"", gives: str = "") -> bytes:
    held = field(1, name.encode()) + b"".join(field(2, one.encode()) for one in takes.split())
    held += b"".join(field(3, one.encode()) for one in (gives or name).split())
    return field(1, held + field(kind, body))


def image(name: str, wide: int, high: int) -> bytes:
    return field(1, field(1, name.encode()) + field(3, field(4, field(1, wide) + field(2, high) + field(3, 20))))


def array(name: str, *shape: int) -> bytes:
    return field(1, field(1, name.encode()) + field(3, field(5, field(1, packed(*shape)) + field(2, 65568))))


def network(given: bytes, *layers: bytes, exact: bool = False, kind: int = 500) -> bytes:
    """A network of layers that takes this."""
    rest = field(5, 1) + field(6, 1) if exact else b""
    return field(1, 4) + field(2, given) + field(kind, b"".join(layers) + rest)


def row_of(*models: bytes) -> bytes:
    """Several models in a row."""
    return field(1, 4) + field(2, array("data", 3, 8, 8)) + field(202, b"".join(field(1, one) for one in models))


class Program:
    """A program of Core ML, with the file of its weights.

    Attributes:
        weights: what lies beside it.
    """

    def __init__(self, *shape: int) -> None:
        self.weights = bytearray(64)
        self._shape, self._operations = shape, list[bytes]()

    def held(self, name: str, value: Any, *, beside: bool = False) -> str:
        """A constant; its name."""
        self._operations.append(operation("const", name, {}, {"val": self._value(value, beside)}))
        return name

    def add(self, kind: str, name: str, **given: Any) -> str:
        """An operation on what has these names, or on constants; its name."""
        bound = {key: list(map(self._bound, one if isinstance(one, list) else [one])) for key, one in given.items()}
        self._operations.append(operation(kind, name, bound, {}))
        return name

    def model(self, *outputs: str) -> bytes:
        block = b"".join(field(2, one.encode()) for one in outputs) + b"".join(self._operations)
        given = field(1, field(1, b"x") + field(2, kind_of(_FLOAT, self._shape)))
        function = given + field(2, b"CoreML6") + field(3, field(1, b"CoreML6") + field(2, block))
        program = field(1, 1) + field(2, field(1, b"main") + field(2, function))
        return field(1, 6) + field(2, array("x", *self._shape)) + field(502, program)

    def _bound(self, one: Any) -> bytes:
        return field(1, one.encode()) if isinstance(one, str) else field(2, self._value(one, False))

    def _value(self, value: Any, beside: bool) -> bytes:
        if isinstance(value, bytes):
            return field(2, kind_of(2, ())) + field(3, field(1, field(4, field(1, value))))
        held = np.asarray(value)
        kind = _HALF if held.dtype == np.float16 else _FLOAT if held.dtype.kind == "f" else _INT
        shape = field(2, kind_of(kind, held.shape))
        if beside:
            return shape + field(5, field(1, b"@model_path/weights/weight.bin") + field(2, self._put(held)))
        if kind == _INT:
            return shape + field(3, field(1, field(2, field(1, packed(*map(int, held.reshape(-1)))))))
        return shape + field(3, field(1, field(1, field(1, held.astype("<f4").tobytes()))))

    def _put(self, held: Weights) -> int:
        offset = len(self.weights)
        content = held.astype("<f2" if held.dtype == np.float16 else "<f4").tobytes()
        self.weights += _HEAD.pack(0xDEADBEEF, 1, len(content), offset + _HEAD.size) + content
        self.weights += bytes(-len(self.weights) % 64)
        return offset


def kind_of(kind: int, shape: tuple[int, ...]) -> bytes:
    sides = b"".join(field(3, field(1, field(1, side))) for side in shape)
    return field(1, field(1, kind) + field(2, len(shape)) + sides)


def operation(kind: str, name: str, given: dict[str, list[bytes]], own: dict[str, bytes]) -> bytes:
    bound = b"".join(
        field(2, field(1, key.encode()) + field(2, b"".join(field(1, one) for one in values)))
        for key, values in given.items()
    )
    named = field(3, field(1, name.encode()) + field(2, kind_of(_FLOAT, ())))
    attributes = b"".join(field(5, field(1, key.encode()) + field(2, value)) for key, value in own.items())
    return field(3, field(1, kind.encode()) + bound + named + attributes)
