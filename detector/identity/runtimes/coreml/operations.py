"""What the operations of Core ML's programs do (apple.github.io/coremltools, MIL operators), written as ONNX."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Final, TypeAlias

import numpy as np

from ...model import Array, Unrunnable
from ..layered.composed import around, by_rows, gelu, normalised, reshaped, split, spread, turned, widened, without
from ..layered.graph import Value, agree
from ..layered.layer_list import Step, Way
from ..layered.layers import Layers, Window

_LARGEST: Final = 3.4e38
_TINY: Final = 1e-5


# What is worked out, by its name; a constant; words.
Thing: TypeAlias = str | Array | list[str]


class Given:
    """What an operation is given, by name: names of what is worked out, arrays, and words."""

    def __init__(self, held: Mapping[str, list[Thing]]) -> None:
        self.held = held

    def array(self, name: str) -> Array | None:
        """A constant; None where there is none. Raises `Unrunnable` where it is worked out."""
        found = self.held.get(name, [])
        if not found:
            return None
        if isinstance(found[0], (str, list)):
            raise Unrunnable("it has an operation of which the settings are worked out, which is not run here")
        return found[0]

    def wholes(self, name: str) -> list[int]:
        found = self.array(name)
        return [] if found is None else [int(one) for one in found.reshape(-1)[:4096]]

    def whole(self, name: str, otherwise: int = 0) -> int:
        return next(iter(self.wholes(name)), otherwise)

    def real(self, name: str, otherwise: float = 0.0) -> float:
        found = self.array(name)
        value = otherwise if found is None or not found.size else float(found.reshape(-1)[0])
        if not np.isfinite(value) and abs(value) != np.inf:
            raise Unrunnable("it has a setting that is no number")
        return max(min(value, _LARGEST), -_LARGEST)

    def word(self, name: str, otherwise: str = "") -> str:
        found = self.held.get(name, [])
        return found[0][0] if found and isinstance(found[0], list) and found[0] else otherwise


class _Call:
    """An operation that is written."""

    def __init__(self, layers: Layers, step: Step, values: Sequence[Value]) -> None:
        self.layers, self.kind, self.gives = layers, step.kind, len(step.gives)
        self.given: Given = step.settings
        self._values = dict(zip(step.takes, values, strict=True))

    def value(self, name: str = "x") -> Value:
        agree(len(self.given.held.get(name, [])) == 1)
        return self._one(self.given.held[name][0])

    def values(self, name: str) -> list[Value]:
        return [self._one(one) for one in self.given.held.get(name, [])]

    def _one(self, held: Thing) -> Value:
        if isinstance(held, str):
            return self._values[held]
        if isinstance(held, list):
            raise Unrunnable(f"it has an operation {self.kind[:40]} of words, which is not run here")
        shape = list(held.shape)
        while len(shape) > 1 and shape[0] == 1:
            del shape[0]
        return self.layers.constant(held.reshape(shape or [1]))

    def axis(self, number: int, value: Value, more: int = 0) -> int:
        """An axis as `Layers` counts it, without the batch."""
        found = number - 1 if number >= 0 else number + len(value.shape) + more
        if found < 0:
            raise Unrunnable(f"it has an operation {self.kind[:40]} over several pictures, which is not run here")
        agree(found < len(value.shape) + more)
        return found


def _window(call: _Call, kernel: Sequence[int], value: Value) -> Window:
    given = call.given
    agree(len(kernel) == len("HW") == len(value.shape) - 1)
    pairs = [given.wholes(name) or [1, 1] for name in ("strides", "dilations")]
    agree(all(len(one) == len("HW") for one in pairs))
    (down, right), (high, wide) = pairs
    window = Window((kernel[0], kernel[1]), (down, right), (0, 0, 0, 0), (high, wide))
    window.check()
    kind = given.word("pad_type", "valid")
    if kind == "custom":
        pads = given.wholes("pad")
        agree(len(pads) == 4)
        return window._replace(pads=(pads[0], pads[2], pads[1], pads[3]))
    if kind in ("same", "same_lower"):
        return window._replace(pads=around(value, window, upper=kind == "same_lower"))
    agree(kind == "valid")
    return window


def _kernel(call: _Call) -> tuple[Array, Array | None]:
    weight, bias = call.given.array("weight"), call.given.array("bias")
    if weight is None or weight.ndim != len("OIHW"):
        raise Unrunnable(f"it has a {call.kind[:40]} that does not go over a map, which is not run here")
    real = np.ascontiguousarray(weight, np.float32)
    return real, None if bias is None else np.ascontiguousarray(bias.reshape(-1), np.float32)


def _convolve(call: _Call) -> Value:
    weight, bias = _kernel(call)
    window = _window(call, weight.shape[2:], call.value())
    return call.layers.slide(call.value(), weight, bias, window, call.given.whole("groups", 1))


def _convolve_back(call: _Call) -> Value:
    weight, bias = _kernel(call)
    value = call.value()
    window = _window(call, weight.shape[2:], value)
    wanted = call.given.wholes("output_shape")[-2:]
    more = [0, 0]
    if wanted:
        for way, side in enumerate(value.shape[1:]):
            made = (side - 1) * window.stride[way] + window.spans[way] - sum(window.pads[way::2])
            more[way] = wanted[way] - made
        agree(all(0 <= one < stride for one, stride in zip(more, window.stride, strict=True)))
    return call.layers.slide_back(value, weight, bias, window, call.given.whole("groups", 1), more)


def _linear(call: _Call) -> Value:
    value, weight, bias = call.value(), call.given.array("weight"), call.given.array("bias")
    agree(weight is not None and weight.ndim == 2 and value.shape[-1] == weight.shape[1])
    assert weight is not None  # noqa: S101 - just seen
    real = np.ascontiguousarray(weight, np.float32)
    shift = None if bias is None else np.ascontiguousarray(bias.reshape(-1), np.float32)
    if len(value.shape) == 1:
        return call.layers.matrix(value, real, shift)
    return by_rows(call.layers, value, real, shift)


def _product(call: _Call) -> Value:
    first, second, layers = call.value("x"), call.value("y"), call.layers
    if call.given.whole("transpose_x"):
        order = list(range(len(first.shape)))
        agree(len(order) > 1)
        first = layers.permuted(first, [*order[:-2], order[-1], order[-2]])
    row = len(first.shape) == 1
    first = layers.shaped(first, (1, *first.shape)) if row else first
    lift = len(first.shape) - len(second.shape)
    second = layers.shaped(second, (*[1] * lift, *second.shape)) if lift > 0 else second
    made = layers.multiplied(first, second, turned=bool(call.given.whole("transpose_y")))
    return layers.shaped(made, made.shape[-1:]) if row else made


def _normalise(call: _Call) -> Value:
    value, given = call.value(), call.given
    names = ("gamma", "mean", "variance", "beta")
    gain, mean, variance, shift = (_row(given.array(name), value.shape[0], name) for name in names)
    return normalised(call.layers, value, (gain, mean, variance, shift), given.real("epsilon", _TINY))


def _row(part: Array | None, count: int, name: str) -> Array:
    if part is None:
        return np.full(count, name in ("variance", "gamma"), np.float32)
    agree(part.size == count)
    return part.reshape(-1).astype(np.float32)


def _by_channel(call: _Call) -> Value:
    value = call.value()
    agree(len(value.shape) == 3)
    even = call.layers.standardised(value, [1, 2], call.given.real("epsilon", _TINY))
    gain, shift = (_row(call.given.array(name), value.shape[0], name) for name in ("gamma", "beta"))
    return call.layers.scaled_along(even, gain, shift)


def _by_row(call: _Call) -> Value:
    value = call.value()
    axes = sorted(call.axis(axis, value) for axis in call.given.wholes("axes"))
    agree(bool(axes) and axes == list(range(axes[0], axes[-1] + 1)))
    made = call.layers.standardised(value, axes, call.given.real("epsilon", _TINY))
    shape = [value.shape[axis] for axis in axes]
    for name, gain in (("gamma", True), ("beta", False)):
        part = call.given.array(name)
        if part is not None:
            agree(part.size == prod(shape))
            real = part.reshape(shape).astype(np.float32)
            made = call.layers.scaled_along(made, real if gain else None, None if gain else real, axes[0])
    return made


def _unit(call: _Call) -> Value:
    value = call.value()
    tiny = max(call.given.real("epsilon", 1e-6), 0.0) ** 0.5
    return call.layers.divided_by_length(value, list(range(len(value.shape)))[-3:], tiny)


def _pool(call: _Call) -> Value:
    value, given = call.value(), call.given
    window = _window(call, given.wholes("kernel_sizes"), value)
    kind = "Max" if call.kind == "max_pool" else "Average"
    rim = not given.whole("exclude_padding_from_average")
    return call.layers.pooled(value, kind, window, last=bool(given.whole("ceil_mode")), rim=rim)


_ALONE: Final = {
    "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "softplus": "Softplus", "softsign": "Softsign", "abs": "Abs",
    "exp": "Exp", "sqrt": "Sqrt", "erf": "Erf", "floor": "Floor", "ceil": "Ceil", "round": "Round", "sign": "Sign",
}  # fmt: skip
_TWO: Final = {
    "add": "Add", "sub": "Sub", "mul": "Mul", "real_div": "Div", "maximum": "Max", "minimum": "Min", "pow": "Pow",
}  # fmt: skip
_REDUCTIONS: Final = {
    "reduce_mean": "ReduceMean", "reduce_sum": "ReduceSum", "reduce_max": "ReduceMax", "reduce_min": "ReduceMin",
    "reduce_l2_norm": "ReduceL2", "reduce_sum_square": "ReduceSumSquare",
}  # fmt: skip


def _alone(call: _Call) -> Value:
    return call.layers.function(call.value(), _ALONE[call.kind])


def _two(call: _Call) -> Value:
    return call.layers.both(_TWO[call.kind], call.value("x"), call.value("y"))


def _numbered(call: _Call) -> Value:
    """A function of each number alone, with settings."""
    layers, value, alpha, beta = call.layers, call.value(), call.given.real("alpha"), call.given.real("beta")
    tiny = call.given.real("epsilon")
    if call.kind == "leaky_relu":
        return layers.function(value, "LeakyRelu", alpha=alpha)
    if call.kind == "elu":
        return layers.function(value, "Elu", alpha=alpha)
    if call.kind == "relu6":
        return layers.bounded(value, 0, 6)
    if call.kind == "clip":
        return layers.bounded(value, alpha, beta)
    if call.kind == "clamped_relu":
        return layers.bounded(layers.function(value, "LeakyRelu", alpha=alpha), -_LARGEST, beta)
    if call.kind == "linear_activation":
        return layers.with_number("Add", layers.with_number("Mul", value, alpha), beta)
    if call.kind == "sigmoid_hard":
        return layers.function(value, "HardSigmoid", alpha=alpha, beta=beta)
    if call.kind == "silu":
        return layers.both("Mul", value, layers.function(value, "Sigmoid"))
    if call.kind == "square":
        return layers.both("Mul", value, value)
    if call.kind == "gelu":
        return gelu(layers, value)
    moved = layers.with_number("Add", value, tiny)
    if call.kind == "log":
        return layers.function(moved, "Log")
    return layers.function(layers.function(moved, "Sqrt") if call.kind == "rsqrt" else moved, "Reciprocal")


_NUMBERED: Final = (
    "leaky_relu", "elu", "relu6", "clip", "clamped_relu", "linear_activation", "sigmoid_hard", "silu", "square", "gelu",
    "log", "rsqrt", "inverse",
)  # fmt: skip


def _prelu(call: _Call) -> Value:
    slope = call.given.array("alpha")
    agree(slope is not None)
    return call.layers.prelu(call.value(), np.asarray(slope, np.float32).reshape(-1))


def _reduce(call: _Call) -> Value:
    value, keep = call.value(), bool(call.given.whole("keep_dims"))
    axes = sorted({call.axis(axis, value) for axis in call.given.wholes("axes")})
    if not axes:
        raise Unrunnable("it has a reduction over several pictures, which is not run here")
    made = call.layers.reduced(value, _REDUCTIONS[call.kind], axes, keep=keep or len(axes) == len(value.shape))
    return (
        made
        if keep
        else call.layers.shaped(made, [one for place, one in enumerate(value.shape) if place not in axes] or [1])
    )


def _reshape(call: _Call) -> Value:
    return reshaped(call.layers, call.value(), call.given.wholes("shape"))


def _transpose(call: _Call) -> Value:
    return turned(call.layers, call.value(), call.given.wholes("perm"))


def _concat(call: _Call) -> Value:
    values = call.values("values")
    agree(bool(values) and not call.given.whole("interleave"))
    return call.layers.in_row(values, call.axis(call.given.whole("axis"), values[0]))


def _split(call: _Call) -> list[Value]:
    value, given = call.value(), call.given
    axis = call.axis(given.whole("axis"), value)
    made = split(call.layers, value, axis, given.wholes("split_sizes"), given.whole("num_splits"))
    agree(len(made) == call.gives)
    return made


def _slice(call: _Call) -> Value:
    """One axis after the other, the batch whole."""
    value, given = call.value(), call.given
    full = (1, *value.shape)
    begin, end = given.wholes("begin"), given.wholes("end")
    agree(len(begin) == len(end) == len(full) and set(given.wholes("stride")) <= {1})
    masks = [given.wholes(name) or [0] * len(full) for name in ("begin_mask", "end_mask", "squeeze_mask")]
    agree(all(len(one) == len(full) for one in masks) and not masks[2][0])
    gone: list[int] = []
    for axis, side in enumerate(full):
        start = 0 if masks[0][axis] else begin[axis] % side if begin[axis] < 0 else begin[axis]
        stop = side if masks[1][axis] else end[axis] + side if end[axis] < 0 else min(end[axis], side)
        stop = start + 1 if masks[2][axis] else stop
        if axis:
            value = call.layers.sliced(value, axis - 1, start, stop)
            gone += [axis - 1] if masks[2][axis] else []
        else:
            agree((start, stop) == (0, 1))
    return without(call.layers, value, gone)


def _axes(call: _Call) -> Value:
    value, wanted = call.value(), call.given.wholes("axes")
    if call.kind == "squeeze":
        gone = {call.axis(axis, value) for axis in wanted}
        agree(bool(gone) and all(value.shape[axis] == 1 for axis in gone))
        return without(call.layers, value, gone)
    return widened(call.layers, value, [call.axis(axis, value, more=len(wanted)) for axis in wanted])


def _resize(call: _Call) -> Value:
    value, given = call.value(), call.given
    agree(len(value.shape) == 3)
    names = ("target_size_height", "target_size_width"), ("scale_factor_height", "scale_factor_width")
    sides = [given.whole(name) for name in names[0]]
    if not all(sides):
        sides = [int(side * given.real(name, 1.0)) for side, name in zip(value.shape[1:], names[1], strict=True)]
    if "nearest" in call.kind:
        return call.layers.resized(value, sides, "nearest", "asymmetric")
    mode = given.word("sampling_mode", "DEFAULT")
    even = call.kind == "upsample_bilinear" and not given.whole("align_corners", 1)
    where = "half_pixel" if even or mode in ("UNALIGN_CORNERS", "OFFSET_CORNERS") else "align_corners"
    where = "asymmetric" if call.kind == "resize_bilinear" and mode == "DEFAULT" else where
    return call.layers.resized(value, sides, "linear", where)


def _pad(call: _Call) -> Value:
    value, pads = call.value(), call.given.wholes("pad")
    mode = {"constant": "constant", "reflect": "reflect", "replicate": "edge"}.get(call.given.word("mode", "constant"))
    agree(mode is not None and len(pads) % 2 == 0 and len(value.shape) == 3 and not any(pads[:-4]))
    sides = [0] * (4 - len(pads[-4:])) + pads[-4:]
    top, below, left, right = sides
    return call.layers.padded(value, (top, left, below, right), call.given.real("constant_val"), mode or "")


def _spread(call: _Call) -> Value:
    return spread(call.layers, call.value(), call.given.whole("upscale_factor", 1))


def _soft(call: _Call) -> Value:
    return call.layers.along(call.value(), "Softmax", call.axis(call.given.whole("axis", -1), call.value()))


def _way(make: Callable[[_Call], Value | list[Value]]) -> Way:
    return lambda layers, step, values: make(_Call(layers, step, values))


WAYS: Final[dict[str, Way]] = {
    kind: _way(make)
    for kind, make in {
        **dict.fromkeys(_ALONE, _alone),
        **dict.fromkeys(_TWO, _two),
        **dict.fromkeys(_NUMBERED, _numbered),
        **dict.fromkeys(_REDUCTIONS, _reduce),
        **dict.fromkeys(("max_pool", "avg_pool"), _pool),
        **dict.fromkeys(("cast", "identity"), _Call.value),
        **dict.fromkeys(("squeeze", "expand_dims"), _axes),
        **dict.fromkeys(
            ("upsample_nearest_neighbor", "upsample_bilinear", "resize_nearest_neighbor", "resize_bilinear"), _resize
        ),
        "conv": _convolve,
        "conv_transpose": _convolve_back,
        "linear": _linear,
        "matmul": _product,
        "batch_norm": _normalise,
        "instance_norm": _by_channel,
        "layer_norm": _by_row,
        "l2_norm": _unit,
        "prelu": _prelu,
        "reshape": _reshape,
        "transpose": _transpose,
        "concat": _concat,
        "split": _split,
        "slice_by_index": _slice,
        "softmax": _soft,
        "pad": _pad,
        "pixel_shuffle": _spread,
    }.items()
}
