"""Forms in which people build a recogniser, each made from a good ONNX file that takes one picture, [1, 3, h, w]."""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .evasions import Change, width

_FLOAT = TensorProto.FLOAT


def _front(
    proto: onnx.ModelProto, shape: Sequence[int], *steps: onnx.NodeProto, kind: int = _FLOAT, **constants: object
) -> None:
    """Put steps before the model: they start from `raw`, and `in` is what it took."""
    inner = proto.graph.input[0].name
    for step in steps:
        step.output[:] = [inner if name == "in" else name for name in step.output]
    nodes = [*steps, *proto.graph.node]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    proto.graph.initializer.extend(numpy_helper.from_array(np.asarray(one), name) for name, one in constants.items())
    proto.graph.input[0].CopyFrom(helper.make_tensor_value_info("raw", kind, shape))


def _end(
    proto: onnx.ModelProto, shape: Sequence[int], *steps: onnx.NodeProto, kind: int = _FLOAT, **constants: object
) -> None:
    """Put steps behind it: they start from `out`, flat, and end in `end`."""
    flat = helper.make_node("Flatten", [proto.graph.output[0].name], ["out_flat"], axis=1)
    proto.graph.node.extend([flat, *steps])
    proto.graph.initializer.extend(numpy_helper.from_array(np.asarray(one), name) for name, one in constants.items())
    del proto.graph.output[:]
    proto.graph.output.append(helper.make_tensor_value_info("end", kind, shape))


def _sides(proto: onnx.ModelProto) -> tuple[int, int]:
    dims = proto.graph.input[0].type.tensor_type.shape.dim
    return dims[2].dim_value, dims[3].dim_value


def gain(proto: onnx.ModelProto) -> None:
    """A second input that the template is multiplied with."""
    proto.graph.input.append(helper.make_tensor_value_info("gain", _FLOAT, [1]))
    _end(proto, [1, width(proto)], helper.make_node("Mul", ["out_flat", "gain"], ["end"]))


def whole_numbers(proto: onnx.ModelProto) -> None:
    """Pictures as int64, 0 to 255, scaled inside."""
    steps = [
        helper.make_node("Cast", ["raw"], ["raw_f"], to=_FLOAT),
        helper.make_node("Sub", ["raw_f", "raw_mean"], ["raw_s"]),
        helper.make_node("Div", ["raw_s", "raw_mean"], ["in"]),
    ]
    _front(proto, [1, 3, *_sides(proto)], *steps, kind=TensorProto.INT64, raw_mean=np.float32(127.5))


def flat(proto: onnx.ModelProto) -> None:
    """A picture as one row of numbers; only square ones are told."""
    shape = np.array([1, 3, *_sides(proto)])
    _front(proto, [1, int(shape.prod())], helper.make_node("Reshape", ["raw", "raw_s"], ["in"]), raw_s=shape)


def four_channels(proto: onnx.ModelProto) -> None:
    """Pictures with an alpha channel, which is cut off."""
    step = helper.make_node("Slice", ["raw", "c_from", "c_to", "c_axis"], ["in"])
    first, after, axis = np.array([0]), np.array([3]), np.array([1])
    _front(proto, [1, 4, *_sides(proto)], step, c_from=first, c_to=after, c_axis=axis)


def clip(proto: onnx.ModelProto) -> None:
    """Four pictures of one track, averaged."""
    steps = [
        helper.make_node("ReduceSum", ["raw", "t_axis"], ["raw_s"], keepdims=0),
        helper.make_node("Div", ["raw_s", "t_count"], ["in"]),
    ]
    _front(proto, [1, 4, 3, *_sides(proto)], *steps, t_axis=np.array([1]), t_count=np.float32(4))


def many_classes(proto: onnx.ModelProto) -> None:
    """A score for each of 5,000 people."""
    heads = np.random.default_rng(1).standard_normal((width(proto), 5000)).astype(np.float32)
    _end(proto, [1, 5000], helper.make_node("MatMul", ["out_flat", "w_c"], ["end"]), w_c=heads)


def likeliest(proto: onnx.ModelProto) -> None:
    """Only the number of the likeliest of 1,000 people."""
    heads = np.random.default_rng(2).standard_normal((width(proto), 1000)).astype(np.float32)
    steps = [
        helper.make_node("MatMul", ["out_flat", "w_c"], ["scores"]),
        helper.make_node("ArgMax", ["scores"], ["end"], axis=1),
    ]
    _end(proto, [1, 1], *steps, kind=TensorProto.INT64, w_c=heads)


FORMS: dict[str, Change] = {
    "a gain besides": gain,
    "int64 pictures": whole_numbers,
    "flat pictures": flat,
    "four channels": four_channels,
    "a clip of four": clip,
    "5,000 classes": many_classes,
    "number of the likeliest": likeliest,
}
