"""A graph of TensorFlow.js, written as ONNX: the operators that networks for pictures are made of.

They mean what TensorFlow says of them (tensorflow.org/api_docs/python/tf/raw_ops); pictures keep their channels last.
One that is not known here ends the translation, by its name.
"""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false

from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ..model import Array, Unrunnable

_SAME_NAME = {
    **{name: name for name in ("Add", "Sub", "Mul", "Div", "Abs", "Sqrt", "Relu", "Sigmoid", "Tanh", "Exp", "Neg")},
    "AddV2": "Add", "RealDiv": "Div", "Maximum": "Max", "Minimum": "Min", "Identity": "Identity", "BiasAdd": "Add",
    "Reshape": "Reshape", "Elu": "Elu", "LeakyRelu": "LeakyRelu", "Softmax": "Softmax", "Prelu": "PRelu", "Pow": "Pow",
}  # fmt: skip
_REDUCES = {"Mean": "ReduceMean", "Sum": "ReduceSum", "Max": "ReduceMax", "Min": "ReduceMin"}
_KINDS = {"DT_FLOAT": TensorProto.FLOAT, "DT_INT32": TensorProto.INT32}
_FIRST, _LAST = [0, 3, 1, 2], [0, 2, 3, 1]
_OPSET = 17


class Node(msgspec.Struct, frozen=True):
    """A step of the graph, as `model.json` has it."""

    name: str
    op: str
    input: tuple[str, ...] = ()
    attr: dict[str, Any] = {}

    def numbers(self, name: str) -> list[int]:
        return [int(one) for one in self.attr.get(name, {}).get("list", {}).get("i", ())]

    def words(self, name: str) -> list[str]:
        return [b64decode(one).decode() for one in self.attr.get(name, {}).get("list", {}).get("s", ())]

    def word(self, name: str) -> str:
        return b64decode(self.attr.get(name, {}).get("s", "")).decode()

    def yes(self, name: str) -> bool:
        return bool(self.attr.get(name, {}).get("b", False))


class Translation:
    """Turns nodes into an ONNX model.

    Args:
        nodes: of the graph, each after those that it takes from.
        weights: by the names of the constants.
    """

    def __init__(self, nodes: list[Node], weights: Mapping[str, Array]) -> None:
        self._weights, self._stored = weights, dict[str, Array]()
        self._steps: list[onnx.NodeProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._nodes = nodes

    def model(self) -> onnx.ModelProto:
        """The model; raises `Unrunnable` for an operator that is not known, `ValueError` for a broken graph."""
        try:
            for node in self._nodes:
                self._translate(node)
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ValueError(f"a broken graph ({error})") from error
        taken = {_bare(name) for node in self._nodes for name in node.input}
        last = [node.name for node in self._nodes if node.name not in taken and node.op not in ("Const", "Placeholder")]
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in last]
        used = {name for step in self._steps for name in step.input}
        stored = [numpy_helper.from_array(value, name) for name, value in self._stored.items() if name in used]
        graph = helper.make_graph(self._steps, "g", self._inputs, outputs, stored)
        proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)
        return onnx.shape_inference.infer_shapes(proto)

    def _translate(self, node: Node) -> None:
        if node.op == "Const":
            self._stored[node.name] = self._weights[node.name]
        elif node.op == "Placeholder":
            self._take(node)
        elif node.op in _SAME_NAME:
            self._step(_SAME_NAME[node.op], node)
        elif node.op in _REDUCES:
            self._reduce(node)
        elif node.op in _OTHERS:
            _OTHERS[node.op](self, node)
        else:
            raise Unrunnable(f"it has a step {node.op[:40]}, which is not run here")

    def _take(self, node: Node) -> None:
        sides = [int(side.get("size", -1)) for side in node.attr["shape"]["shape"].get("dim", ())]
        shape = [side if side > 0 else None for side in sides]
        kind = _KINDS.get(node.attr["dtype"]["type"], TensorProto.FLOAT)
        self._inputs.append(helper.make_tensor_value_info(node.name, kind, shape))

    def _step(self, op: str, node: Node, **attributes: Any) -> None:
        """One for one; shapes and axes are 64-bit numbers in ONNX."""
        inputs = [_bare(name) for name in node.input if not name.startswith("^")]
        for name in inputs[1:]:
            if op == "Reshape" and name in self._stored:
                self._stored[name] = self._stored[name].astype(np.int64)
        self._add(op, inputs, node.name, **attributes)

    def _add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._steps.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def _keep(self, name: str, value: Array) -> str:
        self._stored[name] = value
        return name

    def _constant(self, node: Node, place: int) -> Array:
        return self._stored[_bare(node.input[place])]

    def _reduce(self, node: Node) -> None:
        axes = self._keep(f"{node.name}/axes", self._constant(node, 1).astype(np.int64).reshape(-1))
        if node.op == "Sum":
            self._add("ReduceSum", [_bare(node.input[0]), axes], node.name, keepdims=int(node.yes("keep_dims")))
            return
        where = [int(axis) for axis in self._stored.pop(axes)]
        self._add(_REDUCES[node.op], [_bare(node.input[0])], node.name, axes=where, keepdims=int(node.yes("keep_dims")))

    def convolve(self, node: Node) -> None:
        """With what is fused to it: a bias, an activation."""
        weights, deep = self._constant(node, 1), "Depthwise" in node.op
        height, width, taken, given = weights.shape
        if deep:
            weights = weights.transpose(2, 3, 0, 1).reshape(taken * given, 1, height, width)
        else:
            weights = weights.transpose(3, 2, 0, 1)
        kernel = self._keep(f"{node.name}/kernel", np.ascontiguousarray(weights))
        turned = self._add("Transpose", [_bare(node.input[0])], f"{node.name}/first", perm=_FIRST)
        made = self._add("Conv", [turned, kernel], f"{node.name}/made", group=taken if deep else 1, **_window(node))
        self._finish(node, self._add("Transpose", [made], f"{node.name}/last", perm=_LAST))

    def multiply(self, node: Node) -> None:
        inputs = [_bare(name) for name in node.input[:2]]
        for place, name in enumerate(("transpose_a", "transpose_b")):
            if node.yes(name):
                inputs[place] = self._add("Transpose", [inputs[place]], f"{node.name}/t{place}", perm=[1, 0])
        self._finish(node, self._add("MatMul", inputs, f"{node.name}/made"))

    def _finish(self, node: Node, made: str) -> None:
        for number, op in enumerate(fused := node.words("fused_ops")):
            name = f"{node.name}/f{number}"
            if op in ("BiasAdd", "Prelu"):
                other = _bare(node.input[2 + (op == "Prelu" and "BiasAdd" in fused)])
                made = self._add("Add" if op == "BiasAdd" else "PRelu", [made, other], name)
            elif op == "Relu6":
                made = self._six(made, name)
            else:
                made = self._add(_SAME_NAME[op], [made], name)
        self._add("Identity", [made], node.name)

    def _six(self, made: str, name: str) -> str:
        ends = [self._keep(f"{name}/{end}", np.float32(end)) for end in (0, 6)]  # type: ignore[arg-type]
        return self._add("Clip", [made, *ends], name)

    def relu6(self, node: Node) -> None:
        self._six(_bare(node.input[0]), node.name)

    def pool(self, node: Node) -> None:
        sides = {"kernel_shape": node.numbers("ksize")[1:3], **_window(node)}
        sides.pop("dilations", None)
        turned = self._add("Transpose", [_bare(node.input[0])], f"{node.name}/first", perm=_FIRST)
        made = self._add({"MaxPool": "MaxPool", "AvgPool": "AveragePool"}[node.op], [turned], f"{node.name}/m", **sides)
        self._add("Transpose", [made], node.name, perm=_LAST)

    def pad(self, node: Node) -> None:
        pads = self._keep(f"{node.name}/pads", self._constant(node, 1).astype(np.int64).T.reshape(-1))
        self._add("Pad", [_bare(node.input[0]), pads], node.name)

    def squeeze(self, node: Node) -> None:
        axes = self._keep(f"{node.name}/axes", np.array(node.numbers("squeeze_dims"), np.int64))
        self._add("Squeeze", [_bare(node.input[0]), axes], node.name)

    def join(self, node: Node) -> None:
        axis = int(self._constant(node, len(node.input) - 1))
        self._add("Concat", [_bare(name) for name in node.input[:-1]], node.name, axis=axis)

    def square(self, node: Node) -> None:
        self._add("Mul", [_bare(node.input[0])] * 2, node.name)

    def inverse_root(self, node: Node) -> None:
        self._add("Reciprocal", [self._add("Sqrt", [_bare(node.input[0])], f"{node.name}/root")], node.name)

    def transpose(self, node: Node) -> None:
        order = [int(axis) for axis in self._constant(node, 1)]
        self._add("Transpose", [_bare(node.input[0])], node.name, perm=order)


def _bare(name: str) -> str:
    return name.removesuffix(":0")


def _window(node: Node) -> dict[str, Any]:
    padding = {"SAME": "SAME_UPPER", "VALID": "VALID"}.get(node.word("padding"))
    if padding is None or node.word("data_format") not in ("", "NHWC"):
        raise Unrunnable("it has a step with a padding or a layout that is not run here")
    dilations = node.numbers("dilations")[1:3] or [1, 1]
    return {"strides": node.numbers("strides")[1:3], "auto_pad": padding, "dilations": dilations}


_OTHERS: dict[str, Callable[[Translation, Node], None]] = {
    **dict.fromkeys(
        ("Conv2D", "_FusedConv2D", "FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"),
        Translation.convolve,
    ),
    **dict.fromkeys(("MatMul", "_FusedMatMul"), Translation.multiply),
    **dict.fromkeys(("MaxPool", "AvgPool"), Translation.pool),
    **dict.fromkeys(("Pad", "PadV2"), Translation.pad),
    "Squeeze": Translation.squeeze,
    "ConcatV2": Translation.join,
    "Square": Translation.square,
    "Rsqrt": Translation.inverse_root,
    "Transpose": Translation.transpose,
    "Relu6": Translation.relu6,
}
