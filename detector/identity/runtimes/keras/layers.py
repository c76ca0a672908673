"""Layers of Keras, as the steps of TensorFlow that they are made of (keras.io/api/layers). Pictures have their channels
last. A layer that is not known here becomes a step of its name, which nobody knows."""

# Settings are whatever the file says.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...model import Array, Unrunnable
from .steps import Layer, Settings, Steps

_NOTHING = frozenset((  # layers that do nothing but while a network learns
    "Dropout", "SpatialDropout2D", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "RandomFlip",
    "ActivityRegularization", "RandomRotation", "RandomZoom", "RandomContrast", "RandomTranslation", "RandomBrightness",
))  # fmt: skip


def write_layer(
    steps: Steps, kind: str, name: str, inputs: list[str], settings: Settings, weights: Mapping[str, Array]
) -> str:
    """What a layer gives; its name. Raises `Unrunnable` for one that has learned, and has no weights in its file."""
    if kind in _LEARNS and not weights:
        raise Unrunnable(f"its layer {name[:60]} has no weights in it")
    held = {one: steps.keep(f"{name}#{one}", value) for one, value in weights.items()}
    made = _LAYERS.get(kind, _unknown)(steps, Layer(kind, f"{name}#made", inputs, settings, held))
    if kind in _ACTIVE:
        made = steps.activation(settings.get("activation") or "linear", made, f"{name}#active")
    return steps.add("Identity", name, [made])


def _unknown(steps: Steps, layer: Layer) -> str:
    return steps.add(layer.kind, layer.name, [*layer.inputs, *layer.weights.values()])


def _nothing(steps: Steps, layer: Layer) -> str:
    return steps.add("Identity", layer.name, layer.inputs[:1])


def _biased(steps: Steps, layer: Layer, made: str) -> str:
    if "bias" not in layer.weights:
        return made
    return steps.add("BiasAdd", f"{layer.name}#biased", [made, layer.weights["bias"]])


def _convolution(steps: Steps, layer: Layer) -> str:
    if layer.settings.get("groups", 1) != 1 or layer.settings.get("depth_multiplier", 1) != 1 or len(layer.inputs) != 1:
        return _unknown(steps, layer)
    kernel = layer.weights.get("depthwise_kernel") or layer.weights["kernel"]
    op = "Conv2D" if layer.kind == "Conv2D" else "DepthwiseConv2dNative"
    made = steps.add(op, layer.name, [*layer.inputs, kernel], **layer.window())
    if layer.kind == "SeparableConv2D":
        point = {"strides": [1, 1, 1, 1], "padding": "VALID"}
        made = steps.add("Conv2D", f"{layer.name}#point", [made, layer.weights["pointwise_kernel"]], **point)
    return _biased(steps, layer, made)


def _back(steps: Steps, layer: Layer) -> str:
    if layer.settings.get("output_padding"):
        return _unknown(steps, layer)
    size = steps.keep(f"{layer.name}#size", np.zeros(4, np.int32))
    names = [size, layer.weights["kernel"], *layer.inputs]
    return _biased(steps, layer, steps.add("Conv2DBackpropInput", layer.name, names, **layer.window()))


def _dense(steps: Steps, layer: Layer) -> str:
    return _biased(steps, layer, steps.add("MatMul", layer.name, [*layer.inputs, layer.weights["kernel"]]))


def _normalised(steps: Steps, layer: Layer) -> str:
    axis = layer.settings.get("axis", -1)
    if axis not in (-1, 3, [-1], [3], 1, [1]) or "moving_mean" not in layer.weights:
        return _unknown(steps, layer)
    mean = layer.weights["moving_mean"]
    sides = steps.constants[mean].shape
    gain = layer.weights.get("gamma") or steps.keep(f"{layer.name}#gain", np.ones(sides, np.float32))
    shift = layer.weights.get("beta") or steps.keep(f"{layer.name}#shift", np.zeros(sides, np.float32))
    names = [*layer.inputs, gain, shift, mean, layer.weights["moving_variance"]]
    return steps.add("FusedBatchNormV3", layer.name, names, epsilon=float(layer.settings.get("epsilon", 1e-3)))


def _activation(steps: Steps, layer: Layer) -> str:
    return steps.activation(layer.settings.get("activation", "linear"), layer.inputs[0], layer.name)


def _relu(steps: Steps, layer: Layer) -> str:
    slope = layer.settings.get("negative_slope") or 0.0
    if layer.kind == "LeakyReLU":
        slope = layer.settings.get("alpha") or slope or 0.3
    if layer.settings.get("threshold"):
        return _unknown(steps, layer)
    op = "LeakyRelu" if slope else "Relu"
    made = steps.add(op, layer.name, layer.inputs, **({"alpha": float(np.asarray(slope))} if slope else {}))
    top = layer.settings.get("max_value")
    if top is None:
        return made
    return steps.add("Minimum", f"{layer.name}#least", [made, steps.keep(f"{layer.name}#top", np.float32(top))])


def _prelu(steps: Steps, layer: Layer) -> str:
    return steps.add("Prelu", layer.name, [*layer.inputs, layer.weights["alpha"]])


def _pool(steps: Steps, layer: Layer) -> str:
    op = "MaxPool" if layer.kind.startswith("Max") else "AvgPool"
    return steps.add(op, layer.name, layer.inputs, **layer.window("pool_size"))


def _pool_all(steps: Steps, layer: Layer) -> str:
    axes = [1, 2] if layer.kind.endswith("2D") else [1]
    keep = bool(layer.settings.get("keepdims"))
    names = [*layer.inputs, steps.keep(f"{layer.name}#axes", np.array(axes, np.int32))]
    return steps.add("Max" if "Max" in layer.kind else "Mean", layer.name, names, keep_dims=keep)


def _reshape(steps: Steps, layer: Layer) -> str:
    if layer.kind == "Flatten":
        return steps.add("Flatten", layer.name, layer.inputs)
    shape = [0, *layer.settings["target_shape"]]  # the batch stays, which ONNX calls 0
    return steps.add("Reshape", layer.name, [*layer.inputs, steps.keep(f"{layer.name}#shape", np.array(shape))])


def _permute(steps: Steps, layer: Layer) -> str:
    order = steps.keep(f"{layer.name}#order", np.array([0, *layer.settings["dims"]], np.int32))
    return steps.add("Transpose", layer.name, [*layer.inputs, order])


def _join(steps: Steps, layer: Layer) -> str:
    axis = steps.keep(f"{layer.name}#axis", np.int32(layer.settings.get("axis", -1)))
    return steps.add("ConcatV2", layer.name, [*layer.inputs, axis])


def _merge(steps: Steps, layer: Layer) -> str:
    """One after the other."""
    op = {"Multiply": "Mul", "Subtract": "Sub", "Average": "Add"}.get(layer.kind, layer.kind)
    made = layer.inputs[0]
    for place, other in enumerate(layer.inputs[1:]):
        made = steps.add(op, f"{layer.name}#{place}", [made, other])
    if layer.kind != "Average":
        return made
    share = steps.keep(f"{layer.name}#share", np.float32(1 / len(layer.inputs)))
    return steps.add("Mul", layer.name, [made, share])


def _pad(steps: Steps, layer: Layer) -> str:
    high, wide = _edges(layer.settings.get("padding", 1))
    pads = steps.keep(f"{layer.name}#pads", np.array([[0, 0], high, wide, [0, 0]], np.int32))
    return steps.add("Pad", layer.name, [*layer.inputs, pads])


def _crop(steps: Steps, layer: Layer) -> str:
    high, wide = _edges(layer.settings.get("cropping", 0))
    lists = {"begin": [0, high[0], wide[0], 0], "end": [0, -high[1], -wide[1], 0], "strides": [1] * 4}
    names = [steps.keep(f"{layer.name}#{one}", np.array(value, np.int32)) for one, value in lists.items()]
    mask = sum(1 << place for place, end in enumerate(lists["end"]) if not end)
    return steps.add("StridedSlice", layer.name, [*layer.inputs, *names], end_mask=mask)


def _edges(value: Any) -> list[list[int]]:
    """Above and below, left and right: of one number, two, or two pairs."""
    pair = [value, value] if isinstance(value, int) else list(value)
    return [[int(one)] * 2 if isinstance(one, int) else [int(each) for each in one] for one in pair]


def _enlarge(steps: Steps, layer: Layer) -> str:
    kind = {"nearest": "Nearest", "bilinear": "Linear"}.get(layer.settings.get("interpolation", "nearest"), "")
    return steps.add(f"UpSampling2D{kind}", layer.name, layer.inputs, size=layer.pair("size"))


def _scaled(steps: Steps, layer: Layer) -> str:
    names = {one: layer.settings.get(one) for one in ("scale", "offset")}
    kept = {one: steps.keep(f"{layer.name}#{one}", np.asarray(v or 0, np.float32)) for one, v in names.items()}
    return steps.add(
        "Add", layer.name, [steps.add("Mul", f"{layer.name}#m", [*layer.inputs, kept["scale"]]), kept["offset"]]
    )


_ACTIVE = frozenset(("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose", "Dense"))
_LEARNS = _ACTIVE | {"PReLU", "BatchNormalization"}
_LAYERS: dict[str, Callable[[Steps, Layer], str]] = {
    **dict.fromkeys(_NOTHING, _nothing),
    **dict.fromkeys(("Conv2D", "DepthwiseConv2D", "SeparableConv2D"), _convolution),
    **dict.fromkeys(("ReLU", "LeakyReLU"), _relu),
    **dict.fromkeys(("MaxPooling2D", "AveragePooling2D"), _pool),
    **dict.fromkeys(
        ("GlobalAveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling1D", "GlobalMaxPooling1D"), _pool_all
    ),
    **dict.fromkeys(("Flatten", "Reshape"), _reshape),
    **dict.fromkeys(("Add", "Multiply", "Subtract", "Average", "Maximum", "Minimum"), _merge),
    "Conv2DTranspose": _back,
    "Dense": _dense,
    "BatchNormalization": _normalised,
    "Activation": _activation,
    "PReLU": _prelu,
    "ELU": lambda steps, layer: steps.add("Elu", layer.name, layer.inputs),
    "Softmax": lambda steps, layer: steps.add("Softmax", layer.name, layer.inputs),
    "Permute": _permute,
    "Concatenate": _join,
    "ZeroPadding2D": _pad,
    "Cropping2D": _crop,
    "UpSampling2D": _enlarge,
    "Rescaling": _scaled,
}
