"""Types of numbers that numpy or ONNX Runtime cannot take, written as float32 in a graph of ONNX."""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Iterable, Iterator

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ...model import Array

_FLOAT, _DOUBLE, _BFLOAT = onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.BFLOAT16
_NAME_A_TYPE = ("to", "dtype")  # attributes that do


def as_float32(proto: onnx.ModelProto, taken: dict[str, Array]) -> None:
    """Change a model in place: bfloat16 at its ends, which numpy has no name for, and float64 all through it where a
    picture comes in so, for which ONNX Runtime has no convolution.

    Args:
        proto: the model.
        taken: numbers of initializers, by name, that are not in it; changed as well.
    """
    _widen(proto)
    if any(value.type.tensor_type.elem_type == _DOUBLE for value in proto.graph.input):
        _shorten(proto, taken)


def _widen(proto: onnx.ModelProto) -> None:
    stored = {tensor.name for tensor in proto.graph.initializer}
    before: list[onnx.NodeProto] = []
    for number, value in enumerate(proto.graph.input):
        if value.name not in stored and value.type.tensor_type.elem_type == _BFLOAT:
            before.append(helper.make_node("Cast", [wide := f"wide input {number}"], [value.name], to=_BFLOAT))
            value.name, value.type.tensor_type.elem_type = wide, _FLOAT
    if before:
        nodes = [*before, *proto.graph.node]
        del proto.graph.node[:]
        proto.graph.node.extend(nodes)
    for number, value in enumerate(proto.graph.output):
        if value.type.tensor_type.elem_type == _BFLOAT:
            wide = f"wide output {number}"
            proto.graph.node.append(helper.make_node("Cast", [value.name], [wide], to=_FLOAT))
            value.name, value.type.tensor_type.elem_type = wide, _FLOAT


def _shorten(proto: onnx.ModelProto, taken: dict[str, Array]) -> None:
    for graph in _graphs(proto.graph):
        for value in (*graph.input, *graph.output, *graph.value_info):
            if value.type.tensor_type.elem_type == _DOUBLE:
                value.type.tensor_type.elem_type = _FLOAT
        for tensor in graph.initializer:
            if tensor.name in taken and tensor.data_type == _DOUBLE:
                taken[tensor.name], tensor.data_type = taken[tensor.name].astype(np.float32), _FLOAT
            _shorten_tensor(tensor)
        _shorten_steps(graph.node)
    for function in proto.functions:
        _shorten_steps(function.node)


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """A graph, and those in its nodes."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _graphs(attribute.g)


def _shorten_steps(nodes: Iterable[onnx.NodeProto]) -> None:
    for attribute in (one for node in nodes for one in node.attribute):
        if attribute.name in _NAME_A_TYPE and attribute.i == _DOUBLE:
            attribute.i = _FLOAT
        for tensor in (*((attribute.t,) if attribute.HasField("t") else ()), *attribute.tensors):
            _shorten_tensor(tensor)


def _shorten_tensor(tensor: onnx.TensorProto) -> None:
    if tensor.data_type == _DOUBLE and not tensor.external_data:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name))
