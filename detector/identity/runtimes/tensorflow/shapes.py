"""Steps that move, cut, join and count values, written as ONNX."""

from collections.abc import Callable

import numpy as np
from onnx import TensorProto

from ...model import Unrunnable
from .node import Node, Writer

Step = Callable[[Writer, Node], object]
_END = np.iinfo(np.int32).max


def _reshape(writer: Writer, node: Node) -> None:
    writer.add("Reshape", [node.taken[0], writer.whole(node.taken[1])], node.name)


def _shape(writer: Writer, node: Node) -> None:
    """How long each axis is, or how many values there are."""
    sides = writer.add(node.op, node.taken[:1], f"{node.name}#sides")
    writer.add("Cast", [sides], node.name, to=TensorProto.INT32)


def _strided_slice(writer: Writer, node: Node) -> None:
    """One axis after the other, as its masks say: bit i is about the i-th."""
    if node.number("ellipsis_mask"):
        raise Unrunnable("it has a StridedSlice with an ellipsis, which is not run here")
    begin, end, strides = (writer.constant(node, place).reshape(-1).tolist() for place in (1, 2, 3))
    starts, ends, axes, steps, gone, new = list[int](), list[int](), list[int](), list[int](), list[int](), list[int]()
    for place, (first, last, step) in enumerate(zip(begin, end, strides, strict=True)):
        bit, axis = 1 << place, place - len(new)
        if node.number("new_axis_mask") & bit:
            new.append(place)
            continue
        if node.number("shrink_axis_mask") & bit:
            last, step = first + 1 or _END, 1
            gone.append(axis)
        elif node.number("end_mask") & bit:
            last = _END if step > 0 else -_END
        first = first if gone[-1:] == [axis] or not node.number("begin_mask") & bit else 0 if step > 0 else _END
        starts, ends, axes, steps = [*starts, first], [*ends, last], [*axes, axis], [*steps, step]
    made = node.taken[0]
    if axes:
        lists = (("starts", starts), ("ends", ends), ("axes", axes), ("steps", steps))
        names = [writer.longs(f"{node.name}#{name}", *values) for name, values in lists]
        made = writer.add("Slice", [made, *names], f"{node.name}#slice")
    if gone:
        made = writer.add("Squeeze", [made, writer.longs(f"{node.name}#gone", *gone)], f"{node.name}#squeezed")
    if new:
        made = writer.add("Unsqueeze", [made, writer.longs(f"{node.name}#new", *new)], f"{node.name}#widened")
    writer.add("Identity", [made], node.name)


def _slice(writer: Writer, node: Node) -> None:
    """From where, and how much: -1 is all that is left."""
    begin, size = (writer.constant(node, place).reshape(-1) for place in (1, 2))
    starts = writer.longs(f"{node.name}#starts", *begin.tolist())
    ends = writer.longs(f"{node.name}#ends", *np.where(size < 0, _END, begin + size).tolist())
    writer.add("Slice", [node.taken[0], starts, ends], node.name)


def _expand_dims(writer: Writer, node: Node) -> None:
    axes = writer.longs(f"{node.name}#axes", int(writer.constant(node, 1).reshape(-1)[0]))
    writer.add("Unsqueeze", [node.taken[0], axes], node.name)


def _squeeze(writer: Writer, node: Node) -> None:
    axes = node.numbers("squeeze_dims") or node.numbers("axis")
    names = [writer.longs(f"{node.name}#axes", *axes)] if axes else []
    writer.add("Squeeze", [node.taken[0], *names], node.name)


def _pack(writer: Writer, node: Node) -> None:
    axis = writer.longs(f"{node.name}#axis", node.number("axis"))
    names = [
        writer.add("Unsqueeze", [name, axis], f"{node.name}#{place}") for place, name in enumerate(node.taken)
    ]  # fmt: skip
    writer.add("Concat", names, node.name, axis=node.number("axis"))


def _unpack(writer: Writer, node: Node) -> None:
    axis = writer.longs(f"{node.name}#axis", node.number("axis"))
    count = node.number("num")
    parts = [f"{node.name}#{place}" for place in range(count)]
    writer.split("Split", node.taken[:1], parts, axis=node.number("axis"))
    for part, name in zip(parts, _places(node, count), strict=True):
        writer.add("Squeeze", [part, axis], name)


def _split(writer: Writer, node: Node) -> None:
    axis, count = int(writer.constant(node, 0).reshape(-1)[0]), node.number("num_split")
    writer.split("Split", node.taken[1:2], _places(node, count), axis=axis)


def _split_by_size(writer: Writer, node: Node) -> None:
    axis, count = int(writer.constant(node, 2).reshape(-1)[0]), len(writer.constant(node, 1))
    writer.split("Split", [node.taken[0], writer.whole(node.taken[1])], _places(node, count), axis=axis)


def _places(node: Node, count: int) -> list[str]:
    return [node.name, *(f"{node.name}:{place}" for place in range(1, count))]


def _join(writer: Writer, node: Node) -> None:
    axis = int(writer.constant(node, -1).reshape(-1)[0])
    writer.add("Concat", node.taken[:-1], node.name, axis=axis)


def _transpose(writer: Writer, node: Node) -> None:
    writer.turned(node.taken[0], [int(axis) for axis in writer.constant(node, 1)], node.name)


def _tile(writer: Writer, node: Node) -> None:
    writer.add("Tile", [node.taken[0], writer.whole(node.taken[1])], node.name)


def _broadcast(writer: Writer, node: Node) -> None:
    writer.add("Expand", [node.taken[0], writer.whole(node.taken[1])], node.name)


def _fill(writer: Writer, node: Node) -> None:
    writer.add("Expand", [node.taken[1], writer.whole(node.taken[0])], node.name)


def _gather(writer: Writer, node: Node) -> None:
    if node.number("batch_dims"):
        raise Unrunnable("it has a GatherV2 of a batch, which is not run here")
    axis = int(writer.constant(node, 2).reshape(-1)[0]) if len(node.taken) > 2 else 0
    writer.add("Gather", node.taken[:2], node.name, axis=axis)


def _gather_places(writer: Writer, node: Node) -> None:
    places = writer.add("Cast", node.taken[1:2], f"{node.name}#places", to=TensorProto.INT64)
    writer.add("GatherND", [node.taken[0], places], node.name)


def _largest(writer: Writer, node: Node) -> None:
    axis = int(writer.constant(node, 1).reshape(-1)[0])
    place = writer.add(node.op, node.taken[:1], f"{node.name}#place", axis=axis, keepdims=0)
    writer.add("Cast", [place], node.name, to=TensorProto.INT32)


def _top(writer: Writer, node: Node) -> None:
    places = f"{node.name}#places"
    writer.split("TopK", [node.taken[0], writer.whole(node.taken[1])], [node.name, places], axis=-1)
    writer.add("Cast", [places], f"{node.name}:1", to=TensorProto.INT32)


def _dense(writer: Writer, node: Node) -> None:
    """A constant of which only some values are written down."""
    places, shape, values, otherwise = (writer.constant(node, place) for place in range(4))
    full = np.full(shape.reshape(-1), otherwise, values.dtype)
    full[tuple(np.atleast_2d(places).T) if places.ndim > 1 else places] = values
    writer.keep(node.name, full)


def _cast(writer: Writer, node: Node) -> None:
    writer.add("Cast", node.taken[:1], node.name, to=node.kind("DstT"))


SHAPES: dict[str, Step] = {
    "Reshape": _reshape,
    "Shape": _shape,
    "Size": _shape,
    "StridedSlice": _strided_slice,
    "Slice": _slice,
    "ExpandDims": _expand_dims,
    "Squeeze": _squeeze,
    "Pack": _pack,
    "Unpack": _unpack,
    "Split": _split,
    "SplitV": _split_by_size,
    "ConcatV2": _join,
    "Transpose": _transpose,
    "Tile": _tile,
    "BroadcastTo": _broadcast,
    "Fill": _fill,
    "GatherV2": _gather,
    "GatherNd": _gather_places,
    "ArgMax": _largest,
    "ArgMin": _largest,
    "TopKV2": _top,
    "SparseToDense": _dense,
    "Cast": _cast,
}
