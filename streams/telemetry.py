"""Motion sensors that some cameras record beside the picture: GPMF, as GoPro cameras write it.

GPMF is a tree of records: a four-letter key, a type, a size and a count, then the data, padded to four bytes; all
big-endian (specification and field list: github.com/gopro/gpmf-parser, docs/README.md).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float64]

_HEADER = struct.Struct(">4scBH")
_NESTED = b"\0"
_NUMBERS = {b"b": "i1", b"B": "u1", b"s": ">i2", b"S": ">u2", b"l": ">i4", b"L": ">u4", b"f": ">f4", b"d": ">f8"}
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Motion:
    """What the sensors of a camera measured over one stretch of time, about a second.

    Attributes:
        acceleration: shape (n, 3), m/s^2, gravity included; the axes' order differs between models.
        rotation: shape (n, 3), rad/s.
        speed: shape (n,), m/s over ground, from satellites; empty where there is no fix.
    """

    acceleration: Samples = field(default_factory=lambda: np.empty((0, 3)))
    rotation: Samples = field(default_factory=lambda: np.empty((0, 3)))
    speed: Samples = field(default_factory=lambda: np.empty(0))


def parse_gpmf(payload: bytes) -> Motion | None:
    """The motion in one GPMF payload; None where it holds none. What is damaged or unknown is passed over."""
    found: dict[bytes, Samples] = {}
    for stream in _streams(payload, _DEPTH):
        scale, fix = np.ones(1), 3.0
        for key, values in stream:
            match key:
                case b"SCAL":
                    scale = values.ravel()
                case b"GPSF":
                    fix = values.flat[0]
                case b"ACCL" | b"GYRO" if scale.size in (1, values.shape[1]) and scale.all():
                    found[key] = values / scale
                case b"GPS5" if fix >= 2 and values.shape[1] == scale.size == 5 and scale.all():
                    found[key] = (values / scale)[:, 3]
                case _:
                    pass
    if not found:
        return None
    empty = Motion()
    return Motion(
        found.get(b"ACCL", empty.acceleration), found.get(b"GYRO", empty.rotation), found.get(b"GPS5", empty.speed)
    )


def _streams(payload: bytes, depth: int) -> Iterator[list[tuple[bytes, Samples]]]:
    """The records of each `STRM`, a sensor each, wherever it is nested."""
    for key, kind, _, _, data in _records(payload):
        if kind == _NESTED and key == b"STRM":
            yield list(_numbers(data))
        elif kind == _NESTED and depth:
            yield from _streams(data, depth - 1)


def _numbers(payload: bytes) -> Iterator[tuple[bytes, Samples]]:
    for key, kind, size, count, data in _records(payload):
        dtype = np.dtype(_NUMBERS.get(kind, "V1"))
        if kind in _NUMBERS and count and size and size % dtype.itemsize == 0:
            yield key, np.frombuffer(data, dtype).reshape(count, size // dtype.itemsize).astype(np.float64)


def _records(payload: bytes) -> Iterator[tuple[bytes, bytes, int, int, bytes]]:
    at = 0
    while at + _HEADER.size <= len(payload):
        key, kind, size, count = cast(tuple[bytes, bytes, int, int], _HEADER.unpack_from(payload, at))
        at += _HEADER.size
        data = payload[at : at + size * count]
        if len(data) < size * count:
            return
        yield key, kind, size, count, data
        at += (size * count + 3) // 4 * 4
