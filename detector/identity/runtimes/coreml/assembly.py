"""What is common to programs of Core ML, however they are written down: constants, in them or in a file beside them,
and operations in their order.

What lies before each constant in the file beside it is described in coremltools' StorageFormat.hpp
(github.com/apple/coremltools, mlmodel/src/MILBlob/Blob).
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from ...model import Array, Unrunnable
from ..beside import read_beside
from ..layered.layer_list import Listed, Shape, Step
from .operations import WAYS, Given, Thing

BFLOAT: Final = "bfloat"
_FOLDER: Final = "@model_path/"
_HEAD, _SENTINEL = struct.Struct("<IIQQ"), 0xDEADBEEF
_CODED: Final = 1 << 30  # bytes that may show nothing of how they were drawn
_MOST: Final = 1 << 29  # numbers of a constant
_DENSE: Final = "constexpr_"


class Program(NamedTuple):
    """A program as a list of layers, and bytes of its weights that may show nothing of how they were drawn."""

    listed: Listed
    unread: int


class Assembly:
    """Takes one operation after the other; `path` is where the program lies, None where only its content was given."""

    def __init__(self, path: Path | None) -> None:
        self._known: dict[str, Thing] = {}
        self._steps: list[Step] = []
        self._path, self._files, self._coded = path, dict[str, bytes](), False

    def program(
        self, inputs: Mapping[str, Shape], steps: Iterable[None], outputs: Callable[[], Sequence[str]]
    ) -> Program:
        """All of it, once its steps have been handed over."""
        for _ in steps:
            pass
        listed = Listed(self._steps, inputs, WAYS, named=outputs())
        return Program(listed, _CODED if self._coded else 0)

    def take(
        self, kind: str, gives: tuple[str, ...], given: Mapping[str, list[Thing]], own: Mapping[str, Thing]
    ) -> None:
        """An operation: what it gives, what it is given, by name, and what it holds itself."""
        bound = {
            key: [self._known.get(one, one) if isinstance(one, str) else one for one in things]
            for key, things in given.items()
        }
        if kind == "const":
            self._known[gives[0]] = own["val"]
        elif kind.startswith(_DENSE):
            first = {key: things[0] for key, things in bound.items() if things}
            self._known[gives[0]] = _worked_out(kind, {**own, **first})
            self._coded |= kind != "constexpr_cast"
        else:
            self._steps.append(_step(kind, gives, bound))

    def beside(self, name: str, offset: int, shape: Sequence[int], kind: str) -> Array:
        """A constant in the file beside the program; `kind` as numpy names it, or `BFLOAT`."""
        if not name.startswith(_FOLDER):
            raise Unrunnable("its weights lie outside its folder, where nothing is read")
        name = name.removeprefix(_FOLDER)
        if name not in self._files:
            self._files[name] = read_beside(self._path, name)
        content = self._files[name]
        if not 0 <= offset <= len(content) - _HEAD.size:
            raise Unrunnable("the file beside it holds fewer weights than it names")
        count, item = prod(shape), 2 if kind == BFLOAT else np.dtype(kind).itemsize
        sentinel, _, size, start = _HEAD.unpack_from(content, offset)
        if sentinel != _SENTINEL or not 0 < count <= _MOST or size != count * item or start + size > len(content):
            raise Unrunnable("the file beside it holds other weights than it names")
        if kind == BFLOAT:
            short = np.frombuffer(content, "<u2", count, start).astype(np.uint32)
            return (short << 16).view("<f4").reshape(shape)
        return np.frombuffer(content, kind, count, start).reshape(shape)


def _step(kind: str, gives: tuple[str, ...], given: Mapping[str, list[Thing]]) -> Step:
    takes = tuple(one for bound in given.values() for one in bound if isinstance(one, str))
    arrays: list[Array] = [one for bound in given.values() for one in bound if not isinstance(one, (str, list))]
    weights = tuple(np.ascontiguousarray(one, np.float32) for one in arrays if one.dtype.kind == "f" and one.size > 1)
    return Step(kind, gives[0] if gives else "", takes, gives, Given(given), weights)


def _worked_out(kind: str, given: Mapping[str, Thing]) -> Array:
    """A constant that is stored in fewer bits."""
    if kind == "constexpr_cast":
        return np.asarray(given["source_val"], np.float32)
    if kind == "constexpr_affine_dequantize":
        whole, axis = np.asarray(given["quantized_data"], np.float32), int(np.asarray(given["axis"]).reshape(-1)[0])
        wide = [-1 if place == axis % whole.ndim else 1 for place in range(whole.ndim)]
        scale, zero = (np.asarray(given[name], np.float32) for name in ("scale", "zero_point"))
        scale, zero = (one.reshape(wide) if one.size > 1 else one.reshape(-1)[0] for one in (scale, zero))
        return ((whole - zero) * scale).astype(np.float32)
    if kind == "constexpr_lut_to_dense" and "shape" in given:
        table = np.asarray(given["lut"], np.float32).reshape(-1)
        shape = [int(side) for side in np.asarray(given["shape"]).reshape(-1)]
        bits = int(table.size).bit_length() - 1
        spread = np.unpackbits(np.asarray(given["indices"], np.uint8).reshape(-1), bitorder="little")
        if bits < 1 or not 0 < prod(shape) <= spread.size // bits:
            raise Unrunnable("it has weights that its table of values does not hold")
        places = spread[: prod(shape) * bits].reshape(-1, bits) @ (1 << np.arange(bits))
        return table[places].reshape(shape)
    raise Unrunnable(f"it has weights of {kind[:40]}, which are not read here")
