"""What the layers of Core ML's networks do (NeuralNetwork.proto), written as ONNX.

Older networks have five axes everywhere, of which a picture has the last three; newer ones have as many as they need.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Final

import numpy as np

from ...model import Unrunnable
from ..layered.composed import around, by_rows, gelu, normalised
from ..layered.graph import Value, agree
from ..layered.layer_list import Shape, Step, Way
from ..layered.layers import Layers, Window
from ..layered.settings import Settings
from .call import BORDERS, OLD, Call, edges, one, pair, sides_of, written
from .shapes import SHAPES

_PREPARED: Final = {"name": 1, "scaler": 10, "mean": 11}
_SCALER: Final = {"scale": 10, "blue": 20, "green": 21, "red": 22, "grey": 30}
_VALID: Final = {"amounts": 1, "pads": 1}
_PADDED: Final = {"pads": 10}
_NUMBER: Final = {"alpha": 1, "beta": 2}
_TINY: Final = 1e-5
_LARGEST: Final = 3.4e38


def preprocessed(raw: memoryview, inputs: Mapping[str, Shape]) -> Iterator[Step]:
    """What is done to a picture first: every channel scaled and shifted, or a picture taken off."""
    held = Settings(raw, _PREPARED)
    name = held.word("name") or next(iter(inputs), "")
    if held.has("mean"):
        mean = held.inner("mean", {"numbers": 1}).reals("numbers")
        yield Step("mean image", name, (name,), (name,), None, (mean,))
    elif held.has("scaler"):
        scaler = held.inner("scaler", _SCALER)
        grey = inputs.get(name, (3,))[0] == 1
        shifts = [scaler.real(one) for one in (("grey",) if grey else ("red", "green", "blue"))]
        yield Step("scaler", name, (name,), (name,), (scaler.real("scale", 1.0), shifts), ())


def _scaler(layers: Layers, step: Step, values: list[Value]) -> Value:
    scale, shifts = step.settings
    return layers.scaled_along(layers.with_number("Mul", values[0], scale), None, np.array(shifts, np.float32))


def _mean_image(layers: Layers, step: Step, values: list[Value]) -> Value:
    agree(step.weights[0].size == prod(values[0].shape))
    return layers.both("Sub", values[0], layers.constant(step.weights[0].reshape(values[0].shape)))


def _window(call: Call, value: Value) -> Window:
    says = call.says
    window = Window(
        pair(says.wholes("kernel"), 3), pair(says.wholes("stride"), 1), (0, 0, 0, 0),
        pair(says.wholes("dilation"), 1) if call.layer.kind == "convolution" else (1, 1),
    )  # fmt: skip
    window.check()
    sides_of(value)
    if says.has("same"):
        upper = says.inner("same", {"mode": 1}).whole("mode")
        return window._replace(pads=around(value, window, upper=bool(upper)))
    (top, below), (left, right) = edges(says.inner("valid", _VALID).inner("amounts", BORDERS))
    return window._replace(pads=(top, left, below, right))


def _convolve(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    groups = says.whole("groups") or 1
    bias = call.maybe("bias", "has_bias", says.whole("out"))
    agree("weights" in call.layer.held)
    weight = call.layer.held["weights"]
    window = _window(call, value)._replace(kernel=weight.shape[2:])
    if not says.yes("back"):
        return call.layers.slide(value, weight, bias, window, groups)
    if says.has("same"):
        window = window._replace(pads=_cut(window, says, value))
    return call.layers.slide_back(value, weight, bias, window, groups)


def _cut(window: Window, says: Settings, value: Value) -> tuple[int, int, int, int]:
    """What is cut off around, so that as much as strides say is left, or as the layer says."""
    wanted = says.wholes("shape") or [side * window.stride[way] for way, side in enumerate(value.shape[1:])]
    agree(len(wanted) == len("HW"))
    gone = [
        (side - 1) * window.stride[way] + window.spans[way] - wanted[way] for way, side in enumerate(value.shape[1:])
    ]
    agree(min(gone) >= 0)
    return gone[0] // 2, gone[1] // 2, gone[0] - gone[0] // 2, gone[1] - gone[1] // 2


def _pool(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    if says.whole("type") not in (0, 1):
        raise Unrunnable("it has a pooling of squares, which is not run here")
    kind = "Average" if says.whole("type") else "Max"
    if says.yes("global"):
        return call.layers.over_all(value, kind)
    window, rim = _window(call, value), not says.yes("no_rim")
    if says.has("last"):
        high, wide = pair(says.inner("last", _PADDED).wholes("pads"), 0)
        return call.layers.pooled(value, kind, window._replace(pads=(high, wide, high, wide)), rim=rim)
    return call.layers.pooled(value, kind, window, last=False, rim=rim)


def _activate(call: Call, values: list[Value]) -> Value:
    value, layers, says = one(call, values), call.layers, call.says
    kind = next((name for name in _FUNCTIONS if says.has(name)), "")
    if kind == "prelu":
        sides_of(value)
        agree("prelu" in call.layer.held)
        return layers.prelu(value, call.layer.held["prelu"])
    if not kind:
        raise Unrunnable("it has a function that is not known here")
    numbers = says.inner(kind, _NUMBER)
    return _FUNCTIONS[kind](layers, value, numbers.real("alpha"), numbers.real("beta"))


def _scaled(layers: Layers, value: Value, alpha: float, beta: float) -> Value:
    return layers.with_number("Add", layers.with_number("Mul", value, alpha), beta)


_FUNCTIONS: Final[dict[str, Callable[[Layers, Value, float, float], Value]]] = {
    "linear": _scaled,
    "relu": lambda layers, value, _a, _b: layers.function(value, "Relu"),
    "leaky": lambda layers, value, alpha, _: layers.function(value, "LeakyRelu", alpha=alpha),
    "prelu": lambda _layers, value, _a, _b: value,
    "tanh": lambda layers, value, _a, _b: layers.function(value, "Tanh"),
    "scaled_tanh": lambda layers, value, alpha, beta: layers.with_number(
        "Mul", layers.function(layers.with_number("Mul", value, beta), "Tanh"), alpha
    ),
    "sigmoid": lambda layers, value, _a, _b: layers.function(value, "Sigmoid"),
    "hard": lambda layers, value, alpha, beta: layers.bounded(_scaled(layers, value, alpha, beta), 0, 1),
    "elu": lambda layers, value, alpha, _: layers.function(value, "Elu", alpha=alpha),
    "softsign": lambda layers, value, _a, _b: layers.function(value, "Softsign"),
    "softplus": lambda layers, value, _a, _b: layers.function(value, "Softplus"),
}


def _multiply(call: Call, values: list[Value]) -> Value:
    value, says, layers = one(call, values), call.says, call.layers
    taken, count = says.whole("taken"), says.whole("out")
    agree(taken > 0 and count > 0)
    weight, bias = call.held("weights", count, taken), call.maybe("bias", "has_bias", count)
    flat = prod(value.shape) == taken
    if call.leading == OLD or (flat and len(value.shape) == 1):
        made = layers.matrix(layers.shaped(value, (prod(value.shape),)), weight, bias)
        return layers.shaped(made, (count, 1, 1)) if call.leading == OLD else made
    if flat and value.shape == (taken, 1, 1):
        return layers.shaped(layers.matrix(layers.shaped(value, (taken,)), weight, bias), (count, 1, 1))
    return by_rows(layers, value, weight, bias)


def _normalise(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    count, tiny = says.whole("channels"), says.real("epsilon", _TINY)
    gain, shift = call.held("gamma", count), call.held("beta", count)
    axis = 0 if len(value.shape) < 3 else len(value.shape) - 3
    if says.yes("instance") or says.yes("compute"):
        agree(len(value.shape) == 3)
        even = call.layers.standardised(value, [1, 2], tiny)
        return call.layers.scaled_along(even, gain, shift)
    return normalised(
        call.layers, value, (gain, call.held("mean", count), call.held("variance", count), shift), tiny, axis
    )


def _standardise(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    axes = list(range(len(value.shape)))[0 if says.yes("across") else 1 :]
    return call.layers.standardised(value, axes, says.real("epsilon", _TINY), scaled=says.yes("scaled"))


def _unit(call: Call, values: list[Value]) -> Value:
    value = one(call, values)
    tiny = max(call.says.real("epsilon", 1e-6), 0.0) ** 0.5
    return call.layers.divided_by_length(value, list(range(len(value.shape)))[-3:], tiny)


def _soft(call: Call, values: list[Value]) -> Value:
    value = one(call, values)
    if call.layer.kind == "softmaxND":
        return call.layers.along(value, "Softmax", call.axis(call.says.whole("axis"), value))
    return call.layers.along(value, "Softmax", max(len(value.shape) - 3, 0))


def _lrn(call: Call, values: list[Value]) -> Value:
    says = call.says
    numbers = says.real("alpha"), says.real("beta"), says.real("k")
    return call.layers.normed_around(one(call, values), says.whole("size"), *numbers)


def _alone(call: Call, values: list[Value]) -> Value:
    layers, says = call.layers, call.says
    scale = says.real("scale", 1.0)
    value = _scaled(layers, one(call, values), scale, says.real("shift"))
    kind, tiny = says.whole("type"), says.real("epsilon", 1e-6)
    if kind == 3:
        return layers.with_number("Pow", value, says.real("alpha"))
    if kind == 7:
        return layers.bounded(value, says.real("alpha"), _LARGEST)
    names = {0: ["Sqrt"], 1: ["Sqrt", "Reciprocal"], 2: ["Reciprocal"], 4: ["Exp"], 5: ["Log"], 6: ["Abs"]}
    if kind not in names:
        raise Unrunnable("it has a function that is not known here")
    value = layers.bounded(value, tiny, _LARGEST) if kind in (2, 5) else value
    value = layers.with_number("Add", value, tiny) if kind == 1 else value
    for name in names[kind]:
        value = layers.function(value, name)
    return value


_TWO: Final = {
    "add": "Add", "multiply": "Mul", "max": "Max", "min": "Min", "average": "Add", "minBroadcastable": "Min",
    "maxBroadcastable": "Max", "addBroadcastable": "Add", "powBroadcastable": "Pow", "divideBroadcastable": "Div",
    "multiplyBroadcastable": "Mul", "subtractBroadcastable": "Sub",
}  # fmt: skip


def _together(call: Call, values: list[Value]) -> Value:
    op, layers = _TWO[call.layer.kind], call.layers
    if len(values) == 1 and call.layer.kind in ("add", "multiply"):
        return layers.with_number(op, values[0], call.says.real("alpha"))
    agree(len(values) > 1)
    made = values[0]
    for other in values[1:]:
        made = layers.both(op, made, other)
    return layers.with_number("Mul", made, 1 / len(values)) if call.layer.kind == "average" else made


def _shape_of(numbers: Sequence[int], value: Value) -> tuple[int, ...]:
    """Of a factor for a map: one for all, one for each channel, or one for each number."""
    shape = [side for side in numbers if side > 0]
    while len(shape) > len(value.shape) and shape[0] == 1:
        del shape[0]
    if len(shape) == 1 and len(value.shape) == 3:
        shape += [1, 1]
    return tuple(shape)


def _scale(call: Call, values: list[Value]) -> Value:
    value, says, layers = one(call, values), call.says, call.layers
    made = value
    if call.layer.kind == "scale":
        shape = _shape_of(says.wholes("shape"), value)
        made = layers.both("Mul", value, layers.constant(call.held("weights", *shape)))
        if not says.yes("has_bias"):
            return made
    shape = _shape_of(says.wholes("bias_shape" if call.layer.kind == "scale" else "shape"), value)
    return layers.both("Add", made, layers.constant(call.held("bias", *shape)))


_REDUCTIONS: Final = {
    0: "ReduceSum", 1: "ReduceMean", 2: "ReduceProd", 4: "ReduceSumSquare", 5: "ReduceL1", 6: "ReduceL2",
    7: "ReduceMax", 8: "ReduceMin",
}  # fmt: skip
_ALONG: Final = {0: (-3, -2, -1), 1: (-2, -1), 2: (-3,), 3: (-2,), 4: (-1,)}


def _reduce(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    op, where = says.whole("mode"), says.whole("axis")
    if op not in _REDUCTIONS or where not in _ALONG:
        raise Unrunnable("it has a reduction that is not known here")
    return call.layers.reduced(value, _REDUCTIONS[op], [call.axis(axis, value) for axis in _ALONG[where]])


def _reduce_some(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    op = {"reduceL2": "ReduceL2", "reduceMax": "ReduceMax", "reduceSum": "ReduceSum", "reduceMean": "ReduceMean"}
    axes = sorted({call.axis(axis, value) for axis in says.wholes("axes")})
    if says.yes("all") or not axes:
        raise Unrunnable("it has a reduction over several pictures, which is not run here")
    agree(says.yes("keep") or len(axes) < len(value.shape))
    return call.layers.reduced(value, op[call.layer.kind], axes, keep=says.yes("keep"))


def _constant(call: Call, _values: list[Value]) -> Value:
    shape = call.says.wholes("shape")
    while len(shape) > 1 and shape[0] == 1:
        del shape[0]
    return call.layers.constant(call.held("data", *(shape or [1])))


def _clip(call: Call, values: list[Value]) -> Value:
    value, says, layers = one(call, values), call.says, call.layers
    if call.layer.kind == "clip":
        return layers.bounded(value, says.real("low"), says.real("high"))
    slope = says.real("slope")
    made = layers.function(value, "LeakyRelu", alpha=slope) if slope else layers.function(value, "Relu")
    return layers.bounded(made, -_LARGEST, says.real("high"))


def _gelu(call: Call, values: list[Value]) -> Value:
    return gelu(call.layers, one(call, values))


def _product(call: Call, values: list[Value]) -> Value:
    says, layers = call.says, call.layers
    if len(values) == 1:
        taken, count = says.whole("taken"), says.whole("out")
        bias = call.maybe("bias", "has_bias", count)
        return by_rows(layers, values[0], call.held("weights", taken, count), bias, turn=False)
    agree(len(values) == 2 and not says.yes("turn_first"))
    return layers.multiplied(*values, turned=says.yes("turn_second"))


def _by_row(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    shape = says.wholes("shape")
    agree(0 < len(shape) <= len(value.shape) and tuple(shape) == value.shape[-len(shape) :])
    first = len(value.shape) - len(shape)
    even = call.layers.standardised(value, list(range(first, len(value.shape))), says.real("epsilon", _TINY))
    return call.layers.scaled_along(even, call.held("gamma", *shape), call.held("beta", *shape), first)


def _same(op: str) -> Callable[[Call, list[Value]], Value]:
    return lambda call, values: call.layers.function(one(call, values), op)


WAYS: Final[dict[str, Way]] = {
    **SHAPES,
    "scaler": _scaler,
    "mean image": _mean_image,
    **{kind: written(make) for kind, make in {
        **dict.fromkeys(_TWO, _together),
        **dict.fromkeys(("reduceL2", "reduceMax", "reduceSum", "reduceMean"), _reduce_some),
        "convolution": _convolve, "pooling": _pool, "activation": _activate, "innerProduct": _multiply,
        "batchnorm": _normalise, "mvn": _standardise, "l2normalize": _unit, "softmax": _soft, "softmaxND": _soft,
        "lrn": _lrn, "unary": _alone, "scale": _scale, "bias": _scale, "reduce": _reduce, "loadConstant": _constant,
        "loadConstantND": _constant, "clip": _clip, "clampedReLU": _clip, "tanh": _same("Tanh"), "erf": _same("Erf"),
        "gelu": _gelu, "batchedMatmul": _product, "layerNormalization": _by_row,
    }.items()},
}  # fmt: skip
