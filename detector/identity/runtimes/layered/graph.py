"""The layers that networks for pictures are made of, written as ONNX, with the shapes that come of them."""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, Final, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ...model import Array, Unrunnable
from ..onnx.file import OnnxModel

_MOST: Final = 8192  # steps
_COLOURS: Final = 3  # channels of a picture, which no network takes each for itself
_LARGE: Final = 1 << 10  # values of a weight from which on it is handed over beside the graph
_OPSET, _VERSION = 17, 8
NORM: Final = ("weight", "bias", "running_mean", "running_var")  # of a batch normalisation, as PyTorch names them


class Mismatch(Exception):
    """Weights that do not fit together so."""


def agree(fits: bool) -> None:
    """Raises `Mismatch` where something does not fit."""
    if not fits:
        raise Mismatch


class Value(NamedTuple):
    """Something in the graph: its name, and its shape without the batch."""

    name: str
    shape: tuple[int, ...]


class Graph:
    """Writes one layer after another. Each raises `Mismatch` where its weights do not fit what it takes.

    Attributes:
        sized: whether it fits one size of picture alone.
    """

    def __init__(self) -> None:
        self.sized = False
        self._nodes: list[onnx.NodeProto] = []
        self._kept: dict[str, Array] = {}
        self._names: dict[int, str] = {}

    def conv(
        self, value: Value, weight: Array, bias: Array | None, stride: int = 1, pad: Sequence[int] | None = None
    ) -> Value:
        """A convolution, in as many groups as its shape asks for.

        Args:
            value: a map, [channels, height, width].
            weight: [output, input channels of a group, height, width].
            bias: [output], if any.
            stride: the same both ways.
            pad: zeros on each side, above and to the left; as many as keep the size where None.
        """
        wide, taken, *kernel = weight.shape
        agree(len(value.shape) == 3 and min(weight.shape) > 0 and value.shape[0] % taken == 0)
        groups = value.shape[0] // taken
        agree(wide % groups == 0 and (groups == 1 or value.shape[0] > _COLOURS))
        pads = [(side - 1) // 2 for side in kernel] if pad is None else list(pad)
        sides = [_slid(*one, stride) for one in zip(value.shape[1:], kernel, pads, strict=True)]
        self.sized |= pad is not None and sides == [1, 1]
        inputs = [value, *self._learned(weight, bias)]
        return self._add("Conv", inputs, (wide, *sides), group=groups, pads=pads * 2, strides=[stride] * 2)

    def matrix(self, value: Value, weight: Array, bias: Array | None) -> Value:
        """A matrix, [output, input], on all values in their order."""
        flat = self.flat(value)
        agree(flat.shape == (weight.shape[1],))
        return self._add("Gemm", [flat, *self._learned(weight, bias)], (weight.shape[0],), transB=1)

    def norm(self, value: Value, held: Mapping[str, Array], epsilon: float) -> Value:
        """A batch normalisation; `held` by the names that PyTorch has for its four arrays."""
        count = value.shape[0]
        whole = {"weight": np.ones(count, np.float32), "bias": np.zeros(count, np.float32), **held}
        agree(all(name in whole and whole[name].shape == (count,) for name in NORM))
        return self._add(
            "BatchNormalization", [value, *(self._keep(whole[name]) for name in NORM)], value.shape, epsilon=epsilon
        )

    def prelu(self, value: Value, slope: Array) -> Value:
        """Slopes of what is below zero: one, or one for each channel."""
        agree(slope.size in (1, value.shape[0]))
        held = self._keep(slope.reshape(-1, *[1] * (len(value.shape) - 1)))
        return self._add("PRelu", [value, held], value.shape)

    def plus(self, value: Value, other: Value) -> Value:
        agree(value.shape == other.shape)
        return self._add("Add", [value, other], value.shape)

    def centred(self, value: Value, means: Sequence[float], sides: Sequence[int]) -> Value:
        """A picture of these sides and of 0 to 255, its means taken off, by 256."""
        agree(value.shape == (len(means), *sides))
        self.sized = True
        held = {"weight": np.full(len(means), 1 / 256, np.float32), "running_mean": np.array(means, np.float32)}
        return self.norm(value, {**held, "running_var": np.ones(len(means), np.float32)}, 0.0)

    def plus_all(self, value: Value, other: Value) -> Value:
        """What is smaller of two maps is taken to be zero where it is not."""
        agree(len(value.shape) == len(other.shape))
        shape = list(map(max, value.shape, other.shape))
        return self.plus(*(self._extended(one, shape) for one in (value, other)))

    def _extended(self, value: Value, shape: Sequence[int]) -> Value:
        """With zeros behind what is there, until it is of this shape."""
        if value.shape == tuple(shape):
            return value
        more = [to - side for to, side in zip(shape, value.shape, strict=True)]
        pads = self._keep(np.array([0, 0, 0, 0, 0, *more], np.int64))
        return self._add("Pad", [value, pads], shape)

    def joined(self, ways: Sequence[Value]) -> Value:
        """Channels of several maps after one another."""
        agree(len({way.shape[1:] for way in ways}) == 1)
        shape = (sum(way.shape[0] for way in ways), *ways[0].shape[1:])
        return ways[0] if len(ways) == 1 else self._add("Concat", ways, shape, axis=1)

    def gated(self, value: Value, gate: Value) -> Value:
        """A map times a number for each channel."""
        if len(gate.shape) == 1:
            gate = self._add("Reshape", [gate, self._keep(np.array([0, -1, 1, 1]))], (*gate.shape, 1, 1))
        agree(gate.shape == (value.shape[0], 1, 1))
        return self._add("Mul", [value, gate], value.shape)

    def scaled(self, value: Value, factor: float) -> Value:
        return self._add("Mul", [value, self._keep(np.array(factor, np.float32))], value.shape)

    def pool(self, value: Value, kind: str, side: int, stride: int, pad: int, *, left_over: bool = False) -> Value:
        """The largest of some places (`Max`), or their mean (`Average`); also of those `left_over` at an edge."""
        agree(len(value.shape) == 3)
        more = stride - 1 if left_over else 0
        shape = (value.shape[0], *(_slid(one + more, side, pad, stride) for one in value.shape[1:]))
        how: dict[str, Any] = {"kernel_shape": [side] * 2, "pads": [pad] * 4, "strides": [stride] * 2}
        how |= {"ceil_mode": 1} if left_over else {}
        return self._add(f"{kind}Pool", [value], shape, **how)

    def mean(self, value: Value) -> Value:
        """Over all places."""
        agree(len(value.shape) == 3)
        return self._add("GlobalAveragePool", [value], (value.shape[0], 1, 1))

    def turned(self, value: Value) -> Value:
        """Columns before rows, and channels last."""
        agree(len(value.shape) == 3)
        return self._add("Transpose", [value], value.shape[::-1], perm=[0, 3, 2, 1])

    def flat(self, value: Value) -> Value:
        if len(value.shape) == 1:
            return value
        self.sized |= prod(value.shape[1:]) > 1
        return self._add("Flatten", [value], (prod(value.shape),), axis=1)

    def larger_half(self, value: Value) -> Value:
        """Of two halves of the channels, at each place the larger number."""
        agree(value.shape[0] % 2 == 0)
        half = (value.shape[0] // 2, *value.shape[1:])
        names = [f"{value.name}.{place}" for place in "ab"]
        self._nodes.append(helper.make_node("Split", [value.name], names, axis=1))
        return self._add("Max", [Value(name, half) for name in names], half)

    def relu6(self, value: Value) -> Value:
        return self._add(
            "Clip", [value, self._keep(np.zeros((), np.float32)), self._keep(np.array(6, np.float32))], value.shape
        )

    def each(self, value: Value, op: str) -> Value:
        """An operator of ONNX on each number alone."""
        return self._add(op, [value], value.shape)

    def model(self, given: Value, outputs: Sequence[Value], *beside: Value) -> OnnxModel:
        """What was written, to be run; raises `Unrunnable` where its weights are no numbers.

        Args:
            given: the picture that it takes.
            outputs: what it gives.
            beside: what else it takes, of the shapes that these have.
        """
        if not all(np.isfinite(one).all() for one in self._kept.values()):
            raise Unrunnable("some of its weights are no numbers")
        sides = [1, given.shape[0], *(given.shape[1:] if self.sized else ("height", "width"))]
        takes = [helper.make_tensor_value_info(given.name, TensorProto.FLOAT, sides)]
        takes += [helper.make_tensor_value_info(one.name, TensorProto.FLOAT, [1, *one.shape]) for one in beside]
        gives = [helper.make_tensor_value_info(one.name, TensorProto.FLOAT, [1, *one.shape]) for one in outputs]
        large = {name: np.ascontiguousarray(one) for name, one in self._kept.items() if one.size >= _LARGE}
        stored = [
            _outside(name, one) if name in large else numpy_helper.from_array(one, name)
            for name, one in self._kept.items()
        ]
        graph = helper.make_graph(self._nodes, "built", takes, gives, stored)
        opset = helper.make_opsetid("", _OPSET)
        return OnnxModel.of(helper.make_model(graph, opset_imports=[opset], ir_version=_VERSION), large)

    def _learned(self, weight: Array, bias: Array | None) -> list[Value]:
        agree(bias is None or bias.shape == weight.shape[:1])
        return [self._keep(one) for one in (weight, bias) if one is not None]

    def _keep(self, constant: Array) -> Value:
        """A constant; a weight that several steps share is held once."""
        name = self._names.setdefault(id(constant), f"held {len(self._kept)}")
        self._kept[name] = constant
        return Value(name, ())

    def _add(self, op: str, inputs: Sequence[Value], shape: Sequence[int], **attributes: Any) -> Value:
        if len(self._nodes) >= _MOST:
            raise Unrunnable(f"it has more than {_MOST} steps")
        name = f"made {len(self._nodes)}"
        self._nodes.append(helper.make_node(op, [one.name for one in inputs], [name], **attributes))
        return Value(name, tuple(shape))


def _slid(side: int, kernel: int, pad: int, stride: int) -> int:
    """Places that a kernel comes to."""
    places = (side + 2 * pad - kernel) // stride + 1
    agree(places > 0)
    return places


def _outside(name: str, one: Array) -> onnx.TensorProto:
    """A weight without its numbers."""
    kind = helper.np_dtype_to_tensor_dtype(one.dtype)
    return onnx.TensorProto(name=name, data_type=kind, dims=one.shape)
