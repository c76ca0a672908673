"""What the layers of Core ML's networks do that move numbers to other places (NeuralNetwork.proto), written as ONNX."""

from math import prod
from typing import Final

from ...model import Unrunnable
from ..layered.composed import gathered, reshaped, split, spread, turned, widened, without
from ..layered.graph import Value, agree
from ..layered.layer_list import Way
from .call import BORDERS, Call, edges, one, pair, sides_of, written

_METHOD: Final = {"method": 1}


def _crop(call: Call, values: list[Value]) -> Value:
    value, layers = values[0], call.layers
    _, high, wide = sides_of(value)
    if len(values) == 1:
        (top, below), (left, right) = edges(call.says.inner("amounts", BORDERS))
        return layers.sliced(layers.sliced(value, 1, top, high - below), 2, left, wide - right)
    agree(len(values) == 2)
    top, left = pair(call.says.wholes("offset"), 0)
    _, other_high, other_wide = sides_of(values[1])
    return layers.sliced(layers.sliced(value, 1, top, top + other_high), 2, left, left + other_wide)


def _pad(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    (top, below), (left, right) = edges(says.inner("amounts", BORDERS))
    mode = "reflect" if says.has("reflection") else "edge" if says.has("replication") else "constant"
    return call.layers.padded(
        value, (top, left, below, right), says.inner("constant", {"value": 1}).real("value"), mode
    )


def _enlarge(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    factors = says.wholes("factor") or [1, 1]
    agree(len(factors) == len("HW") and min(factors) > 0)
    if says.has("fraction"):
        raise Unrunnable("it has an upsampling by a fraction, which is not run here")
    _, high, wide = sides_of(value)
    sides = (high * factors[0], wide * factors[1])
    if not says.whole("mode"):
        return call.layers.resized(value, sides, "nearest", "asymmetric")
    where = {0: "asymmetric", 1: "align_corners", 2: "half_pixel"}.get(says.whole("how"), "asymmetric")
    return call.layers.resized(value, sides, "linear", where)


def _resize(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    sides = says.wholes("size")
    agree(len(sides) == len("HW"))
    how = says.inner("mode", _METHOD).whole("method")
    where = {0: "align_corners", 1: "align_corners", 2: "asymmetric", 3: "half_pixel"}.get(how, "align_corners")
    return call.layers.resized(value, sides, "linear", where)


def _reshape(call: Call, values: list[Value]) -> Value:
    """To three sides in older networks, the sequence before them; 0 is as long as before, -1 what is left."""
    value, says = one(call, values), call.says
    shape = says.wholes("shape")
    if call.layer.kind == "reshape":
        if len(shape) == 4:
            agree(shape[0] == 1)
            shape = shape[1:]
        agree(len(shape) == 3)
        if says.whole("mode"):
            value = call.layers.permuted(value, (1, 2, 0))
            made = call.layers.shaped(value, (shape[1], shape[2], shape[0]))
            return call.layers.permuted(made, (2, 0, 1))
        return call.layers.shaped(value, shape)
    return reshaped(call.layers, value, shape)


def _flatten(call: Call, values: list[Value]) -> Value:
    value = one(call, values)
    if call.layer.kind == "flattenTo2D":
        agree(call.says.whole("axis") == 1)
        return call.layers.shaped(value, (prod(value.shape),))
    if call.says.whole("mode"):
        value = call.layers.permuted(value, (1, 2, 0))
    shape = (prod(value.shape), 1, 1)
    return call.layers.shaped(value, shape)


def _permute(call: Call, values: list[Value]) -> Value:
    order = call.says.wholes("axis" if call.layer.kind == "permute" else "axes")
    return turned(call.layers, one(call, values), order)


def _concat(call: Call, values: list[Value]) -> Value:
    if call.says.whole("sequence" if call.layer.kind == "concat" else "interleave"):
        raise Unrunnable("it has a concat of another order, which is not run here")
    number = call.says.whole("axis") if call.layer.kind == "concatND" else -3
    return call.layers.in_row(values, call.axis(number, values[0]))


def _split(call: Call, values: list[Value]) -> list[Value]:
    value, says = one(call, values), call.says
    new = call.layer.kind == "splitND"
    axis = call.axis(says.whole("axis") if new else -3, value)
    made = split(call.layers, value, axis, says.wholes("sizes") if new else [], says.whole("count"))
    agree(len(made) == len(call.layer.gives))
    return made


def _slice(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    axis = call.axis(says.whole("axis") - 3, value)
    start, end = says.whole("start"), says.whole("end")
    if says.whole("stride", 1) > 1:
        raise Unrunnable("it has a slice in steps, which is not run here")
    return call.layers.sliced(value, axis, start, end if end > 0 else value.shape[axis] + end + (end < 0))


def _reorganise(call: Call, values: list[Value]) -> Value:
    value, mode, side = one(call, values), call.says.whole("mode"), call.says.whole("block")
    agree(side > 1 and mode in (0, 1, 2))
    if mode == 0:
        return gathered(call.layers, value, side, places_first=True)
    return spread(call.layers, value, side, places_first=mode == 1)


def _axes(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    wanted = says.wholes("axes")
    if call.layer.kind == "squeeze":
        gone = {call.axis(axis, value) for axis in wanted}
        agree(not says.yes("all") and all(value.shape[axis] == 1 for axis in gone))
        return without(call.layers, value, gone)
    return widened(call.layers, value, [call.axis(axis, value, more=len(wanted)) for axis in wanted])


SHAPES: Final[dict[str, Way]] = {kind: written(make) for kind, make in {
    **dict.fromkeys(("reshape", "reshapeStatic", "rankPreservingReshape"), _reshape),
    "crop": _crop, "padding": _pad, "upsample": _enlarge, "resizeBilinear": _resize, "flatten": _flatten,
    "flattenTo2D": _flatten, "permute": _permute, "transpose": _permute, "concat": _concat, "concatND": _concat,
    "split": _split, "splitND": _split, "reorganizeData": _reorganise, "slice": _slice, "copy": one, "squeeze": _axes,
    "expandDims": _axes,
}.items()}  # fmt: skip
