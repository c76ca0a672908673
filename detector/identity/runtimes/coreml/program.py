"""A program of Core ML in a protocol buffer, as `.mlpackage` holds it.

Fields are numbered as in MIL.proto (github.com/apple/coremltools, mlmodel/format).
"""

from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Final

import numpy as np

from ....protobuf import by_number, text
from ...model import Array, Unrunnable
from ..layered.layer_list import Shape
from ..layered.settings import Settings
from .assembly import BFLOAT, Assembly, Program
from .operations import Thing

_FUNCTIONS, _KEY, _VALUE = 2, 1, 2
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
    13: BFLOAT, 33: "<u4",
}  # fmt: skip


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
    assembly = Assembly(path)
    inputs = dict(_given(one) for one in function.messages("inputs"))
    return assembly.program(inputs, _steps(block, assembly), lambda: block.words("outputs"))


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


def _value(raw: memoryview, assembly: Assembly) -> Array | list[str]:
    """A constant: an array, or words."""
    held = Settings(raw, _CONSTANT)
    sides, kind = _shape(held.messages("type")[0]) if held.has("type") else ([], 0)
    shape = [side or 0 for side in sides]
    if held.has("beside"):
        place = held.inner("beside", _FILE)
        return assembly.beside(place.word("name"), place.whole("offset"), shape, _kind(kind))
    tensor = held.inner("here", _HERE).inner("tensor", _HERE)
    if tensor.has("strings"):
        return [text(one) for one in by_number(tensor.messages("strings")[0])[1]]
    flat = _flat(tensor, kind)
    if flat.size != prod(shape):
        raise ValueError("a program of Core ML with constants that do not fill their shapes")
    return flat.reshape(shape)


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


def _steps(block: Settings, assembly: Assembly) -> Iterator[None]:
    for raw in block.messages("operations"):
        operation = Settings(raw, _OPERATION)
        gives = tuple(Settings(one, _NAMED).word("name") for one in operation.messages("outputs"))
        given = {key: list(_bound(value, assembly)) for key, value in _entries(operation.messages("inputs"))}
        own = {key: _value(one, assembly) for key, one in _entries(operation.messages("attributes")) if key != "name"}
        assembly.take(operation.word("type"), gives, given, own)
        yield


def _entries(raw: list[memoryview]) -> Iterator[tuple[str, memoryview]]:
    for one in raw:
        held = by_number(one)
        yield text(held[_KEY][0]), held[_VALUE][0]


def _bound(raw: memoryview, assembly: Assembly) -> Iterator[Thing]:
    """Of an argument each thing: the name of one that is worked out, or a constant."""
    for one in by_number(raw)[1]:
        binding = Settings(one, _BINDING)
        yield binding.word("name") if binding.has("name") else _value(binding.messages("value")[0], assembly)
