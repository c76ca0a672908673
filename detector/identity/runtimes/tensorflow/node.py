"""One step of a TensorFlow graph, and the ONNX that is written for such steps."""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false

from base64 import b64decode
from typing import Any

import msgspec
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ...model import Array, Unrunnable

_KINDS = {
    "DT_FLOAT": TensorProto.FLOAT, "DT_HALF": TensorProto.FLOAT, "DT_INT32": TensorProto.INT32,
    "DT_INT64": TensorProto.INT32, "DT_BOOL": TensorProto.BOOL, "DT_UINT8": TensorProto.UINT8,
}  # fmt: skip


class Node(msgspec.Struct, frozen=True):
    """A step of the graph, as `model.json` has it."""

    name: str
    op: str
    input: tuple[str, ...] = ()
    attr: dict[str, Any] = {}

    @property
    def taken(self) -> list[str]:
        """What it takes, without what it only waits for."""
        return [bare(name) for name in self.input if not name.startswith("^")]

    def numbers(self, name: str) -> list[int]:
        return [int(one) for one in self.attr.get(name, {}).get("list", {}).get("i", ())]

    def number(self, name: str, otherwise: int = 0) -> int:
        return int(self.attr.get(name, {}).get("i", otherwise))

    def real(self, name: str, otherwise: float) -> float:
        return float(self.attr.get(name, {}).get("f", otherwise))

    def words(self, name: str) -> list[str]:
        return [b64decode(one).decode() for one in self.attr.get(name, {}).get("list", {}).get("s", ())]

    def word(self, name: str) -> str:
        return b64decode(self.attr.get(name, {}).get("s", "")).decode()

    def yes(self, name: str) -> bool:
        return bool(self.attr.get(name, {}).get("b", False))

    def kind(self, name: str) -> int:
        """An element type, as ONNX numbers it."""
        return int(_KINDS.get(self.attr.get(name, {}).get("type", ""), TensorProto.FLOAT))


class Writer:
    """The ONNX graph so far.

    Attributes:
        stored: constants by name.
        inputs: what the graph takes.
    """

    def __init__(self) -> None:
        self.stored: dict[str, Array] = {}
        self.inputs: list[onnx.ValueInfoProto] = []
        self._steps: list[onnx.NodeProto] = []
        self._wide: set[str] = set()

    def add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """A step of one output; its name."""
        return self.split(op, inputs, [output], **attributes)[0]

    def split(self, op: str, inputs: list[str], outputs: list[str], **attributes: Any) -> list[str]:
        """A step of several outputs; their names."""
        self._steps.append(helper.make_node(op, inputs, outputs, **attributes))
        return outputs

    def keep(self, name: str, value: Any) -> str:
        """A constant; its name."""
        self.stored[name] = np.asarray(value)
        return name

    def longs(self, name: str, *values: int) -> str:
        """A constant list of 64-bit numbers, as ONNX wants axes and shapes; its name."""
        return self.keep(name, np.array(values, np.int64))

    def constant(self, node: Node, place: int) -> Array:
        """What a node takes there; raises `Unrunnable` where that is no constant."""
        if (name := node.taken[place]) not in self.stored:
            raise Unrunnable(f"it has a {node.op[:40]} of which the settings are worked out, which is not run here")
        return self.stored[name]

    def whole(self, name: str) -> str:
        """The same in 64 bits, in one axis; its name."""
        wide = f"{name}#whole"
        if wide in self._wide:
            return wide
        self._wide.add(wide)
        if name in self.stored:
            return self.keep(wide, self.stored[name].astype(np.int64).reshape(-1))
        cast = self.add("Cast", [name], f"{wide}#cast", to=TensorProto.INT64)
        return self.add("Reshape", [cast, self.longs(f"{wide}#axis", -1)], wide)

    def turned(self, name: str, order: list[int], output: str) -> str:
        """With its axes in another order; its name."""
        return self.add("Transpose", [name], output, perm=order)

    def model(self, outputs: list[str], opset: int) -> onnx.ModelProto:
        """What was written, giving these; raises `ValueError` where that is no graph."""
        used = {name for step in self._steps for name in step.input}
        stored = [numpy_helper.from_array(value, name) for name, value in self.stored.items() if name in used]
        gives = [onnx.ValueInfoProto(name=name) for name in outputs]
        graph = helper.make_graph(self._steps, "g", self.inputs, gives, stored)
        proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        inferred = onnx.shape_inference.infer_shapes(proto)
        for value in inferred.graph.output:
            if not value.type.tensor_type.elem_type:
                value.type.tensor_type.elem_type = TensorProto.FLOAT
        return inferred


def bare(name: str) -> str:
    """The first output of a step goes by the step's name."""
    return name.removesuffix(":0")
