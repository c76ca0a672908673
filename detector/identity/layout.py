"""Where in an input a picture goes: channels first or last, flat, one of a batch or of a clip."""

from collections.abc import Container, Sequence
from itertools import product
from math import prod

import msgspec

from .model import Slot

_SMALLEST, _LARGEST = 16, 2048  # sides of a picture, pixels
_STRIP = 4  # times its other side from which no face is looked for: spectrograms, and lines of text
_FLAT_SMALLEST = 32
_SQUAT = 2  # times its other side up to which rows of numbers may be a picture
_DTYPES = frozenset(
    ("float32", "float16", "float64", "uint8", "int8", "uint16", "int16", "int32", "int64"),
)
_IN_ROWS = frozenset(("float32", "float16", "float64", "uint8", "int8"))  # longer whole numbers in rows are words
_COLOURS = (1, 3, 4)
_STACKED, _MANY = range(2, 65), 16
_EVEN = 8  # layers of networks for pictures have multiples of this many channels (Howard et al., MobileNets, 2017)
PAIRS = (2, 6)  # channels of two pictures, in grey or in colours

# Sides of a picture from which on a model looks for things in it, pixels of the shorter; how far apart the places are
# at which it looks, pixels, how many kinds of box there are at each, and how many values of each are given.
_SEARCHED = 240
_STRIDES = (8, 16, 32, 64)
_BOXES = (1, 2, 3)
_VALUES = 96


class Layout(msgspec.Struct, frozen=True):
    """How a picture lies in an input.

    Attributes:
        axes: of the input, one letter each: N batch, T pictures of a clip, C channels, H, W; of a flat one `N` or
            nothing, and then `P`, all values of the picture, or several `P` where these lie in rows.
        channels: of the picture; None where the input leaves them free.
        height: in pixels; None where free.
        width: in pixels; None where free.
        planar: whether one channel follows the other; else all of one pixel.
        apart: whether the last third of the rows holds the colours of a grey picture above.
    """

    axes: str
    channels: int | None
    height: int | None
    width: int | None
    planar: bool
    apart: bool = False


def layouts(slot: Slot) -> list[Layout]:
    """The ways in which an input may hold a picture, the likely one first; none where it holds none."""
    if slot.dtype not in _DTYPES:
        return []
    if len(slot.shape) in (1, 2):
        found = _flat(slot.shape) or (_in_rows(slot.shape) if slot.dtype in _IN_ROWS else [])
    else:
        found = [one for axes in _AXES.get(len(slot.shape), ()) if (one := _layout(axes, slot.shape))][:1]
        found = found or _stacked(slot.shape) or _flat_channels(slot.shape)
    return found + [msgspec.structs.replace(one, apart=True) for one in found if _has_colours_below(one, slot.dtype)]


# By the number of axes, the likelier first.
_AXES = {3: ("CHW", "HWC", "NHW"), 4: ("NCHW", "NHWC"), 5: ("NTCHW", "NTHWC", "NCTHW")}


def _layout(axes: str, shape: Sequence[int | None], colours: Container[int | None] = _COLOURS) -> Layout | None:
    sides = dict(zip(axes, shape, strict=True))
    channels, height, width = sides.get("C", 1), sides["H"], sides["W"]
    if channels is None and axes == "NCHW" and height is None and width is None:
        return Layout(axes, None, None, None, planar=True)  # nothing is said but the number of axes
    if "C" not in axes and (height is None or width is None):
        return None  # too little to go by
    free = channels is None and axes == "NCHW" and height is not None and width is not None
    fits = (channels in colours or free) and all(
        side is None or _SMALLEST <= side <= _LARGEST for side in (height, width)
    )
    if not fits or _is_strip(height, width):
        return None
    return Layout(axes, channels, height, width, planar=not axes.endswith("C"))


def _has_colours_below(layout: Layout, dtype: str) -> bool:
    """Whether it may be a square picture as cameras have it (NV12): bytes of grey, half as many of colours."""
    height, width = layout.height or 0, layout.width or 1
    return dtype == "uint8" and layout.channels == 1 and 2 * height == 3 * width


def _stacked(shape: Sequence[int | None]) -> list[Layout]:
    """Several pictures behind one another as the channels of one: two to compare, those of a clip, or a mosaic."""
    found = (_layout(axes, shape, _STACKED) for axes in _AXES[4] if len(shape) == len(axes) and None not in shape[1:])
    return [one for one in found if one][:1]


def is_unusual(inputs: Sequence[Slot]) -> bool:
    """Whether a picture is taken by its form alone: of so many channels what half a network has made may be as well."""
    counts = [one.channels or 0 for slot in inputs for one in layouts(slot)]
    return bool(counts) and all(count >= _MANY and count % _EVEN == 0 for count in counts)


def takes_strips(slot: Slot) -> bool:
    """Whether an input is as a picture is, but too long for one of a face: a spectrogram, or a line of text."""
    ways = (dict(zip(axes, slot.shape, strict=True)) for axes in _AXES.get(len(slot.shape), ()))
    return any(way.get("C", 1) in _COLOURS and _is_strip(way["H"], way["W"]) for way in ways)


def may_be_picture(slot: Slot) -> bool:
    """Whether a picture could come in there, though it could not be tried: in bytes, flat, or by half a network."""
    sides = [side for side in slot.shape if side not in (None, 1)] if len(slot.shape) <= len("NP") else []
    flat = any(_is_square(side) or _is_square(side / 3) for side in sides[-1:])
    encoded = slot.dtype in ("uint8", "other") and len(slot.shape) <= 2
    cut = len(slot.shape) == len("NTP") and None not in slot.shape and _is_square(_values(slot) / 3)
    by_axes = len(slot.shape) > 3 and not takes_strips(slot) and not _is_tiny(slot) and not _takes_turns(slot)
    return bool(layouts(slot)) or by_axes or flat or cut or encoded


def may_take_picture(inputs: Sequence[Slot]) -> bool:
    """Whether a picture could come in at any of them. What a transformer was told before comes in twice alike at least,
    as keys and as values."""
    return any(may_be_picture(slot) or (_takes_turns(slot) and inputs.count(slot) == 1) for slot in inputs)


def _values(slot: Slot) -> int:
    return prod(side or 1 for side in slot.shape)


def _takes_turns(slot: Slot) -> bool:
    """Whether one axis alone is free behind the batch, of four: what was said before, for each head of a transformer.
    Of a picture both sides are known, or neither is."""
    known = [side for side in slot.shape[1:] if side is not None]
    if len(slot.shape) != len("NCHW") or len(known) != len("HW"):
        return False
    return slot.shape[2] is None or min(known) < _SMALLEST


def _is_tiny(slot: Slot) -> bool:
    """Whether it takes fewer numbers than half a network makes of a picture, or than a flat picture has."""
    return None not in slot.shape[1:] and _values(slot) < _FLAT_SMALLEST**2


def _is_square(side: float) -> bool:
    return side >= 32**2 and side == round(side**0.5) ** 2


def _is_strip(height: int | None, width: int | None) -> bool:
    shorter, longer = sorted((height or 0, width or 0))
    return shorter >= _SMALLEST and longer > _STRIP * shorter


def _flat(shape: Sequence[int | None]) -> list[Layout]:
    """A square picture, written out."""
    values, batch = shape[-1], "N" * (len(shape) - 1)
    for channels in (3, 1):
        side = round(((values or 0) / channels) ** 0.5)
        if channels * side * side == values and _FLAT_SMALLEST <= side <= _LARGEST:
            ways = (True, False) if channels > 1 else (True,)
            return [Layout(f"{batch}P", channels, side, side, planar) for planar in ways]
    return []


def _flat_channels(shape: Sequence[int | None]) -> list[Layout]:
    """A square picture of which each channel, or each pixel, is one row."""
    if len(shape) != len("NCP") or shape[0] not in (None, 1):
        return []
    for first, (channels, values) in ((True, shape[1:]), (False, shape[:0:-1])):
        side = round((values or 0) ** 0.5)
        if channels == len("RGB") and side**2 == values and _FLAT_SMALLEST <= side <= _LARGEST:
            return [Layout("NPP", channels, side, side, planar=first)]
        if channels == 1 and (found := _flat((1, values))):
            return [msgspec.structs.replace(one, axes="NPP") for one in found]
    return []


def _in_rows(shape: Sequence[int | None]) -> list[Layout]:
    """A picture without a batch, its rows one after the other: in grey, or in colours side by side or in turn."""
    if len(shape) != len("HW"):
        return []
    height, width = (side or 0 for side in shape)
    ways = ((1, height, width, True), (3, height, width // 3, False), (3, height // 3, width, True))
    return [Layout("PP", *way) for way in ways if way[0] * way[1] * way[2] == height * width and _is_squat(*way[1:3])]


def _is_squat(height: int, width: int) -> bool:
    shorter, longer = sorted((height, width))
    return _FLAT_SMALLEST <= shorter <= longer <= min(_SQUAT * shorter, _LARGEST)


def tells_places(inputs: Sequence[Slot], outputs: Sequence[Slot]) -> bool:
    """Whether a model takes one large picture, and all it gives is a few values for each of the places in it that
    detectors go by (SSD, Liu et al., 2016): as many rows as there are places, or as maps. A template has no such shape.
    """
    found = layouts(inputs[0]) if len(inputs) == 1 else []
    if not found or found[0].height is None or found[0].width is None:
        return False
    height, width = found[0].height, found[0].width
    if min(height, width) < _SEARCHED or not outputs:
        return False
    return all(of_places(slot.shape, (height, width)) for slot in outputs)


def of_places(shape: Sequence[int | None], size: tuple[int, int]) -> bool:
    """Whether an output is a few values for each of the places in a picture of this height and width."""
    cells = [-(-size[0] // stride) * -(-size[1] // stride) for stride in _STRIDES]
    sides = [side or 1 for side in shape]
    while len(sides) > 1 and sides[0] == 1:
        del sides[0]
    if len(sides) == len("CHW"):
        maps = ((sides[0], sides[1] * sides[2]), (sides[2], sides[0] * sides[1]))
        return any(values <= _VALUES and places in cells for values, places in maps)
    if len(sides) > len("CHW"):
        return False
    rows, values = max(sides), min(sides) if len(sides) > 1 else 1
    sums = {
        sum(boxes * cell for boxes, cell in zip(kinds, some, strict=True))
        for some in (*((cell,) for cell in cells), cells[:3], cells)
        for kinds in product(_BOXES, repeat=len(some))
    }
    return values <= _VALUES and rows in sums
