"""What the layers of Core ML's networks do that move numbers to other places (NeuralNetwork.proto), written as ONNX."""

from math import prod
from typing import Final

from ...model import Unrunnable
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
    before = (1, *value.shape)
    agree(len(shape) > 1)
    shape = [side or (before[place] if place < len(before) else 0) for place, side in enumerate(shape)]
    left = prod(side for side in shape if side > 0)
    agree(shape.count(-1) <= 1 and min(shape) >= -1 and left > 0 and prod(before) % left == 0)
    shape = [prod(before) // left if side == -1 else side for side in shape]
    if shape[0] != 1:
        raise Unrunnable("it has a reshape that makes several pictures of one, which is not run here")
    return call.layers.shaped(value, shape[1:])


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
    value, old = one(call, values), call.layer.kind == "permute"
    order = call.says.wholes("axis" if old else "axes")
    agree(len(order) == len(value.shape) + 1)
    order = [axis if axis >= 0 else axis + len(order) for axis in order]
    if order[0] != 0:
        raise Unrunnable("it has a permutation of several pictures, which is not run here")
    return call.layers.permuted(value, [axis - 1 for axis in order[1:]])


def _concat(call: Call, values: list[Value]) -> Value:
    if call.says.whole("sequence" if call.layer.kind == "concat" else "interleave"):
        raise Unrunnable("it has a concat of another order, which is not run here")
    number = call.says.whole("axis") if call.layer.kind == "concatND" else -3
    return call.layers.in_row(values, call.axis(number, values[0]))


def _split(call: Call, values: list[Value]) -> list[Value]:
    value, says = one(call, values), call.says
    new = call.layer.kind == "splitND"
    axis = call.axis(says.whole("axis") if new else -3, value)
    count, sizes = says.whole("count"), says.wholes("sizes") if new else []
    if not sizes:
        agree(count > 0 and value.shape[axis] % count == 0)
        sizes = [value.shape[axis] // count] * count
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    agree(len(sizes) == len(call.layer.gives) and ends[-1] == value.shape[axis])
    return call.layers.parted(value, axis, ends)


def _slice(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    axis = call.axis(says.whole("axis") - 3, value)
    start, end = says.whole("start"), says.whole("end")
    if says.whole("stride", 1) > 1:
        raise Unrunnable("it has a slice in steps, which is not run here")
    return call.layers.sliced(value, axis, start, end if end > 0 else value.shape[axis] + end + (end < 0))


def _reorganise(call: Call, values: list[Value]) -> Value:
    value, mode, side = one(call, values), call.says.whole("mode"), call.says.whole("block")
    channels, high, wide = sides_of(value)
    agree(side > 1 and mode in (0, 1, 2))
    layers = call.layers
    if mode == 0:
        agree(high % side == 0 and wide % side == 0)
        parts = layers.shaped(value, (channels, high // side, side, wide // side, side))
        return layers.shaped(layers.permuted(parts, (2, 4, 0, 1, 3)), (channels * side**2, high // side, wide // side))
    agree(channels % side**2 == 0)
    rest = channels // side**2
    if mode == 1:
        parts = layers.permuted(layers.shaped(value, (side, side, rest, high, wide)), (2, 3, 0, 4, 1))
    else:
        parts = layers.permuted(layers.shaped(value, (rest, side, side, high, wide)), (0, 3, 1, 4, 2))
    return layers.shaped(parts, (rest, high * side, wide * side))


def _axes(call: Call, values: list[Value]) -> Value:
    value, says = one(call, values), call.says
    wanted = says.wholes("axes")
    if call.layer.kind == "squeeze":
        gone = {call.axis(axis, value) for axis in wanted}
        agree(not says.yes("all") and all(value.shape[axis] == 1 for axis in gone))
        return call.layers.shaped(value, [side for axis, side in enumerate(value.shape) if axis not in gone])
    shape = list(value.shape)
    for axis in sorted(call.axis(axis, value, more=len(wanted)) for axis in wanted):
        shape.insert(axis, 1)
    return call.layers.shaped(value, shape)


SHAPES: Final[dict[str, Way]] = {kind: written(make) for kind, make in {
    **dict.fromkeys(("reshape", "reshapeStatic", "rankPreservingReshape"), _reshape),
    "crop": _crop, "padding": _pad, "upsample": _enlarge, "resizeBilinear": _resize, "flatten": _flatten,
    "flattenTo2D": _flatten, "permute": _permute, "transpose": _permute, "concat": _concat, "concatND": _concat,
    "split": _split, "splitND": _split, "reorganizeData": _reorganise, "slice": _slice, "copy": one, "squeeze": _axes,
    "expandDims": _axes,
}.items()}  # fmt: skip
