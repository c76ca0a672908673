"""What the layers of ncnn calculate (github.com/Tencent/ncnn, docs/developer-guide/operators.md), written as ONNX.

Its first axis is what comes first in memory, the channels of a map.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Final

import numpy as np

from ...model import Unrunnable
from ..layered.composed import around, by_rows, gelu, normalised, together
from ..layered.graph import Value, agree
from ..layered.layer_list import Step, Way
from ..layered.layers import Layers, Window
from .shapes import SHAPES, axis_of, one
from .weights import NONE, Numbers

_SAME, _SAME_LOWER = -233, -234
_LARGEST: Final = 3.4e38


def _convolve(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = one(step, values), step.settings
    if not step.weights:
        raise Unrunnable(f"it has a {step.kind[:40]} of which the weights are worked out, which is not run here")
    weight, bias = step.weights[0], step.weights[1] if len(step.weights) > 1 else None
    if len(value.shape) == 1:
        agree(weight.shape[2:] == (1, 1))
        return _finish(layers, step, layers.matrix(value, np.ascontiguousarray(weight[:, :, 0, 0]), bias))
    left, high = settings.whole(4), settings.whole(14, settings.whole(4))
    pads = (high, left, settings.whole(16, high), settings.whole(15, left))
    stride, holes = settings.pair(3, 13, 1), settings.pair(2, 12, 1)
    window = Window(weight.shape[2:], stride, (0, 0, 0, 0), holes)
    window.check()
    agree(len(value.shape) == 3)
    pads = around(value, window, upper=left == _SAME_LOWER) if left in (_SAME, _SAME_LOWER) else pads
    if number := settings.real(18):
        value, pads = layers.padded(value, pads, number), (0, 0, 0, 0)
    groups = settings.whole(7, 1) if "DepthWise" in step.kind else 1
    made = layers.slide(value, weight, bias, window._replace(pads=pads), groups)
    return _finish(layers, step, made)


def _convolve_back(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = one(step, values), step.settings
    left, high = settings.whole(4), settings.whole(14, settings.whole(4))
    pads = (high, left, settings.whole(16, high), settings.whole(15, left))
    if left < 0 or settings.whole(20) or not step.weights:
        raise Unrunnable(f"it has a {step.kind[:40]} of a given size, which is not run here")
    weight, bias = step.weights[0], step.weights[1] if len(step.weights) > 1 else None
    window = Window(weight.shape[2:], settings.pair(3, 13, 1), pads, settings.pair(2, 12, 1))
    groups = settings.whole(7, 1) if "DepthWise" in step.kind else 1
    more = settings.pair(18, 19)
    return _finish(layers, step, layers.slide_back(value, weight, bias, window, groups, more))


def _multiply(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, (weight, *bias) = one(step, values), step.weights
    if len(value.shape) == 2 and value.shape[1] == weight.shape[1]:  # a row after the other
        return _finish(layers, step, by_rows(layers, value, weight, bias[0] if bias else None))
    return _finish(layers, step, layers.matrix(value, weight, bias[0] if bias else None))


def _finish(layers: Layers, step: Step, value: Value) -> Value:
    """With the function that is fused to it."""
    kind, numbers = step.settings.whole(9), step.settings.reals(10)
    if kind == 2:
        return layers.function(value, "LeakyRelu", alpha=_at(numbers, 0))
    if kind == 3:
        return layers.bounded(value, _at(numbers, 0), _at(numbers, 1))
    if kind == 6:
        return _hard(layers, value, _at(numbers, 0), _at(numbers, 1), times=True)
    if kind not in _FUSED:
        raise Unrunnable(f"it has a {step.kind[:40]} with a function that is not known here")
    return _FUSED[kind](layers, value)


def _at(numbers: Sequence[float], place: int) -> float:
    agree(place < len(numbers))
    return numbers[place]


def _mish(layers: Layers, value: Value) -> Value:
    return layers.both("Mul", value, layers.function(layers.function(value, "Softplus"), "Tanh"))


def _swish(layers: Layers, value: Value) -> Value:
    return layers.both("Mul", value, layers.function(value, "Sigmoid"))


def _hard(layers: Layers, value: Value, alpha: float, beta: float, *, times: bool) -> Value:
    made = layers.function(value, "HardSigmoid", alpha=alpha, beta=beta)
    return layers.both("Mul", value, made) if times else made


_FUSED: Final[dict[int, Callable[[Layers, Value], Value]]] = {
    0: lambda _layers, value: value,
    1: lambda layers, value: layers.function(value, "Relu"),
    4: lambda layers, value: layers.function(value, "Sigmoid"),
    5: _mish,
}


def _pool(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = one(step, values), step.settings
    kind, mode = "Average" if settings.whole(0) else "Max", settings.whole(5)
    if settings.whole(4):
        made = layers.over_all(value, kind)
        return layers.shaped(made, value.shape[:1])
    if settings.whole(7):
        if settings.pair(8, 18) != (1, 1):
            raise Unrunnable("it has a Pooling to a given size, which is not run here")
        return layers.over_all(value, kind)
    left, high = settings.whole(3), settings.whole(13, settings.whole(3))
    window = Window(settings.pair(1, 11), settings.pair(2, 12, 1))
    window.check()
    agree(len(value.shape) == 3)
    pads = (high, left, settings.whole(15, high), settings.whole(14, left))
    if mode in (2, 3):
        pads = around(value, window, upper=mode == 3)
    elif mode == 0:
        more = [
            -(side + pads[way] + pads[way + 2] - window.kernel[way]) % window.stride[way]
            for way, side in enumerate(value.shape[1:])
        ]
        pads = (pads[0], pads[1], pads[2] + more[0], pads[3] + more[1])
    rim = bool(settings.whole(6)) or mode in (2, 3)
    return layers.pooled(value, kind, window._replace(pads=pads), last=False, rim=rim)


def _moved(layers: Layers, settings: Numbers, value: Value) -> Value:
    scaled = layers.with_number("Mul", value, settings.real(1, 1.0))
    return layers.with_number("Add", scaled, settings.real(2))


def _power(layers: Layers, step: Step, values: list[Value]) -> Value:
    made, power = _moved(layers, step.settings, one(step, values)), step.settings.real(0, 1.0)
    return layers.with_number("Pow", made, power) if power != 1 else made


def _exponent(layers: Layers, step: Step, values: list[Value]) -> Value:
    made, base = _moved(layers, step.settings, one(step, values)), step.settings.real(0, -1.0)
    if step.kind == "Log":
        made = layers.function(made, "Log")
        return layers.with_number("Mul", made, float(1 / np.log(base))) if base > 0 else made
    return layers.with_number("Pow", made, base, first=True) if base > 0 else layers.function(made, "Exp")


def _normalise(layers: Layers, step: Step, values: list[Value]) -> Value:
    gain, mean, variance, shift = step.weights
    return normalised(layers, one(step, values), (gain, mean, variance, shift), step.settings.real(1))


def _scale(layers: Layers, step: Step, values: list[Value]) -> Value:
    if step.settings.whole(0) == NONE and step.kind == "Scale":
        agree(len(values) == 2)
        return layers.both("Mul", values[0], _aligned(layers, values[1], values[0]))
    gain, shift = (None, step.weights[0]) if step.kind == "Bias" else (step.weights[0], None)
    shift = step.weights[1] if len(step.weights) > 1 else shift
    return layers.scaled_along(one(step, values), gain, shift)


_TWO: Final = {0: "Add", 1: "Sub", 2: "Mul", 3: "Div", 4: "Max", 5: "Min", 6: "Pow", 7: "Sub", 8: "Div"}
_TURNED: Final = (7, 8)


def _two(layers: Layers, step: Step, values: list[Value]) -> Value:
    op = step.settings.whole(0)
    if op not in _TWO:
        raise Unrunnable("it has a BinaryOp that is not known here")
    if step.settings.whole(1):
        return layers.with_number(_TWO[op], one(step, values), step.settings.real(2), first=op in _TURNED)
    agree(len(values) == 2)
    first, second = reversed(values) if op in _TURNED else values
    return layers.both(_TWO[op], _aligned(layers, first, second), _aligned(layers, second, first))


def _aligned(layers: Layers, value: Value, other: Value) -> Value:
    """What has fewer axes lies along the first ones of the other, where it can."""
    axes = len(value.shape)
    if axes < len(other.shape) and all(a in (1, b) for a, b in zip(value.shape, other.shape, strict=False)):
        return layers.shaped(value, (*value.shape, *[1] * (len(other.shape) - axes)))
    return value


_ALONE: Final = {
    0: "Abs", 1: "Neg", 2: "Floor", 3: "Ceil", 5: "Sqrt", 7: "Exp", 8: "Log", 9: "Sin", 10: "Cos", 11: "Tan",
    12: "Asin", 13: "Acos", 14: "Atan", 15: "Reciprocal", 16: "Tanh", 18: "Round",
}  # fmt: skip


def _alone(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, op = one(step, values), step.settings.whole(0)
    if op == 4:
        return layers.both("Mul", value, value)
    if op == 6:
        return layers.function(layers.function(value, "Sqrt"), "Reciprocal")
    if op not in _ALONE:
        raise Unrunnable("it has a UnaryOp that is not known here")
    return layers.function(value, _ALONE[op])


def _together(layers: Layers, step: Step, values: list[Value]) -> Value:
    return together(layers, values, step.settings.whole(0), step.settings.reals(1))


def _unit(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = one(step, values), step.settings
    axes = [0] if settings.whole(4, 1) else []
    axes += list(range(1, len(value.shape))) if settings.whole(0) else []
    agree(bool(axes))
    tiny = settings.real(2, 1e-4)
    made = layers.divided_by_length(value, axes, tiny if settings.whole(9) == 1 else max(tiny, 0) ** 0.5)
    return layers.scaled_along(made, step.weights[0].reshape(-1), None)


def _standardise(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = one(step, values), step.settings
    axes = list(range(0 if settings.whole(1) else 1, len(value.shape)))
    return layers.standardised(value, axes, settings.real(2, 1e-4) ** 2, scaled=bool(settings.whole(0)))


def _by_channel(layers: Layers, step: Step, values: list[Value]) -> Value:
    """Each channel, or each group of them, by its own mean and variance."""
    value, settings = one(step, values), step.settings
    group = step.kind == "GroupNorm"
    parts = settings.whole(0, 1) if group else value.shape[0]
    agree(parts > 0 and value.shape[0] % parts == 0)
    apart = layers.shaped(value, (parts, prod(value.shape) // parts))
    made = layers.shaped(layers.standardised(apart, [1], settings.real(2 if group else 1, 1e-3)), value.shape)
    return layers.scaled_along(made, step.weights[0], step.weights[1]) if step.weights else made


def _by_row(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, count = one(step, values), step.settings.whole(0)
    axes, size = list[int](), 1
    while size < count and len(axes) < len(value.shape):
        axes.insert(0, len(value.shape) - 1 - len(axes))
        size *= value.shape[axes[0]]
    agree(size == count and bool(axes))
    made = layers.standardised(value, axes, step.settings.real(1, 1e-3))
    if not step.weights:
        return made
    gain, shift = (one.reshape([value.shape[axis] for axis in axes]) for one in step.weights)
    return layers.scaled_along(made, gain, shift, axes[0])


def _reduce(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = one(step, values), step.settings
    if settings.whole(0) not in _REDUCTIONS:
        raise Unrunnable("it has a Reduction that is not known here")
    axes = list(range(len(value.shape)))
    if not settings.whole(1, 1):
        axes = sorted({axis % len(value.shape) for axis in settings.wholes(3)})
    keep, whole = bool(settings.whole(4)), len(axes) == len(value.shape)
    made = layers.reduced(value, _REDUCTIONS[settings.whole(0)], axes, keep=keep or whole)
    made = layers.shaped(made, (1,)) if whole and not keep else made
    factor = settings.real(2, 1.0)
    return layers.with_number("Mul", made, factor) if factor != 1 else made


_REDUCTIONS: Final = {
    0: "ReduceSum", 1: "ReduceL1", 2: "ReduceSumSquare", 3: "ReduceMean", 4: "ReduceMax", 5: "ReduceMin",
    6: "ReduceProd", 7: "ReduceL1", 8: "ReduceL2",
}  # fmt: skip


def _product(layers: Layers, step: Step, values: list[Value]) -> Value:
    settings, held = step.settings, list(step.weights)
    if settings.whole(14) or settings.real(1, 1.0) != 1:
        raise Unrunnable("it has a Gemm that is not known here")
    given, factors = list(values), list[Value]()
    for constant, turned in ((4, 2), (5, 3)):
        agree(bool(held if settings.whole(constant) else given))
        one = layers.constant(held.pop(0)) if settings.whole(constant) else given.pop(0)
        one = layers.shaped(one, (1, *one.shape)) if len(one.shape) == 1 else one
        agree(len(one.shape) == 2)
        factors.append(layers.permuted(one, (1, 0)) if settings.whole(turned) else one)
    made = layers.multiplied(*factors)
    for other in [*map(layers.constant, held), *given]:
        made = layers.both("Add", made, other)
    factor = settings.real(0, 1.0)
    return layers.with_number("Mul", made, factor) if factor != 1 else made


def _matmul(layers: Layers, step: Step, values: list[Value]) -> Value:
    agree(len(values) == 2)
    return layers.multiplied(*values, turned=bool(step.settings.whole(0)))


def _lrn(layers: Layers, step: Step, values: list[Value]) -> Value:
    settings = step.settings
    if settings.whole(0):
        raise Unrunnable("it has an LRN within channels, which is not run here")
    numbers = (settings.real(2, 1.0), settings.real(3, 0.75), settings.real(4, 1.0))
    return layers.normed_around(one(step, values), settings.whole(1, 5), *numbers)


def _same(op: str) -> Way:
    return lambda layers, step, values: layers.function(one(step, values), op)


def _by(make: Callable[[Layers, Value], Value]) -> Way:
    return lambda layers, step, values: make(layers, one(step, values))


def _elu(layers: Layers, step: Step, values: list[Value]) -> Value:
    return layers.function(one(step, values), "Elu", alpha=step.settings.real(0, 0.1))


def _relu(layers: Layers, step: Step, values: list[Value]) -> Value:
    slope = step.settings.real(0)
    value = one(step, values)
    return layers.function(value, "LeakyRelu", alpha=slope) if slope else layers.function(value, "Relu")


def _hardly(layers: Layers, step: Step, values: list[Value]) -> Value:
    numbers = step.settings.real(0, 0.2), step.settings.real(1, 0.5)
    return _hard(layers, one(step, values), *numbers, times=step.kind == "HardSwish")


def _clip(layers: Layers, step: Step, values: list[Value]) -> Value:
    return layers.bounded(one(step, values), step.settings.real(0, -_LARGEST), step.settings.real(1, _LARGEST))


WAYS: Final[dict[str, Way]] = {
    **SHAPES,
    **dict.fromkeys(("Convolution", "ConvolutionDepthWise"), _convolve),
    **dict.fromkeys(("Deconvolution", "DeconvolutionDepthWise"), _convolve_back),
    **dict.fromkeys(("Exp", "Log"), _exponent),
    **dict.fromkeys(("Scale", "Bias"), _scale),
    **dict.fromkeys(("HardSigmoid", "HardSwish"), _hardly),
    **dict.fromkeys(("InstanceNorm", "GroupNorm"), _by_channel),
    "InnerProduct": _multiply,
    "Pooling": _pool,
    "ReLU": _relu,
    "PReLU": lambda layers, step, values: layers.prelu(one(step, values), step.weights[0]),
    "Clip": _clip,
    "ELU": _elu,
    "SELU": _same("Selu"),
    "Sigmoid": _same("Sigmoid"),
    "TanH": _same("Tanh"),
    "AbsVal": _same("Abs"),
    "BNLL": _same("Softplus"),
    "Softplus": _same("Softplus"),
    "Mish": _by(_mish),
    "Swish": _by(_swish),
    "GELU": _by(gelu),
    "Dropout": lambda layers, step, values: layers.with_number("Mul", one(step, values), step.settings.real(0, 1.0)),
    "Power": _power,
    "BatchNorm": _normalise,
    "BinaryOp": _two,
    "UnaryOp": _alone,
    "Eltwise": _together,
    "Softmax": lambda layers, step, values: layers.along(values[0], "Softmax", axis_of(step, one(step, values), 0)),
    "Normalize": _unit,
    "MVN": _standardise,
    "LayerNorm": _by_row,
    "Reduction": _reduce,
    "MemoryData": lambda layers, step, _values: layers.constant(step.weights[0]),
    "Gemm": _product,
    "MatMul": _matmul,
    "LRN": _lrn,
}
