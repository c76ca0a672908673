"""A frozen graph of TensorFlow, `.pb`: a protocol buffer of steps, with the weights in it.

Fields are numbered as in TensorFlow's graph.proto, node_def.proto, attr_value.proto, tensor.proto and
tensor_shape.proto; what they hold is taken over in the words that `model.json` of TensorFlow.js has for it.
"""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..model import Array, Unrunnable
from .tf_model import TensorflowModel
from .tf_node import Node

_TYPES = {1: "DT_FLOAT", 2: "DT_DOUBLE", 3: "DT_INT32", 4: "DT_UINT8", 9: "DT_INT64", 10: "DT_BOOL", 19: "DT_HALF"}
_KINDS = {1: "<f4", 2: "<f8", 3: "<i4", 4: "|u1", 9: "<i8", 10: "|b1", 19: "<f2"}
_REAL_LIST, _WHOLE_LISTS = 5, (7, 10, 11)  # fields with values of a short tensor one by one
_MOST = 1 << 28  # values of one tensor
_Fields = dict[int, list[Any]]


class GraphModel(TensorflowModel):
    """A frozen graph; see `Model`."""

    format = "tensorflow_graph"

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        super().__init__()
        try:
            nodes, self.numbers = _read(memoryview(content))
        except (IndexError, KeyError, TypeError, UnicodeDecodeError, AttributeError) as error:
            raise ValueError(f"no graph of TensorFlow ({type(error).__name__})") from error
        self.notes = (f"{sum(one.size for one in self.numbers.values()) / 1e6:.2f} million weights",)
        try:
            self.open(nodes, self.numbers)
        except Unrunnable as reason:
            self.reason = str(reason)


def _read(content: memoryview) -> tuple[list[Node], dict[str, Array]]:
    nodes, constants = list[Node](), dict[str, Array]()
    for raw in _fields(content)[1]:
        fields = _fields(raw)
        name, op = _text(fields[1][0]), _text(fields[2][0])
        values = dict(_entry(one) for one in fields[5])
        if op == "Const":
            constants[name] = _tensor(values["value"][8][0])
        attributes = {key: _attribute(one) for key, one in values.items() if key != "value"}
        nodes.append(Node(name, op, tuple(map(_text, fields[3])), attributes))
    return nodes, constants


def _entry(raw: memoryview) -> tuple[str, _Fields]:
    fields = _fields(raw)
    return _text(fields[1][0]), _fields(fields[2][0]) if fields[2] else defaultdict(list)


def _attribute(fields: _Fields) -> dict[str, Any]:
    found = {word: make(fields[number][0]) for number, (word, make) in _ATTRIBUTES.items() if fields[number]}
    if fields[1]:
        inner = _fields(fields[1][0])
        found["list"] = {"s": list(map(_coded, inner[2])), "i": list(_packed(inner[3]))}
    return found


def _shape(raw: memoryview) -> dict[str, Any]:
    return {"dim": [{"size": _signed((_fields(one)[1] or [0])[0])} for one in _fields(raw)[2]]}


def _tensor(raw: memoryview) -> Array:
    """Its bytes as they are, or values one by one, of which the last goes on to the end."""
    fields = _fields(raw)
    kind = fields[1][0]
    if kind not in _KINDS:
        return np.zeros(0, np.float32)  # words, and what else no network computes with
    shape = [side["size"] for side in _shape(fields[2][0])["dim"]] if fields[2] else []
    count = int(np.prod(shape, dtype=np.int64))
    if not 0 <= count <= _MOST:
        raise ValueError("a graph with a tensor of more values than it can hold")
    if fields[4]:
        flat = np.frombuffer(fields[4][0], _KINDS[kind])
    elif fields[_REAL_LIST]:
        flat = np.concatenate([np.frombuffer(one, "<f4") for one in fields[_REAL_LIST]])
    else:
        whole = [value for field in _WHOLE_LISTS for value in _packed(fields[field])]
        flat = np.array(whole or [0], np.int64).astype(_KINDS[kind])
    if flat.size != count:
        flat = np.resize(np.pad(flat, (0, max(count - flat.size, 0)), mode="edge"), count)
    whole_numbers = flat.astype(np.int32) if kind == 9 else flat  # TensorFlow.js has none of 64 bits
    return (whole_numbers.astype(np.float32) if kind in (2, 19) else whole_numbers).reshape(shape)


def _packed(values: list[Any]) -> Iterator[int]:
    """Whole numbers, one a field or many in one."""
    for one in values:
        if isinstance(one, int):
            yield _signed(one)
            continue
        place = 0
        while place < len(one):
            value, place = _varint(one, place)
            yield _signed(value)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _text(raw: memoryview) -> str:
    return bytes(raw).decode()


def _coded(raw: memoryview) -> str:
    return b64encode(raw).decode()


def _fields(raw: memoryview) -> _Fields:
    """The fields of a message by number: whole numbers, or bytes."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    place = 0
    while place < len(raw):
        key, place = _varint(raw, place)
        wire = key & 7
        if wire == 0:
            value, place = _varint(raw, place)
        else:
            size, place = _varint(raw, place) if wire == 2 else ({1: 8, 5: 4}[wire], place)
            if place + size > len(raw):
                raise IndexError("a field longer than its message")
            value, place = raw[place : place + size], place + size
        found[key >> 3].append(value)
    return found


def _varint(raw: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[place]
        value, shift, place = value | (byte & 0x7F) << shift, shift + 7, place + 1
        if byte < 0x80:
            return value & (1 << 64) - 1, place
        if shift > 63:
            raise IndexError("a number longer than any")


_ATTRIBUTES: dict[int, tuple[str, Callable[[Any], Any]]] = {
    2: ("s", _coded),
    3: ("i", _signed),
    4: ("f", lambda raw: float(np.frombuffer(raw, "<f4")[0])),
    5: ("b", bool),
    6: ("type", lambda number: _TYPES.get(number, "DT_FLOAT")),
    7: ("shape", _shape),
}
