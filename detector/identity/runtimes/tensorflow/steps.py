"""Steps that compute, written as ONNX: of one value, of two, of pictures. Pictures keep their channels last."""

from typing import Any

import numpy as np

from ...model import Unrunnable
from .node import Node, Writer
from .shapes import Step

_FIRST, _LAST = [0, 3, 1, 2], [0, 2, 3, 1]
_NAMES = {
    **{name: name for name in (
        "Add", "Sub", "Mul", "Div", "Abs", "Sqrt", "Relu", "Sigmoid", "Tanh", "Exp", "Neg", "Identity", "Elu",
        "Softmax", "LogSoftmax", "Pow", "Log", "Floor", "Ceil", "Round", "Sign", "Reciprocal", "Softplus", "Sin", "Cos",
        "Erf", "Selu", "Equal", "Less", "Greater", "Range", "Softsign",
        "Flatten",
    )},
    "AddV2": "Add", "RealDiv": "Div", "DivNoNan": "Div", "Maximum": "Max", "Minimum": "Min", "BiasAdd": "Add",
    "AddN": "Sum", "Prelu": "PRelu", "LessEqual": "LessOrEqual", "GreaterEqual": "GreaterOrEqual", "LogicalAnd": "And",
    "LogicalOr": "Or", "LogicalNot": "Not", "Select": "Where", "SelectV2": "Where", "StopGradient": "Identity",
}  # fmt: skip
_REDUCES = {
    "Mean": "ReduceMean", "Sum": "ReduceSum", "Max": "ReduceMax", "Min": "ReduceMin", "Prod": "ReduceProd",
}  # fmt: skip
_RESIZES = {"ResizeBilinear": ("linear", "asymmetric"), "ResizeNearestNeighbor": ("nearest", "asymmetric")}
_LEAK = 0.2  # of LeakyRelu, where the graph does not say


def _same(writer: Writer, node: Node) -> None:
    if node.op == "Identity" and node.taken[0] in writer.stored:
        writer.keep(node.name, writer.stored[node.taken[0]])
        return
    writer.add(_NAMES[node.op], node.taken, node.name)


def _reduce(writer: Writer, node: Node) -> None:
    axes = [int(axis) for axis in writer.constant(node, 1).reshape(-1)]
    keep = int(node.yes("keep_dims"))
    if node.op == "Sum":
        writer.add("ReduceSum", [node.taken[0], writer.longs(f"{node.name}#axes", *axes)], node.name, keepdims=keep)
    else:
        writer.add(_REDUCES[node.op], node.taken[:1], node.name, axes=axes, keepdims=keep)


def _convolve(writer: Writer, node: Node) -> None:
    """With what is fused to it: a bias, an activation."""
    weights, deep = writer.constant(node, 1), "Depthwise" in node.op
    height, width, taken, given = weights.shape
    if deep:
        weights = weights.transpose(2, 3, 0, 1).reshape(taken * given, 1, height, width)
    else:
        weights = weights.transpose(3, 2, 0, 1)
    kernel = writer.keep(f"{node.name}#kernel", np.ascontiguousarray(weights))
    turned = writer.turned(node.taken[0], _FIRST, f"{node.name}#first")
    made = writer.add("Conv", [turned, kernel], f"{node.name}#made", group=taken if deep else 1, **_window(node))
    _finish(writer, node, writer.turned(made, _LAST, f"{node.name}#last"))


def _convolve_back(writer: Writer, node: Node) -> None:
    """To a larger map; how large, its padding and strides say."""
    kernel = writer.keep(f"{node.name}#kernel", np.ascontiguousarray(writer.constant(node, 1).transpose(3, 2, 0, 1)))
    turned = writer.turned(node.taken[2], _FIRST, f"{node.name}#first")
    made = writer.add("ConvTranspose", [turned, kernel], f"{node.name}#made", **_window(node))
    writer.turned(made, _LAST, node.name)


def _multiply(writer: Writer, node: Node) -> None:
    inputs = node.taken[:2]
    for place, name in enumerate(("transpose_a", "transpose_b")):
        if node.yes(name):
            inputs[place] = writer.turned(inputs[place], [1, 0], f"{node.name}#t{place}")
    _finish(writer, node, writer.add("MatMul", inputs, f"{node.name}#made"))


def _multiply_many(writer: Writer, node: Node) -> None:
    first = "ji" if node.yes("adj_x") else "ij"
    second = "kj" if node.yes("adj_y") else "jk"
    writer.add("Einsum", node.taken[:2], node.name, equation=f"...{first},...{second}->...ik")


def _finish(writer: Writer, node: Node, made: str) -> None:
    for number, op in enumerate(fused := node.words("fused_ops")):
        name = f"{node.name}#f{number}"
        if op in ("BiasAdd", "Prelu"):
            other = node.taken[2 + (op == "Prelu" and "BiasAdd" in fused)]
            made = writer.add("Add" if op == "BiasAdd" else "PRelu", [made, other], name)
        elif op == "Relu6":
            made = _six(writer, made, name)
        elif op == "LeakyRelu":
            made = writer.add(op, [made], name, alpha=node.real("leakyrelu_alpha", _LEAK))
        else:
            made = writer.add(_NAMES[op], [made], name)
    writer.add("Identity", [made], node.name)


def _six(writer: Writer, made: str, name: str) -> str:
    ends = [writer.keep(f"{name}#{end}", np.float32(end)) for end in (0, 6)]
    return writer.add("Clip", [made, *ends], name)


def _pool(writer: Writer, node: Node) -> None:
    sides = {"kernel_shape": node.numbers("ksize")[1:3], **_window(node)}
    sides.pop("dilations", None)
    turned = writer.turned(node.taken[0], _FIRST, f"{node.name}#first")
    op = {"MaxPool": "MaxPool", "AvgPool": "AveragePool"}[node.op]
    writer.turned(writer.add(op, [turned], f"{node.name}#m", **sides), _LAST, node.name)


def _pad(writer: Writer, node: Node) -> None:
    """Before and after each axis; ONNX wants all before first."""
    mode = node.word("mode") if node.op == "MirrorPad" else "CONSTANT"
    if mode not in ("CONSTANT", "REFLECT"):
        raise Unrunnable("it has a MirrorPad that repeats the edge, which is not run here")
    name = node.taken[1]
    if name in writer.stored:
        pads = writer.longs(f"{node.name}#pads", *writer.stored[name].T.reshape(-1).tolist())
    else:
        pads = writer.whole(writer.turned(name, [1, 0], f"{node.name}#before"))
    value = node.taken[2:3] if node.op == "PadV2" else []
    writer.add("Pad", [node.taken[0], pads, *value], node.name, mode=mode.lower())


def _resize(writer: Writer, node: Node) -> None:
    mode, where = _RESIZES[node.op]
    where = "align_corners" if node.yes("align_corners") else "half_pixel" if node.yes("half_pixel_centers") else where
    turned = writer.turned(node.taken[0], _FIRST, f"{node.name}#first")
    sides = writer.add("Shape", [turned], f"{node.name}#sides", end=2)
    size = writer.add("Concat", [sides, writer.whole(node.taken[1])], f"{node.name}#size", axis=0)
    how: dict[str, Any] = {"mode": mode, "coordinate_transformation_mode": where}
    if mode == "nearest":
        how["nearest_mode"] = "floor"
    writer.turned(writer.add("Resize", [turned, "", "", size], f"{node.name}#made", **how), _LAST, node.name)


def _enlarge(writer: Writer, node: Node) -> None:
    """As Keras does: every side so many times as long."""
    high, wide = node.numbers("size")
    scales = writer.keep(f"{node.name}#scales", np.array([1, 1, high, wide], np.float32))
    how: dict[str, Any] = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    if node.op.endswith("Nearest"):
        how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    turned = writer.turned(node.taken[0], _FIRST, f"{node.name}#first")
    writer.turned(writer.add("Resize", [turned, "", scales], f"{node.name}#made", **how), _LAST, node.name)


def _normalise(writer: Writer, node: Node) -> None:
    """By the mean and variance that it has learned."""
    scale, offset, mean, variance = (writer.constant(node, place) for place in range(1, 5))
    gain = scale / np.sqrt(variance + node.real("epsilon", 1e-4))
    names = [writer.keep(f"{node.name}#{name}", value.astype(np.float32)) for name, value in (
        ("gain", gain), ("shift", offset - mean * gain),
    )]  # fmt: skip
    scaled = writer.add("Mul", [node.taken[0], names[0]], f"{node.name}#scaled")
    writer.add("Add", [scaled, names[1]], node.name)


def _square(writer: Writer, node: Node) -> None:
    made = node.taken[0]
    if node.op == "SquaredDifference":
        made = writer.add("Sub", node.taken, f"{node.name}#difference")
    writer.add("Mul", [made, made], node.name)


def _divide_down(writer: Writer, node: Node) -> None:
    """Of whole numbers ONNX drops the rest itself; those here are not below zero."""
    made = writer.add("Div", node.taken, f"{node.name}#divided")
    writer.add("Identity" if node.kind("T") != 1 else "Floor", [made], node.name)


_OTHERS: dict[str, Step] = {
    **dict.fromkeys(
        ("Conv2D", "_FusedConv2D", "FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"), _convolve
    ),
    **dict.fromkeys(("MatMul", "_FusedMatMul"), _multiply),
    **dict.fromkeys(("BatchMatMul", "BatchMatMulV2"), _multiply_many),
    **dict.fromkeys(("MaxPool", "AvgPool"), _pool),
    **dict.fromkeys(("Pad", "PadV2", "MirrorPad"), _pad),
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), _normalise),
    "Conv2DBackpropInput": _convolve_back,
    "UpSampling2DNearest": _enlarge,
    "UpSampling2DLinear": _enlarge,
    "HardSigmoid": lambda writer, node: writer.add("HardSigmoid", node.taken, node.name, alpha=1 / 6),
    "Square": _square,
    "SquaredDifference": _square,
    "FloorDiv": _divide_down,
    "FloorMod": lambda writer, node: writer.add("Mod", node.taken, node.name, fmod=int(node.kind("T") == 1)),
    "Rsqrt": lambda writer, node: writer.add(
        "Reciprocal", [writer.add("Sqrt", node.taken, f"{node.name}#root")], node.name
    ),
    "Relu6": lambda writer, node: _six(writer, node.taken[0], node.name),
    "LeakyRelu": lambda writer, node: writer.add("LeakyRelu", node.taken, node.name, alpha=node.real("alpha", _LEAK)),
}
STEPS: dict[str, Step] = {
    **dict.fromkeys(_NAMES, _same),
    **dict.fromkeys(_REDUCES, _reduce),
    **dict.fromkeys(_RESIZES, _resize),
    **_OTHERS,
}


def _window(node: Node) -> dict[str, Any]:
    if node.word("data_format") not in ("", "NHWC"):
        raise Unrunnable("it has a step with a layout that is not run here")
    sides = {"strides": node.numbers("strides")[1:3], "dilations": node.numbers("dilations")[1:3] or [1, 1]}
    padding = node.word("padding")
    if padding == "EXPLICIT":
        top, bottom, left, right = node.numbers("explicit_paddings")[2:6]
        return {**sides, "pads": [top, left, bottom, right]}
    if padding not in ("SAME", "VALID"):
        raise Unrunnable("it has a step with a padding that is not run here")
    return {**sides, "auto_pad": "SAME_UPPER" if padding == "SAME" else "VALID"}
