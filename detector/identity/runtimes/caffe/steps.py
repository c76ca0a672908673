"""What the layers of Caffe do (caffe.berkeleyvision.org/tutorial/layers.html, and SSD's), written as ONNX."""

from collections.abc import Sequence
from math import prod
from typing import Final, NamedTuple

import numpy as np

from ...model import Array, Unrunnable
from ..layered.composed import reshaped, together, turned
from ..layered.graph import Value, agree
from ..layered.layer_list import Step, Way
from ..layered.layers import Layers, Window
from ..layered.settings import Settings

_ALL: Final = -1
_LARGEST_SCALE: Final = 64
_REDUCTIONS: Final = {1: "ReduceSum", 2: "ReduceL1", 3: "ReduceSumSquare", 4: "ReduceMean"}


class Message(NamedTuple):
    """Where the settings of a kind of layer lie: the field in a layer, in one of before 2015, and the fields inside."""

    place: int
    older: int
    names: dict[str, int]


_SLID: Final = {
    "num_output": 1, "bias_term": 2, "pad": 3, "kernel": 4, "group": 5, "stride": 6, "dilation": 18, "pad_h": 9,
    "pad_w": 10, "kernel_h": 11, "kernel_w": 12, "stride_h": 13, "stride_w": 14, "axis": 16,
}  # fmt: skip
_POOLED: Final = {
    "pool": 1, "kernel": 2, "stride": 3, "pad": 4, "kernel_h": 5, "kernel_w": 6, "stride_h": 7, "stride_w": 8,
    "pad_h": 9, "pad_w": 10, "global_pooling": 12, "round_mode": 13, "dilation": 1 << 28,
}  # fmt: skip
_CONVOLUTION: Final = Message(106, 10, _SLID)
_NONE: Final = 1 << 28  # a field that no layer has
SETTINGS: Final = {
    **dict.fromkeys(("Convolution", "Deconvolution"), _CONVOLUTION),
    **dict.fromkeys(("ConvolutionDepthwise", "DepthwiseConvolution"), _CONVOLUTION),
    "InnerProduct": Message(117, 17, {"num_output": 1, "bias_term": 2, "axis": 5, "transpose": 6}),
    "Pooling": Message(121, 19, _POOLED),
    "ReLU": Message(123, 30, {"negative_slope": 1}),
    "ELU": Message(140, _NONE, {"alpha": 1}),
    "Power": Message(122, 21, {"power": 1, "scale": 2, "shift": 3}),
    "Exp": Message(111, 41, {"base": 1, "scale": 2, "shift": 3}),
    "Log": Message(134, _NONE, {"base": 1, "scale": 2, "shift": 3}),
    "Scale": Message(142, _NONE, {"axis": 1, "num_axes": 2, "bias_term": 4}),
    "Bias": Message(141, _NONE, {"axis": 1, "num_axes": 2}),
    "BatchNorm": Message(139, _NONE, {"eps": 3}),
    "LRN": Message(118, 18, {"local_size": 1, "alpha": 2, "beta": 3, "norm_region": 4, "k": 5}),
    "Concat": Message(104, 9, {"concat_dim": 1, "axis": 2}),
    "Slice": Message(126, 31, {"slice_dim": 1, "slice_point": 2, "axis": 3}),
    "Eltwise": Message(110, 24, {"operation": 1, "coeff": 2}),
    "Softmax": Message(125, 39, {"axis": 2}),
    "Normalize": Message(206, _NONE, {"across_spatial": 1, "channel_shared": 3, "eps": 4}),
    "Reshape": Message(133, _NONE, {"shape": 1, "axis": 2, "num_axes": 3}),
    "Flatten": Message(135, _NONE, {"axis": 1, "end_axis": 2}),
    "Permute": Message(202, _NONE, {"order": 1}),
    "ArgMax": Message(103, 23, {"out_max_val": 1, "top_k": 2, "axis": 3}),
    "Crop": Message(144, _NONE, {"axis": 1, "offset": 2}),
    "Reduction": Message(136, _NONE, {"operation": 1, "axis": 2, "coeff": 3}),
    "Tile": Message(138, _NONE, {"axis": 1, "tiles": 2}),
    "MVN": Message(120, 34, {"normalize_variance": 1, "across_channels": 2, "eps": 3}),
    "ShuffleChannel": Message(164, _NONE, {"group": 1}),
    "Upsample": Message(149, _NONE, {"scale": 1}),
    "Interp": Message(147, _NONE, {"height": 1, "width": 2, "zoom": 3, "shrink": 4, "before": 5, "behind": 6}),
}


def ends(kind: str) -> bool:
    """Whether only learning, or a test of what was learned, has a use for such a layer."""
    return kind.endswith("Loss") or kind in ("Accuracy", "Silence", "HDF5Output", "DetectionEvaluate")


def _one(step: Step, values: Sequence[Value]) -> Value:
    if len(values) != 1:
        raise Unrunnable(f"it has a {step.kind[:40]} of {len(values)} things, which is not run here")
    return values[0]


def _window(settings: Settings, kernel: tuple[int, int] | None = None) -> Window:
    high, wide = _pair(settings, "pad", 0)
    kernel = kernel or _pair(settings, "kernel", 0)
    stride, holes = _pair(settings, "stride", 1), tuple(settings.wholes("dilation") or [1])
    agree(len(holes) <= len(kernel))
    return Window(kernel, stride, (high, wide, high, wide), (holes[0], holes[-1]))


def _pair(settings: Settings, name: str, otherwise: int) -> tuple[int, int]:
    """Height and width: one number for both, one each, or two settings of their own."""
    both = settings.wholes(name) if not settings.has(f"{name}_h") and not settings.has(f"{name}_w") else []
    agree(len(both) <= len("HW"))
    if both:
        return both[0], both[-1]
    return settings.whole(f"{name}_h", otherwise), settings.whole(f"{name}_w", otherwise)


def _kernel(step: Step) -> tuple[Array, Array | None, int]:
    """Weights, bias, and how many groups."""
    weight, bias = _weight_and_bias(step)
    count = step.settings.whole("num_output")
    groups = count if "epthwise" in step.kind else step.settings.whole("group", 1)
    agree(0 < groups <= count and count % groups == 0 and (bias is None or bias.size == count))
    return weight, bias, groups


def _weight_and_bias(step: Step) -> tuple[Array, Array | None]:
    agree(len(step.weights) in (1, 2))
    weight, *biases = step.weights
    return weight, biases[0].reshape(-1) if biases else None


def _as_map(weight: Array, first: int, window: Window) -> Array:
    places = first * prod(window.kernel)
    agree(places > 0 and weight.size > 0 and weight.size % places == 0)
    return weight.reshape(first, -1, *window.kernel)


def _convolve(layers: Layers, step: Step, values: list[Value]) -> Value | list[Value]:
    weight, bias, groups = _kernel(step)
    window = _window(step.settings)
    kernel = _as_map(weight, step.settings.whole("num_output"), window)
    return [layers.slide(value, kernel, bias, window, groups) for value in values]


def _convolve_back(layers: Layers, step: Step, values: list[Value]) -> Value:
    value = _one(step, values)
    weight, bias, groups = _kernel(step)
    window = _window(step.settings)
    return layers.slide_back(value, _as_map(weight, value.shape[0], window), bias, window, groups)


def _multiply(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, count = _one(step, values), step.settings.whole("num_output")
    if step.settings.whole("axis", 1) != 1:
        raise Unrunnable("it has an InnerProduct along a later axis, which is not run here")
    weight, bias = _weight_and_bias(step)
    agree(count > 0 and weight.size % count == 0)
    matrix = weight.reshape(-1, count).T if step.settings.yes("transpose") else weight.reshape(count, -1)
    return layers.matrix(value, np.ascontiguousarray(matrix), bias)


def _pool(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = _one(step, values), step.settings
    if settings.whole("pool") not in (0, 1):
        raise Unrunnable("it has a Pooling by chance, which is not run here")
    kind = "Average" if settings.whole("pool") else "Max"
    if settings.yes("global_pooling"):
        return layers.over_all(value, kind)
    return layers.pooled(value, kind, _window(settings), last=not settings.whole("round_mode"))


def _relu(layers: Layers, step: Step, values: list[Value]) -> Value:
    if slope := step.settings.real("negative_slope"):
        return layers.function(_one(step, values), "LeakyRelu", alpha=slope)
    return layers.function(_one(step, values), "Relu")


def _prelu(layers: Layers, step: Step, values: list[Value]) -> Value:
    agree(len(step.weights) == 1)
    return layers.prelu(_one(step, values), step.weights[0].reshape(-1))


def _moved(layers: Layers, settings: Settings, value: Value) -> Value:
    """Times `scale`, plus `shift`."""
    scale, shift = settings.real("scale", 1.0), settings.real("shift")
    value = layers.with_number("Mul", value, scale) if scale != 1 else value
    return layers.with_number("Add", value, shift) if shift else value


def _power(layers: Layers, step: Step, values: list[Value]) -> Value:
    moved, power = _moved(layers, step.settings, _one(step, values)), step.settings.real("power", 1.0)
    return layers.with_number("Pow", moved, power) if power != 1 else moved


def _exponent(layers: Layers, step: Step, values: list[Value]) -> Value:
    moved, base = _moved(layers, step.settings, _one(step, values)), step.settings.real("base", -1.0)
    if step.kind == "Exp":
        return layers.function(moved, "Exp") if base <= 0 else layers.with_number("Pow", moved, base, first=True)
    made = layers.function(moved, "Log")
    return made if base <= 0 else layers.with_number("Mul", made, float(1 / np.log(base)))


def _scale(layers: Layers, step: Step, values: list[Value]) -> Value:
    """Times what was learned, plus what was learned; or one value times another, which lies along some of its axes."""
    axis = step.settings.whole("axis", 1)
    if len(values) == 1:
        agree(axis > 0)
        weight, bias = step.weights[0], step.weights[1] if len(step.weights) > 1 else None
        gain, shift = (weight, bias) if step.kind == "Scale" else (None, weight)
        return layers.scaled_along(values[0], gain, shift, axis - 1)
    agree(len(values) == 2)
    value, other = values
    agree(axis == 0 and value.shape[: len(other.shape)] == other.shape)
    wide = layers.shaped(other, (*other.shape, *[1] * (len(value.shape) - len(other.shape))))
    return layers.both("Mul" if step.kind == "Scale" else "Add", value, wide)


def _normalise(layers: Layers, step: Step, values: list[Value]) -> Value:
    """By mean and variance, which are held times a factor."""
    agree(len(step.weights) == 3 and step.weights[2].size == 1)
    mean, variance, factor = (one.reshape(-1) for one in step.weights)
    with np.errstate(all="ignore"):
        share = 1 / factor[0] if factor[0] else 0.0
        gain = 1 / np.sqrt(variance * share + step.settings.real("eps", 1e-5))
        return layers.scaled_along(_one(step, values), gain, -mean * share * gain)


def _lrn(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = _one(step, values), step.settings
    size, alpha, beta = settings.whole("local_size", 5), settings.real("alpha", 1.0), settings.real("beta", 0.75)
    if not settings.whole("norm_region"):
        return layers.normed_around(value, size, alpha, beta, settings.real("k", 1.0))
    agree(size % 2 == 1)
    squares = layers.both("Mul", value, value)
    window = Window((size, size), pads=(size // 2,) * 4)
    around = layers.with_number("Mul", layers.pooled(squares, "Average", window), alpha)
    return layers.both("Mul", value, layers.with_number("Pow", layers.with_number("Add", around, 1.0), -beta))


def _axis(step: Step, value: Value, named: str = "axis", otherwise: int = 1) -> int:
    """An axis as `Layers` counts it, without the batch."""
    axis = step.settings.whole(named, otherwise)
    axis = axis if axis >= 0 else axis + len(value.shape) + 1
    if axis == 0:
        raise Unrunnable(f"it has a {step.kind[:40]} over several pictures, which is not run here")
    agree(0 < axis <= len(value.shape))
    return axis - 1


def _concat(layers: Layers, step: Step, values: list[Value]) -> Value:
    named = "concat_dim" if step.settings.has("concat_dim") else "axis"
    return layers.in_row(values, _axis(step, values[0], named))


def _slice(layers: Layers, step: Step, values: list[Value]) -> list[Value]:
    value = _one(step, values)
    axis = _axis(step, value, "slice_dim" if step.settings.has("slice_dim") else "axis")
    side, count = value.shape[axis], len(step.gives)
    ends = step.settings.wholes("slice_point")
    if not ends:
        agree(side % count == 0)
        ends = [side // count * place for place in range(1, count)]
    agree(len(ends) == count - 1)
    return layers.parted(value, axis, [*ends, side])


def _together(layers: Layers, step: Step, values: list[Value]) -> Value:
    return together(layers, values, step.settings.whole("operation", 1), step.settings.reals("coeff").tolist())


def _unit(layers: Layers, step: Step, values: list[Value]) -> Value:
    value = _one(step, values)
    axes = range(len(value.shape)) if step.settings.yes("across_spatial", otherwise=True) else [0]
    made = layers.divided_by_length(value, list(axes), step.settings.real("eps", 1e-10) ** 0.5)
    return layers.scaled_along(made, step.weights[0].reshape(-1), None) if step.weights else made


def _reshape(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = _one(step, values), step.settings
    if settings.whole("axis") or settings.whole("num_axes", _ALL) != _ALL:
        raise Unrunnable("it has a Reshape of some axes, which is not run here")
    return reshaped(layers, value, settings.inner("shape", {"dim": 1}).wholes("dim"))


def _flatten(layers: Layers, step: Step, values: list[Value]) -> Value:
    value = _one(step, values)
    first, last = _axis(step, value), _axis(step, value, "end_axis", -1)
    agree(first <= last)
    shape = (*value.shape[:first], prod(value.shape[first : last + 1]), *value.shape[last + 1 :])
    return layers.shaped(value, shape)


def _permute(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, order = _one(step, values), step.settings.wholes("order")
    return turned(layers, value, [*order, *(axis for axis in range(len(value.shape) + 1) if axis not in order)])


def _crop(layers: Layers, step: Step, values: list[Value]) -> Value:
    agree(len(values) == 2)
    value, like = values
    first, offsets = _axis(step, value, otherwise=2), step.settings.wholes("offset") or [0]
    for place, axis in enumerate(range(first, len(value.shape))):
        agree(axis < len(like.shape) and len(offsets) in (1, len(value.shape) - first))
        start = offsets[place % len(offsets)]
        value = layers.sliced(value, axis, start, start + like.shape[axis])
    return value


def _reduce(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, op = _one(step, values), step.settings.whole("operation", 1)
    axis = _axis(step, value, otherwise=0)
    agree(op in _REDUCTIONS)
    made = layers.reduced(value, _REDUCTIONS[op], list(range(axis, len(value.shape))), keep=axis == 0)
    factor = step.settings.real("coeff", 1.0)
    return layers.with_number("Mul", made, factor) if factor != 1 else made


def _standardise(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = _one(step, values), step.settings
    axes = list(range(0 if settings.yes("across_channels") else 1, len(value.shape)))
    scaled = settings.yes("normalize_variance", otherwise=True)
    return layers.standardised(value, axes, settings.real("eps", 1e-9) ** 2, scaled=scaled)


def _enlarge(layers: Layers, step: Step, values: list[Value]) -> Value:
    """Every number several times, as YOLO's networks have it."""
    value, scale = _one(step, values), step.settings.whole("scale")
    agree(len(value.shape) == 3 and 0 < scale <= _LARGEST_SCALE)
    return layers.resized(value, [side * scale for side in value.shape[1:]], "nearest", "asymmetric")


def _interpolate(layers: Layers, step: Step, values: list[Value]) -> Value:
    """To a size, that of another map, or so many times as many gaps, corners on corners (DeepLab)."""
    value, settings = values[0], step.settings
    zoom, shrink = settings.whole("zoom", 1), settings.whole("shrink", 1)
    agree(len(value.shape) == 3 and 0 < zoom <= _LARGEST_SCALE and shrink > 0)
    if settings.whole("before") or settings.whole("behind"):
        raise Unrunnable("it has an Interp with a rim, which is not run here")
    sides = [settings.whole("height"), settings.whole("width")]
    if len(values) == 2:
        sides = list(values[1].shape[1:])
    elif not all(sides):
        sides = [((side - 1) // shrink) * zoom + 1 for side in value.shape[1:]]
    agree(len(values) <= 2 and len(sides) == len("HW"))
    return layers.resized(value, sides, "linear", "align_corners")


def _axpy(layers: Layers, _step: Step, values: list[Value]) -> Value:
    """A map times a number for each channel, plus a map (SENet)."""
    agree(len(values) == 3)
    factor, value, added = values
    wide = layers.shaped(factor, (*factor.shape[:1], *[1] * (len(value.shape) - 1)))
    return layers.both("Add", layers.both("Mul", value, wide), added)


def _same(op: str, **attributes: float) -> Way:
    return lambda layers, step, values: layers.function(_one(step, values), op, **attributes)


WAYS: Final[dict[str, Way]] = {
    **dict.fromkeys(("Convolution", "ConvolutionDepthwise", "DepthwiseConvolution"), _convolve),
    **dict.fromkeys(("Scale", "Bias"), _scale),
    **dict.fromkeys(("Exp", "Log"), _exponent),
    "Deconvolution": _convolve_back,
    "InnerProduct": _multiply,
    "Pooling": _pool,
    "ReLU": _relu,
    "ReLU6": lambda layers, step, values: layers.bounded(_one(step, values), 0, 6),
    "PReLU": _prelu,
    "Sigmoid": _same("Sigmoid"),
    "TanH": _same("Tanh"),
    "AbsVal": _same("Abs"),
    "BNLL": _same("Softplus"),
    "ELU": lambda layers, step, values: layers.function(
        _one(step, values), "Elu", alpha=step.settings.real("alpha", 1.0)
    ),
    "Power": _power,
    "BatchNorm": _normalise,
    "LRN": _lrn,
    "Concat": _concat,
    "Slice": _slice,
    "Split": lambda _layers, step, values: [_one(step, values)] * len(step.gives),
    "Dropout": lambda _layers, step, values: _one(step, values),
    "Eltwise": _together,
    "Softmax": lambda layers, step, values: layers.along(values[0], "Softmax", _axis(step, _one(step, values))),
    "Normalize": _unit,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Permute": _permute,
    "Crop": _crop,
    "Reduction": _reduce,
    "Tile": lambda layers, step, values: layers.repeated(
        values[0], _axis(step, _one(step, values)), step.settings.whole("tiles")
    ),
    "MVN": _standardise,
    "ShuffleChannel": lambda layers, step, values: layers.shuffled(_one(step, values), step.settings.whole("group", 1)),
    "Axpy": _axpy,
    "Upsample": _enlarge,
    "Interp": _interpolate,
}
