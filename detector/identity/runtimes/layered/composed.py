"""What more than one format that lists its layers has, put together from `Layers`."""

from collections.abc import Collection, Sequence
from math import prod
from typing import Final

import numpy as np

from ...model import Array, Unrunnable
from .graph import Value, agree
from .layers import Layers, Window

_TOGETHER: Final = ("Mul", "Add", "Max")


def around(value: Value, window: Window, *, upper: bool) -> tuple[int, int, int, int]:
    """Zeros so that as many places come out as strides fit in; one more at the end, or above (`upper`)."""
    ways: list[tuple[int, int]] = []
    for way, side in enumerate(value.shape[1:]):
        span = max((side - 1) // window.stride[way] * window.stride[way] + window.spans[way] - side, 0)
        less, more = span // 2, span - span // 2
        ways.append((more, less) if upper else (less, more))
    return ways[0][0], ways[1][0], ways[0][1], ways[1][1]


def filled(sides: Sequence[int], size: int) -> list[int]:
    """Sides of a shape of so many numbers, with what is left in the place of -1."""
    left = prod(side for side in sides if side > 0)
    agree(len(sides) > 0 and sides.count(-1) <= 1 and min(sides) >= -1 and size % left == 0)
    return [size // left if side == -1 else side for side in sides]


def reshaped(layers: Layers, value: Value, wanted: Sequence[int]) -> Value:
    """By sides of which the first is the batch's: 0 is as long as before, -1 whatever is left."""
    before = (1, *value.shape)
    agree(len(wanted) > 1 and all(side or place < len(before) for place, side in enumerate(wanted)))
    sides = filled([side or before[place] for place, side in enumerate(wanted)], prod(before))
    if sides[0] != 1:
        raise Unrunnable("it has a reshape that makes several pictures of one, which is not run here")
    return layers.shaped(value, sides[1:])


def turned(layers: Layers, value: Value, order: Sequence[int]) -> Value:
    """With its axes in another order, of which the first is the batch."""
    agree(len(order) == len(value.shape) + 1)
    places = [axis if axis >= 0 else axis + len(order) for axis in order]
    if places[0] != 0:
        raise Unrunnable("it has a transpose of several pictures, which is not run here")
    return layers.permuted(value, [axis - 1 for axis in places[1:]])


def without(layers: Layers, value: Value, axes: Collection[int]) -> Value:
    """Without these axes, of which each has a side of 1."""
    return layers.shaped(value, [side for axis, side in enumerate(value.shape) if axis not in axes])


def widened(layers: Layers, value: Value, axes: Sequence[int]) -> Value:
    """With sides of 1 at these places."""
    shape = list(value.shape)
    for axis in sorted(axes):
        shape.insert(axis, 1)
    return layers.shaped(value, shape)


def split(layers: Layers, value: Value, axis: int, sizes: Sequence[int], count: int) -> list[Value]:
    """In parts of these sizes, or in so many equal ones where there are none."""
    if not sizes:
        agree(count > 0 and value.shape[axis] % count == 0)
        sizes = [value.shape[axis] // count] * count
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    agree(ends[-1] == value.shape[axis])
    return layers.parted(value, axis, ends)


def spread(layers: Layers, value: Value, side: int, *, places_first: bool = False) -> Value:
    """Channels to the places of squares (W. Shi et al., Real-Time Single Image and Video Super-Resolution, CVPR 2016);
    `places_first` where all channels of one place come before those of the next."""
    agree(len(value.shape) == 3 and side > 0 and value.shape[0] % side**2 == 0)
    channels, high, wide = value.shape[0] // side**2, *value.shape[1:]
    apart = (side, side, channels) if places_first else (channels, side, side)
    order = (2, 3, 0, 4, 1) if places_first else (0, 3, 1, 4, 2)
    parts = layers.permuted(layers.shaped(value, (*apart, high, wide)), order)
    return layers.shaped(parts, (channels, high * side, wide * side))


def gathered(layers: Layers, value: Value, side: int, *, places_first: bool = False) -> Value:
    """The other way round: places of squares to channels."""
    agree(len(value.shape) == 3 and side > 0 and value.shape[1] % side == 0 and value.shape[2] % side == 0)
    channels, high, wide = value.shape[0], value.shape[1] // side, value.shape[2] // side
    parts = layers.shaped(value, (channels, high, side, wide, side))
    order = (2, 4, 0, 1, 3) if places_first else (0, 2, 4, 1, 3)
    return layers.shaped(layers.permuted(parts, order), (channels * side**2, high, wide))


def by_rows(layers: Layers, value: Value, weight: Array, bias: Array | None, *, turn: bool = True) -> Value:
    """Each row along the last axis times a matrix, [output, input] or else the other way round, plus a row."""
    taken, count = weight.shape[::-1] if turn else weight.shape
    agree(value.shape[-1] == taken)
    rows = layers.shaped(value, (prod(value.shape) // taken, taken))
    made = layers.multiplied(rows, layers.constant(weight), turned=turn)
    made = layers.both("Add", made, layers.constant(bias[None])) if bias is not None else made
    return layers.shaped(made, (*value.shape[:-1], count))


def normalised(
    layers: Layers, value: Value, learned: tuple[Array, Array, Array, Array], tiny: float, axis: int = 0
) -> Value:
    """By what was learned along an axis: gain, mean, variance, shift."""
    gain, mean, variance, shift = learned
    with np.errstate(all="ignore"):
        factor = gain / np.sqrt(variance + tiny)
        return layers.scaled_along(value, factor, shift - mean * factor, axis)


def together(layers: Layers, values: Sequence[Value], op: int, factors: Sequence[float]) -> Value:
    """Product (0), sum (1), of which each may count another number of times, or the largest (2) of things alike."""
    agree(op in (0, 1, 2) and len(factors) in (0, len(values)) and len({one.shape for one in values}) == 1)
    counted = zip(values, factors if op == 1 and factors else [1.0] * len(values), strict=True)
    first, *rest = [layers.with_number("Mul", one, factor) if factor != 1 else one for one, factor in counted]
    for other in rest:
        first = layers.both(_TOGETHER[op], first, other)
    return first


def gelu(layers: Layers, value: Value) -> Value:
    """D. Hendrycks and K. Gimpel, Gaussian Error Linear Units, 2016."""
    half = layers.function(layers.with_number("Mul", value, 0.5**0.5), "Erf")
    return layers.both("Mul", layers.with_number("Mul", value, 0.5), layers.with_number("Add", half, 1.0))
