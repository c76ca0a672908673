"""The steps of TensorFlow that layers of Keras are made of, as they are written down one by one."""

# Settings are whatever the file says.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...model import Array
from ..tensorflow.node import Node

Settings = Mapping[str, Any]
_STEPS = {
    "relu": "Relu", "relu6": "Relu6", "softmax": "Softmax", "sigmoid": "Sigmoid", "tanh": "Tanh", "elu": "Elu",
    "selu": "Selu", "softplus": "Softplus", "softsign": "Softsign", "exponential": "Exp", "linear": "Identity",
    "leaky_relu": "LeakyRelu", "log_softmax": "LogSoftmax",
}  # fmt: skip


class Steps:
    """The steps so far, and their constants.

    Attributes:
        nodes: of the graph.
        constants: by name.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, Array] = {}

    def add(self, op: str, name: str, inputs: Sequence[str], **attributes: Any) -> str:
        """One step; its name."""
        self.nodes.append(Node(name, op, tuple(inputs), {key: _attribute(one) for key, one in attributes.items()}))
        return name

    def keep(self, name: str, value: Any) -> str:
        """A constant; its name."""
        self.constants[name] = np.asarray(value)
        self.nodes.append(Node(name, "Const"))
        return name

    def activation(self, function: Any, made: str, name: str) -> str:
        """A function of one value."""
        if isinstance(function, dict):
            function = function.get("config", {}).get("name") or function.get("class_name", "")
        if function in ("swish", "silu"):
            return self.add("Mul", name, [made, self.add("Sigmoid", f"{name}#gate", [made])])
        if function in ("hard_sigmoid", "hard_swish", "hard_silu"):
            gate = self.add("HardSigmoid", f"{name}#gate", [made])  # Keras 2's rose by a fifth, not a sixth
            return gate if function == "hard_sigmoid" else self.add("Mul", name, [made, gate])
        return self.add(_STEPS.get(function, str(function)), name, [made])


class Layer:
    """A layer that is being written: its kind and settings, what it takes, and its weights by what they are."""

    def __init__(self, kind: str, name: str, inputs: list[str], settings: Settings, weights: Mapping[str, str]) -> None:
        self.kind, self.name, self.inputs, self.settings, self.weights = kind, name, inputs, settings, weights

    def pair(self, name: str) -> list[int]:
        """A setting of two numbers, or of one for both."""
        value = self.settings.get(name) or 1
        return [int(value)] * 2 if isinstance(value, int | float) else [int(one) for one in value]

    def window(self, size: str = "") -> dict[str, Any]:
        """How a convolution or a pool goes over a picture."""
        strides = self.pair("strides") if self.settings.get("strides") else self.pair("pool_size")
        form: dict[str, Any] = {"strides": [1, *strides, 1], "padding": str(self.settings.get("padding", "valid"))}
        form["padding"] = form["padding"].upper()
        if self.settings.get("data_format") == "channels_first":
            form["data_format"] = "NCHW"
        if size:
            return {**form, "ksize": [1, *self.pair(size), 1]}
        return {**form, "dilations": [1, *self.pair("dilation_rate"), 1]}


def _attribute(value: Any) -> dict[str, Any]:
    """As `model.json` has it."""
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, str):
        return {"s": b64encode(value.encode()).decode()}
    if isinstance(value, list):
        return {"list": {"i": value}}
    return {"i": value} if isinstance(value, int) else {"f": value}
