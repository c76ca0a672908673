"""A frozen graph of TensorFlow, `.pb`: a protocol buffer of steps, with the weights in it.

Fields are numbered as in TensorFlow's graph.proto, node_def.proto, attr_value.proto, tensor.proto and
tensor_shape.proto; what they hold is taken over in the words that `model.json` of TensorFlow.js has for it.
"""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ....protobuf import Fields, by_number, signed, text
from ...model import Array, Unrunnable
from .model import TensorflowModel
from .node import Node

_TYPES = {
    1: "DT_FLOAT", 2: "DT_DOUBLE", 3: "DT_INT32", 4: "DT_UINT8", 7: "DT_STRING", 9: "DT_INT64", 10: "DT_BOOL",
    19: "DT_HALF",
}  # fmt: skip
_KINDS = {1: "<f4", 2: "<f8", 3: "<i4", 4: "|u1", 9: "<i8", 10: "|b1", 19: "<f2"}
_REAL_LIST, _WHOLE_LISTS = 5, (7, 10, 11)  # fields with values of a short tensor one by one
_MOST = 1 << 28  # values of one tensor


class GraphModel(TensorflowModel):
    """A frozen graph; see `Model`."""

    format = "tensorflow_graph"

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        super().__init__()
        try:
            nodes, self.numbers = _read(memoryview(content))
        except (IndexError, KeyError, OverflowError, UnicodeDecodeError) as error:
            raise ValueError(f"no graph of TensorFlow ({type(error).__name__})") from error
        self.notes = (f"{sum(one.size for one in self.numbers.values()) / 1e6:.2f} million weights",)
        try:
            self.open(nodes, self.numbers)
        except Unrunnable as reason:
            self.refusal = reason


def _read(content: memoryview) -> tuple[list[Node], dict[str, Array]]:
    nodes, constants = list[Node](), dict[str, Array]()
    for raw in by_number(content)[1]:
        held = by_number(raw)
        name, op = text(held[1][0]), text(held[2][0])
        values = dict(_entry(one) for one in held[5])
        if op == "Const":
            constants[name] = _tensor(values["value"][8][0])
        attributes = {key: _attribute(one) for key, one in values.items() if key != "value"}
        nodes.append(Node(name, op, tuple(map(text, held[3])), attributes))
    return nodes, constants


def _entry(raw: memoryview) -> tuple[str, Fields]:
    held = by_number(raw)
    return text(held[1][0]), by_number(held[2][0]) if held[2] else defaultdict(list)


def _attribute(held: Fields) -> dict[str, Any]:
    found = {word: make(held[number][0]) for number, (word, make) in _ATTRIBUTES.items() if held[number]}
    if held[1]:
        inner = by_number(held[1][0])
        found["list"] = {"s": list(map(_coded, inner[2])), "i": list(_packed(inner[3]))}
    return found


def _shape(raw: memoryview) -> dict[str, Any]:
    return {"dim": [{"size": next(_packed(by_number(one)[1]), 0)} for one in by_number(raw)[2]]}


def _tensor(raw: memoryview) -> Array:
    """Its bytes as they are, or values one by one, of which the last goes on to the end."""
    held = by_number(raw)
    kind = _whole(held[1][0])
    if kind not in _KINDS:
        return np.zeros(0, np.float32)  # words, and what else no network computes with
    shape = [side["size"] for side in _shape(held[2][0])["dim"]] if held[2] else []
    count = int(np.prod(shape, dtype=np.int64))
    if not 0 <= count <= _MOST:
        raise ValueError("a graph with a tensor of more values than it can hold")
    if held[4]:
        flat = np.frombuffer(held[4][0], _KINDS[kind])
    elif held[_REAL_LIST]:
        flat = np.concatenate([np.frombuffer(one, "<f4") for one in held[_REAL_LIST]])
    else:
        whole = [value for field in _WHOLE_LISTS for value in _packed(held[field])]
        flat = np.array(whole or [0], np.int64).astype(_KINDS[kind])
    if flat.size != count:
        flat = np.resize(np.pad(flat, (0, max(count - flat.size, 0)), mode="edge"), count)
    whole_numbers = flat.astype(np.int32) if kind == 9 else flat  # TensorFlow.js has none of 64 bits
    return (whole_numbers.astype(np.float32) if kind in (2, 19) else whole_numbers).reshape(shape)


def _packed(values: list[memoryview]) -> Iterator[int]:
    """Whole numbers, one a field or many in one."""
    return chain.from_iterable(map(signed, values))


def _whole(raw: memoryview) -> int:
    return next(signed(raw), 0)


def _coded(raw: memoryview) -> str:
    return b64encode(raw).decode()


_ATTRIBUTES: dict[int, tuple[str, Callable[[Any], Any]]] = {
    2: ("s", _coded),
    3: ("i", _whole),
    4: ("f", lambda raw: float(np.frombuffer(raw, "<f4")[0])),
    5: ("b", lambda raw: bool(_whole(raw))),
    6: ("type", lambda raw: _TYPES.get(_whole(raw), "DT_FLOAT")),
    7: ("shape", _shape),
}
