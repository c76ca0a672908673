"""What the layers of ncnn do that move numbers to other places, written as ONNX."""

from collections.abc import Sequence
from math import prod
from typing import Final

from ...model import Unrunnable
from ..layered.composed import filled, gathered, spread, widened
from ..layered.graph import Value, agree
from ..layered.layer_list import Step, Way
from ..layered.layers import Layers
from .weights import NONE


def one(step: Step, values: Sequence[Value]) -> Value:
    """What a layer takes; raises `Unrunnable` where that is not one thing."""
    if len(values) != 1:
        raise Unrunnable(f"it has a {step.kind[:40]} of {len(values)} things, which is not run here")
    return values[0]


def axis_of(step: Step, value: Value, place: int) -> int:
    """An axis that a setting names, from the front."""
    axis = step.settings.whole(place)
    axis = axis if axis >= 0 else axis + len(value.shape)
    agree(0 <= axis < len(value.shape))
    return axis


def _slice(layers: Layers, step: Step, values: list[Value]) -> list[Value]:
    """In parts of these lengths; -233 is an equal share of what is left."""
    value = one(step, values)
    axis, ends = axis_of(step, value, 1), list[int]()
    lengths = step.settings.wholes(0)
    if step.settings.has(2):  # places instead of lengths
        return layers.parted(value, axis, [*step.settings.wholes(2), value.shape[axis]])
    agree(0 < len(lengths) == len(step.gives))
    for place, length in enumerate(lengths):
        before = ends[-1] if ends else 0
        ends.append(before + (length if length != NONE else (value.shape[axis] - before) // (len(lengths) - place)))
    return layers.parted(value, axis, ends)


_PLACES: Final = {1: (0,), 2: (1, 0), 3: (2, 1, 0), 4: (2, 11, 1, 0)}  # settings of the sides, in their order


_ORDERS: Final[dict[int, dict[int, tuple[int, ...]]]] = {
    2: {0: (0, 1), 1: (1, 0)},
    3: {0: (0, 1, 2), 1: (0, 2, 1), 2: (1, 0, 2), 3: (1, 2, 0), 4: (2, 0, 1), 5: (2, 1, 0)},
}


def _reshape(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = one(step, values), step.settings
    if settings.whole(3) or settings.has(6):
        raise Unrunnable("it has a Reshape by what is worked out, which is not run here")
    places = [place for place in (2, 11, 1, 0) if settings.whole(place, NONE) != NONE]
    sides = [settings.whole(place) for place in places]
    before = value.shape[-len(sides) :] if len(sides) <= len(value.shape) else (0,) * len(sides)
    if len(sides) != len(value.shape) and 0 in sides:  # the same side by its name, not by its place
        held = dict(zip(_PLACES[len(value.shape)], value.shape, strict=True))
        before = tuple(held.get(place, 1) for place in places)
    sides = [side or other for side, other in zip(sides, before, strict=True)]
    return layers.shaped(value, filled(sides, prod(value.shape)))


def _permute(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, kind = one(step, values), step.settings.whole(0)
    orders = _ORDERS.get(len(value.shape), {})
    agree(kind in orders)
    return layers.permuted(value, orders[kind])


def _resize(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = values[0], step.settings
    agree(len(value.shape) == 3)
    sides = (settings.whole(3), settings.whole(4))
    if settings.whole(5) or len(values) > 1:
        agree(len(values) == 2 and len(values[1].shape) == 3)
        sides = values[1].shape[1:]
    elif 0 in sides:
        sides = (int(value.shape[1] * settings.real(1, 1.0)), int(value.shape[2] * settings.real(2, 1.0)))
    kind = settings.whole(0)
    if kind not in (1, 2):
        raise Unrunnable("it has an Interp that is not known here")
    if kind == 1:
        return layers.resized(value, sides, "nearest", "asymmetric")
    return layers.resized(value, sides, "linear", "align_corners" if settings.whole(6) else "half_pixel")


def _crop(layers: Layers, step: Step, values: list[Value]) -> Value:
    """By starts and ends on axes, or by places and lengths of width, height and channels."""
    value, settings = one(step, values), step.settings
    if settings.has(9):
        starts, ends, axes = (settings.wholes(place) for place in (9, 10, 11))
        axes = axes or list(range(len(starts)))
        agree(len(starts) == len(ends) == len(axes))
        for start, end, axis in zip(starts, ends, axes, strict=True):
            agree(-len(value.shape) <= axis < len(value.shape))
            side = value.shape[axis]
            start, end = start if start >= 0 else start + side, min(end if end >= 0 else end + side, side)
            end = side if end == NONE + side else end
            value = layers.sliced(value, axis % len(value.shape), start, end)
        return value
    agree(len(value.shape) == 3)
    for axis, (start, length, rest) in enumerate(((2, 5, 8), (1, 4, 7), (0, 3, 6))):
        first, count = settings.whole(start), settings.whole(length)
        side = value.shape[axis]
        end = first + count if count not in (0, NONE) else side - settings.whole(rest)
        value = layers.sliced(value, axis, first, end)
    return value


def _pad(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = one(step, values), step.settings
    mode = {0: "constant", 1: "edge", 2: "reflect"}.get(settings.whole(4))
    if mode is None or settings.whole(6) or settings.whole(7) or settings.whole(8):
        raise Unrunnable("it has a Padding that is not known here")
    top, below, left, right = (settings.whole(place) for place in range(4))
    return layers.padded(value, (top, left, below, right), settings.real(5), mode)


def _spread(layers: Layers, step: Step, values: list[Value]) -> Value:
    """Channels to places."""
    settings = step.settings
    return spread(layers, one(step, values), settings.whole(0, 1), places_first=bool(settings.whole(1)))


def _gather(layers: Layers, step: Step, values: list[Value]) -> Value:
    """Places to channels."""
    settings = step.settings
    return gathered(layers, one(step, values), settings.whole(0, 1), places_first=bool(settings.whole(1)))


def _focus(layers: Layers, step: Step, values: list[Value]) -> Value:
    """Of YOLOv5: places of each square of four to channels, those below one another first."""
    value = one(step, values)
    agree(len(value.shape) == 3 and value.shape[1] % 2 == 0 and value.shape[2] % 2 == 0)
    channels, high, wide = value.shape[0], value.shape[1] // 2, value.shape[2] // 2
    parts = layers.shaped(value, (channels, high, 2, wide, 2))
    return layers.shaped(layers.permuted(parts, (4, 2, 0, 1, 3)), (channels * 4, high, wide))


def _axes_away(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, settings = one(step, values), step.settings
    if settings.has(3):
        gone = {axis % len(value.shape) for axis in settings.wholes(3)}
    else:  # a switch for each side
        gone = {axis for axis, place in enumerate(_PLACES[len(value.shape)]) if settings.whole(place)}
    return layers.shaped(value, [side for axis, side in enumerate(value.shape) if axis not in gone or side != 1])


def _axes_more(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, axes = one(step, values), step.settings.wholes(3)
    if not axes:
        raise Unrunnable("it has an ExpandDims that is not known here")
    count = len(value.shape) + len(axes)
    return widened(layers, value, [axis % count for axis in axes])


def _shuffle(layers: Layers, step: Step, values: list[Value]) -> Value:
    value, groups = one(step, values), step.settings.whole(0, 1)
    agree(groups > 0)
    return layers.shuffled(value, value.shape[0] // groups if step.settings.whole(1) else groups)


SHAPES: Final[dict[str, Way]] = {
    **dict.fromkeys(("Noop", "Cast", "Packing", "DeepCopy"), lambda _, step, values: one(step, values)),
    "Split": lambda _layers, step, values: [one(step, values)] * len(step.gives),
    "Concat": lambda layers, step, values: layers.in_row(values, axis_of(step, values[0], 0)),
    "Slice": _slice,
    "Flatten": lambda layers, step, values: layers.shaped(one(step, values), (prod(values[0].shape),)),
    "Reshape": _reshape,
    "Permute": _permute,
    "Interp": _resize,
    "Crop": _crop,
    "Padding": _pad,
    "PixelShuffle": _spread,
    "Reorg": _gather,
    "YoloV5Focus": _focus,
    "ShuffleChannel": _shuffle,
    "Squeeze": _axes_away,
    "ExpandDims": _axes_more,
}
