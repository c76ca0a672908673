"""One layer of a network of Core ML: which it is, what it says and holds (NeuralNetwork.proto)."""

from math import prod
from typing import Final, NamedTuple

import numpy as np

from ....protobuf import by_number
from ...model import Array, Unrunnable
from ..layered.settings import Settings

_BASE: Final = {"name": 1, "input": 2, "output": 3}
_FIRST_KIND: Final = 100
_WEIGHTS: Final = {"floats": 1, "halves": 2, "raw": 30, "eighths": 31, "quantization": 40}
_CODES: Final = {"bits": 1, "linear": 101, "table": 102}
_LINEAR: Final = {"scale": 1, "bias": 2}
_TABLE: Final = {"values": 1}
_CODED: Final = 1 << 30  # bytes that may show nothing of how they were drawn
_AXES, _TARGET = {"axes": 1, "keep": 2, "all": 3}, {"shape": 1, "mode": 2}
# Kinds of layers: number of the field, and the numbers of what stands in it. Those of weights are called so.
LAYERS: Final[dict[str, tuple[int, dict[str, int]]]] = {
    "convolution": (100, {
        "out": 1, "taken": 2, "groups": 10, "kernel": 20, "stride": 30, "dilation": 40, "valid": 50, "same": 51,
        "back": 60, "has_bias": 70, "weights": 90, "bias": 91, "shape": 100,
    }),
    "pooling": (120, {
        "type": 1, "kernel": 10, "stride": 20, "valid": 30, "same": 31, "last": 32, "no_rim": 50, "global": 60,
    }),
    "activation": (130, {
        "linear": 5, "relu": 10, "leaky": 15, "prelu": 25, "tanh": 30, "scaled_tanh": 31, "sigmoid": 40, "hard": 41,
        "elu": 50, "softsign": 60, "softplus": 70,
    }),
    "innerProduct": (140, {"taken": 1, "out": 2, "has_bias": 10, "weights": 20, "bias": 21}),
    "batchnorm": (160, {
        "channels": 1, "compute": 5, "instance": 6, "epsilon": 10, "gamma": 15, "beta": 16, "mean": 17, "variance": 18,
    }),
    "mvn": (165, {"across": 1, "scaled": 2, "epsilon": 3}),
    "l2normalize": (170, {"epsilon": 1}),
    "softmax": (175, {}),
    "lrn": (180, {"alpha": 1, "beta": 2, "size": 3, "k": 4}),
    "crop": (190, {"amounts": 1, "offset": 5}),
    "padding": (200, {"constant": 1, "reflection": 2, "replication": 3, "amounts": 10}),
    "upsample": (210, {"factor": 1, "mode": 5, "how": 6, "fraction": 7}),
    "resizeBilinear": (211, {"size": 1, "mode": 2}),
    "unary": (220, {"type": 1, "alpha": 2, "epsilon": 3, "shift": 4, "scale": 5}),
    "add": (230, {"alpha": 1}),
    "multiply": (231, {"alpha": 1}),
    "average": (240, {}),
    "scale": (245, {"shape": 1, "weights": 2, "has_bias": 3, "bias_shape": 4, "bias": 5}),
    "bias": (250, {"shape": 1, "bias": 2}),
    "max": (260, {}),
    "min": (261, {}),
    "reduce": (280, {"mode": 1, "epsilon": 2, "axis": 3}),
    "loadConstant": (290, {"shape": 1, "data": 2}),
    "reshape": (300, _TARGET),
    "flatten": (301, {"mode": 1}),
    "permute": (310, {"axis": 1}),
    "concat": (320, {"sequence": 100}),
    "split": (330, {"count": 1}),
    "reorganizeData": (345, {"mode": 1, "block": 2}),
    "slice": (350, {"start": 1, "end": 2, "stride": 3, "axis": 4}),
    "copy": (600, {}),
    "clip": (660, {"low": 1, "high": 2}),
    "tanh": (760, {}),
    "erf": (790, {}),
    "gelu": (795, {"mode": 1}),
    "minBroadcastable": (870, {}),
    "maxBroadcastable": (875, {}),
    "addBroadcastable": (880, {}),
    "powBroadcastable": (885, {}),
    "divideBroadcastable": (890, {}),
    "multiplyBroadcastable": (900, {}),
    "subtractBroadcastable": (905, {}),
    "softmaxND": (950, {"axis": 1}),
    "splitND": (975, {"axis": 1, "count": 2, "sizes": 3}),
    "concatND": (980, {"axis": 1, "interleave": 2}),
    "transpose": (985, {"axes": 1}),
    "batchedMatmul": (1045, {
        "turn_first": 1, "turn_second": 2, "taken": 5, "out": 6, "has_bias": 7, "weights": 8, "bias": 9,
    }),
    "loadConstantND": (1070, {"shape": 1, "data": 2}),
    "squeeze": (1120, {"axes": 1, "all": 2}),
    "expandDims": (1125, {"axes": 1}),
    "flattenTo2D": (1130, {"axis": 1}),
    "reshapeStatic": (1140, _TARGET),
    "rankPreservingReshape": (1150, _TARGET),
    "reduceL2": (1255, _AXES),
    "reduceMax": (1260, _AXES),
    "reduceSum": (1270, _AXES),
    "reduceMean": (1280, _AXES),
    "layerNormalization": (1350, {"shape": 1, "epsilon": 2, "gamma": 3, "beta": 4}),
    "clampedReLU": (1460, {"slope": 1, "high": 2}),
}  # fmt: skip
_NAMES: Final = {number: name for name, (number, _) in LAYERS.items()}
_HELD: Final = ("weights", "bias", "gamma", "beta", "mean", "variance", "data")


class Layer(NamedTuple):
    """A layer.

    Attributes:
        kind: its kind, as the format names it.
        name: its own.
        takes: names of what goes in.
        gives: names of what comes out.
        says: its settings.
        held: its weights by name, flat.
        coded: bytes that may show nothing of how they were drawn.
    """

    kind: str
    name: str
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    says: Settings
    held: dict[str, Array]
    coded: int

    @property
    def weights(self) -> tuple[Array, ...]:
        """Its weights; a convolution's kernels with their axes."""
        return tuple(self.held.values())


def layer_of(raw: memoryview) -> Layer:
    """Read a layer; one that is not known here by its number."""
    fields = by_number(raw)
    base = Settings(raw, _BASE)
    number = max(fields, default=0)
    kind = _NAMES.get(number, f"of number {number}")
    body = fields[number][0] if number >= _FIRST_KIND else memoryview(b"")
    says = Settings(body, LAYERS[kind][1] if kind in LAYERS else {})
    inside = {"prelu": (25, 1)} if kind == "activation" else {}
    parts = {name: says.messages(name)[0] for name in _HELD if name in LAYERS.get(kind, (0, {}))[1] and says.has(name)}
    parts |= {name: _within(body, way) for name, way in inside.items() if says.has(name)}
    unknown = {} if kind in LAYERS else {"unknown": np.zeros(len(body) // 4, np.float32)}
    held = {name: weights_of(part, _count(kind, says) if name == "weights" else None) for name, part in parts.items()}
    if kind == "convolution" and "weights" in held:
        held["weights"] = _kernels(says, held["weights"])
    coded = _CODED if any(Settings(part, _WEIGHTS).has("quantization") for part in parts.values()) else 0
    return Layer(
        kind,
        base.word("name"),
        tuple(base.words("input")),
        tuple(base.words("output")),
        says.apart(*_HELD),
        held | unknown,
        coded,
    )


def _within(body: memoryview, way: tuple[int, int]) -> memoryview:
    inner = by_number(by_number(body)[way[0]][0])[way[1]]
    return inner[0] if inner else memoryview(b"")


def _kernels(says: Settings, flat: Array) -> Array:
    """[output, input of a group, height, width]; of one that goes the other way the inputs first."""
    kernel = says.wholes("kernel") or [3, 3]
    rows = says.whole("taken") if says.yes("back") else says.whole("out")
    places = rows * prod(kernel)
    if len(kernel) != len("HW") or min(rows, *kernel) <= 0 or flat.size % places or not flat.size:
        raise Unrunnable("it has a convolution with weights that do not fit it")
    return flat.reshape(rows, -1, *kernel)


def _count(kind: str, says: Settings) -> int | None:
    """How many numbers the weights of a layer have; None where it does not say."""
    if kind not in ("convolution", "innerProduct", "batchedMatmul"):
        return None
    return says.whole("out") * says.whole("taken") * prod(says.wholes("kernel") or [3, 3] if kind[0] == "c" else [])


def weights_of(raw: memoryview, count: int | None = None) -> Array:
    """The numbers of a weight, flat, float32.

    Args:
        raw: as it lies in the file.
        count: of codes of a few bits how many there are.

    Raises:
        Unrunnable: they are stored in a way that is not known here.
    """
    held = Settings(raw, _WEIGHTS)
    if held.has("floats"):
        return held.reals("floats")
    if held.has("halves"):
        return np.frombuffer(held.messages("halves")[0], "<f2").astype(np.float32)
    if not held.has("raw"):
        raise Unrunnable("it has weights that are stored in a way that is not known here")
    codes = held.inner("quantization", _CODES)
    bits = codes.whole("bits", 8)
    if not 1 <= bits <= 8:
        raise Unrunnable("it has weights of more than 8 bits, which are not read here")
    spread = np.unpackbits(np.frombuffer(held.messages("raw")[0], np.uint8))
    whole = spread[: spread.size // bits * bits].reshape(-1, bits) @ (1 << np.arange(bits)[::-1])
    return _decoded(whole[:count], codes)


def _decoded(whole: Array, codes: Settings) -> Array:
    if codes.has("table"):
        table = codes.inner("table", _TABLE).reals("values")
        if not table.size or whole.max(initial=0) >= table.size:
            raise Unrunnable("it has weights that its table of values does not hold")
        return table[whole]
    linear = codes.inner("linear", _LINEAR)
    scale, bias = linear.reals("scale"), linear.reals("bias")
    rows = max(scale.size, 1)
    if whole.size % rows or bias.size not in (0, 1, rows):
        raise Unrunnable("it has weights that do not fit their scales")
    real = whole.reshape(rows, -1) * (scale.reshape(-1, 1) if scale.size else 1)
    return (real + (bias.reshape(-1, 1) if bias.size else 0)).reshape(-1).astype(np.float32)
