"""Model files that are protocol buffers and have no mark of their own, told by the fields of their outermost message.

Field numbers are those of onnx.proto, TensorFlow's saved_model.proto, meta_graph.proto and graph.proto, Core ML's
Model.proto, Paddle's framework.proto, and caffe.proto. What the fields hold is skipped, and a few bytes of it are
looked at.
"""

import re
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

_VARINT, _LENGTH = 0, 2
_PEEKED = 1 << 16  # bytes of a message that are looked through


class _Field(NamedTuple):
    wire: int
    start: int  # where its content begins; its value where it is a number
    size: int


class _Message(NamedTuple):
    """The fields of a message by their numbers, the first of each, and which comes first of all."""

    fields: dict[int, _Field]
    first: int

    def numbers(self) -> set[int]:
        return set(self.fields)


_ONNX = frozenset((1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26))
_ONNX_HAS = {7, 8}  # graph, operators' ages
_SAVED_MODEL = {1, 2}  # version, graphs
_GRAPH = frozenset((1, 2, 3, 4))  # nodes, library, version, versions
_CORE_ML = frozenset((1, 2, 10))  # version, description, whether it learns; the model itself has a number from 200 on
_CORE_ML_KINDS = range(200, 4000)
_CAFFE, _CAFFE_LAYERS = frozenset((1, 2, 3, 4, 5, 6, 7, 8, 100)), 100
_OLDER_LAYERS = 2
_OLDER_LAYER = re.compile(rb"\A(\x12.[\x21-\x7e]+|\x1a.[\x21-\x7e]+)+\x22.[\x21-\x7e]+\x28", re.DOTALL)
_PADDLE = frozenset((1, 2, 4, 5))  # blocks, version, operators' ages
_FIRST_BLOCK = b"\x08\x00\x10" + b"\xff" * 9 + b"\x01"  # number 0, in no other
_SERVED = re.compile(rb"\x22[\x01-\x20][a-z_]+")  # a tag of a saved model, such as "serve"
_NODE = re.compile(rb"\A\x0a.(?P<name>[\x21-\x7e]+)\x12.[A-Z_a-z]\w+", re.DOTALL)  # name and operator


def proto_format(stream: BinaryIO, size: int) -> str | None:
    """The format; None where it is no model of those known here."""
    message = _read(stream, size)
    if message is None:
        return None
    return next((name for name, fits in _FORMATS.items() if fits(message, stream)), None)


def _read(stream: BinaryIO, size: int) -> _Message | None:
    """Walk over the fields; None where a field is of another kind, or the last does not end where the file does."""
    fields, first, place = dict[int, _Field](), 0, 0
    while place < size:
        key, place = _varint(stream, place)
        number, wire = key >> 3, key & 7
        if not number or wire not in (_VARINT, _LENGTH):
            return None
        value, place = _varint(stream, place)
        fields.setdefault(number, _Field(wire, value if wire == _VARINT else place, value))
        first = first or number
        place += value if wire == _LENGTH else 0
    return _Message(fields, first) if place == size else None


def _varint(stream: BinaryIO, place: int) -> tuple[int, int]:
    """A number and the place after it; (0, place) where there is none, which no field has as its key."""
    stream.seek(place)
    value = 0
    for position, byte in enumerate(stream.read(10)):
        value |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            return value, place + position + 1
    return 0, place


def _peek(stream: BinaryIO, field: _Field) -> bytes:
    stream.seek(field.start)
    return stream.read(min(field.size, _PEEKED))


def _is_onnx(message: _Message, _: BinaryIO) -> bool:
    return message.numbers() <= _ONNX and message.numbers() >= _ONNX_HAS


def _is_saved_model(message: _Message, stream: BinaryIO) -> bool:
    if message.numbers() != _SAVED_MODEL or message.fields[1][:2] != (_VARINT, 1):
        return False
    graphs = message.fields[2]
    return graphs.wire == _LENGTH and bool(_SERVED.search(_peek(stream, graphs)))


def _is_graph(message: _Message, stream: BinaryIO) -> bool:
    """A frozen graph of TensorFlow."""
    nodes = message.fields.get(1)
    fits = message.first == 1 and len(message.fields) > 1 and message.numbers() <= _GRAPH
    return fits and nodes is not None and nodes.wire == _LENGTH and bool(_NODE.match(_peek(stream, nodes)))


def _is_core_ml(message: _Message, _: BinaryIO) -> bool:
    kinds = message.numbers() - _CORE_ML
    version, described = message.fields.get(1), message.fields.get(2)
    if version is None or described is None or version.wire != _VARINT or described.wire != _LENGTH:
        return False
    return len(kinds) == 1 and all(kind in _CORE_ML_KINDS for kind in kinds)


def _is_caffe(message: _Message, stream: BinaryIO) -> bool:
    """A net with a name, or with layers that have theirs; layers of before 2015 lie in another field."""
    if not message.numbers() <= _CAFFE:
        return False
    layers, older = message.fields.get(_CAFFE_LAYERS), message.fields.get(_OLDER_LAYERS)
    if layers is not None and layers.wire == _LENGTH:
        return 1 in message.fields or bool(_NODE.match(_peek(stream, layers)))
    return older is not None and older.wire == _LENGTH and bool(_OLDER_LAYER.search(_peek(stream, older)))


def _is_paddle(message: _Message, stream: BinaryIO) -> bool:
    blocks = message.fields.get(1)
    fits = message.numbers() <= _PADDLE and blocks is not None and blocks.wire == _LENGTH
    return fits and blocks is not None and _peek(stream, blocks).startswith(_FIRST_BLOCK)


_FORMATS: dict[str, Callable[[_Message, BinaryIO], bool]] = {
    "onnx": _is_onnx,
    "saved_model": _is_saved_model,
    "tensorflow_graph": _is_graph,
    "coreml": _is_core_ml,
    "paddle": _is_paddle,
    "caffe": _is_caffe,
}
