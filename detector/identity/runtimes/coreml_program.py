"""A program of Core ML: operations in their order, with constants in it or in a file beside it.

Fields are numbered as in MIL.proto (github.com/apple/coremltools, mlmodel/format); what lies before each constant in
the file beside it is described in mlmodel/src/MILBlob/Blob/StorageFormat.hpp.
"""

import struct
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from ...protobuf import by_number, text
from ..model import Array, Unrunnable
from .beside import read_beside
from .coreml_operations import WAYS, Given, Thing
from .layer_list import Listed, Shape, Step
from .proto_settings import Settings

_FUNCTIONS, _BLOCKS, _KEY, _VALUE = 2, 3, 1, 2
_FUNCTION: Final = {"inputs": 1, "blocks": 3}
_BLOCK: Final = {"outputs": 2, "operations": 3}
_OPERATION: Final = {"type": 1, "inputs": 2, "outputs": 3, "attributes": 5}
_BINDING: Final = {"name": 1, "value": 2}
_NAMED: Final = {"name": 1, "type": 2}
_TENSOR: Final = {"tensor": 1, "kind": 1, "sides": 3}
_SIDE: Final = {"constant": 1, "size": 1}
_CONSTANT: Final = {"type": 2, "here": 3, "beside": 5}
_HERE: Final = {"tensor": 1, "floats": 1, "ints": 2, "bools": 3, "strings": 4, "longs": 5, "doubles": 6, "bytes": 7}
_FILE: Final = {"name": 1, "offset": 2}
_VALUES: Final = {"values": 1}
_KINDS: Final = {
    1: "|b1", 10: "<f2", 11: "<f4", 12: "<f8", 21: "|i1", 22: "<i2", 23: "<i4", 24: "<i8", 31: "|u1", 32: "<u2",
    33: "<u4",
}  # fmt: skip
_BFLOAT: Final = 13
_FOLDER: Final = "@model_path/"
_HEAD, _SENTINEL = struct.Struct("<IIQQ"), 0xDEADBEEF
_CODED: Final = 1 << 30  # bytes that may show nothing of how they were drawn
_MOST: Final = 1 << 29  # numbers of a constant


class Program(NamedTuple):
    """A program as a list of layers, and bytes of its weights that may show nothing of how they were drawn."""

    listed: Listed
    unread: int


def program_of(raw: memoryview, path: Path | None) -> Program:
    """Read a program; raises `Unrunnable`."""
    functions = by_number(raw)[_FUNCTIONS]
    if len(functions) != 1:
        raise Unrunnable("it has several functions, which are not run here")
    function = Settings(by_number(functions[0])[_VALUE][0], _FUNCTION)
    blocks = function.messages("blocks")
    if len(blocks) != 1:
        raise Unrunnable("it has several programs, which are not run here")
    block = Settings(by_number(blocks[0])[_VALUE][0], _BLOCK)
    reader = _Constants(path)
    inputs = dict(_given(one) for one in function.messages("inputs"))
    steps = list(_steps(block, reader))
    return Program(Listed(steps, inputs, WAYS, named=block.words("outputs")), _CODED if reader.coded else 0)


def _given(raw: memoryview) -> tuple[str, Shape]:
    """The name and shape of what it takes, without the batch."""
    named = Settings(raw, _NAMED)
    sides, _ = _shape(named.messages("type")[0])
    if sides[:1] not in ([1], [None]) or len(sides) < 2:
        raise Unrunnable("it takes arrays without a batch, which are not run here")
    return named.word("name"), tuple(sides[1:])


def _shape(raw: memoryview) -> tuple[list[int | None], int]:
    """Of a type: its sides, None where one is open, and the kind of its numbers."""
    tensor = Settings(raw, _TENSOR).inner("tensor", _TENSOR)
    sides = [Settings(one, _SIDE).inner("constant", _SIDE).whole("size") or None for one in tensor.messages("sides")]
    return sides, tensor.whole("kind")


class _Constants:
    """Constants by name, and the file beside the program that holds the large ones.

    Attributes:
        coded: whether some are no real numbers, and were made such.
    """

    def __init__(self, path: Path | None) -> None:
        self.known: dict[str, Thing] = {}
        self.coded = False
        self._path, self._files = path, dict[str, bytes]()

    def value(self, raw: memoryview) -> Array | list[str]:
        """An array, or words."""
        held = Settings(raw, _CONSTANT)
        sides, kind = _shape(held.messages("type")[0]) if held.has("type") else ([], 0)
        shape = [side or 0 for side in sides]
        if held.has("beside"):
            return self._beside(held.inner("beside", _FILE), shape, kind)
        tensor = held.inner("here", _HERE).inner("tensor", _HERE)
        if tensor.has("strings"):
            return [text(one) for one in by_number(tensor.messages("strings")[0])[1]]
        flat = _flat(tensor, kind)
        if flat.size != prod(shape):
            raise ValueError("a program of Core ML with constants that do not fill their shapes")
        return flat.reshape(shape)

    def _beside(self, place: Settings, shape: list[int], kind: int) -> Array:
        name = place.word("name").removeprefix(_FOLDER)
        if name not in self._files:
            self._files[name] = read_beside(self._path, name)
        content, offset = self._files[name], place.whole("offset")
        if not 0 <= offset <= len(content) - _HEAD.size:
            raise Unrunnable("the file beside it holds fewer weights than it names")
        sentinel, _, size, start = _HEAD.unpack_from(content, offset)
        item = 2 if kind == _BFLOAT else np.dtype(_kind(kind)).itemsize
        if sentinel != _SENTINEL or prod(shape) > _MOST or size != prod(shape) * item or start + size > len(content):
            raise Unrunnable("the file beside it holds other weights than it names")
        if kind == _BFLOAT:
            return (
                (np.frombuffer(content, "<u2", prod(shape), start).astype(np.uint32) << 16).view("<f4").reshape(shape)
            )
        return np.frombuffer(content, _kind(kind), prod(shape), start).reshape(shape)


def _kind(kind: int) -> str:
    if kind not in _KINDS:
        raise Unrunnable("it has constants of a kind that is not known here")
    return _KINDS[kind]


def _flat(tensor: Settings, kind: int) -> Array:
    if tensor.has("floats"):
        return tensor.inner("floats", _VALUES).reals("values")
    if tensor.has("doubles"):
        packed = b"".join(tensor.inner("doubles", _VALUES).messages("values"))
        return np.frombuffer(packed, "<f8")
    if tensor.has("bytes"):
        return np.frombuffer(b"".join(tensor.inner("bytes", _VALUES).messages("values")), _kind(kind))
    for name in ("ints", "longs", "bools"):
        if tensor.has(name):
            return np.array(tensor.inner(name, _VALUES).wholes("values"), np.int64)
    return np.zeros(0, np.float32)


def _steps(block: Settings, constants: _Constants) -> Iterator[Step]:
    for raw in block.messages("operations"):
        operation = Settings(raw, _OPERATION)
        kind = operation.word("type")
        gives = tuple(Settings(one, _NAMED).word("name") for one in operation.messages("outputs"))
        given = {key: list(_bound(value, constants)) for key, value in _entries(operation.messages("inputs"))}
        if kind == "const":
            own = dict(_entries(operation.messages("attributes")))
            constants.known[gives[0]] = constants.value(own["val"])
        elif kind.startswith("constexpr_"):
            own = {key: constants.value(value) for key, value in _entries(operation.messages("attributes"))}
            constants.known[gives[0]] = _worked_out(kind, {**own, **{key: one[0] for key, one in given.items() if one}})
            constants.coded |= kind != "constexpr_cast"
        else:
            yield _step(kind, gives, given)


def _step(kind: str, gives: tuple[str, ...], given: Mapping[str, list[Thing]]) -> Step:
    takes = tuple(one for bound in given.values() for one in bound if isinstance(one, str))
    arrays: list[Array] = [one for bound in given.values() for one in bound if not isinstance(one, (str, list))]
    weights = tuple(np.ascontiguousarray(one, np.float32) for one in arrays if one.dtype.kind == "f" and one.size > 1)
    return Step(kind, gives[0] if gives else "", takes, gives, Given(given), weights)


def _entries(raw: list[memoryview]) -> Iterator[tuple[str, memoryview]]:
    for one in raw:
        held = by_number(one)
        yield text(held[_KEY][0]), held[_VALUE][0]


def _bound(raw: memoryview, constants: _Constants) -> Iterator[Thing]:
    """Of an argument each thing: the name of one that is worked out, an array, or words in a list."""
    for one in by_number(raw)[1]:
        binding = Settings(one, _BINDING)
        if binding.has("name"):
            name = binding.word("name")
            yield constants.known.get(name, name)
        else:
            yield constants.value(binding.messages("value")[0])


def _worked_out(kind: str, given: Mapping[str, Any]) -> Array:
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
