"""Where in an input a picture goes: channels first or last, flat, one of a batch or of a clip."""

from collections.abc import Sequence

import msgspec

from .model import Slot

_SMALLEST, _LARGEST = 16, 1024  # sides of a picture, pixels
_FLAT_SMALLEST = 32
_DTYPES = frozenset(
    ("float32", "float16", "float64", "uint8", "int8", "uint16", "int16", "int32", "int64"),
)
_COLOURS = (1, 3, 4)


class Layout(msgspec.Struct, frozen=True):
    """How a picture lies in an input.

    Attributes:
        axes: of the input, one letter each: N batch, T pictures of a clip, C channels, H, W; of a flat one `N` or
            nothing, and then `P`, all values of the picture.
        channels: of the picture; None where the input leaves them free.
        height: in pixels; None where free.
        width: in pixels; None where free.
        planar: whether one channel follows the other; else all of one pixel.
    """

    axes: str
    channels: int | None
    height: int | None
    width: int | None
    planar: bool


def layouts(slot: Slot) -> list[Layout]:
    """The ways in which an input may hold a picture, the likely one first; none where it holds none."""
    if slot.dtype not in _DTYPES:
        return []
    if len(slot.shape) in (1, 2):
        return _flat(slot.shape)
    found = next((one for axes in _AXES.get(len(slot.shape), ()) if (one := _layout(axes, slot.shape))), None)
    return [found] if found else []


# By the number of axes, the likelier first.
_AXES = {3: ("CHW", "HWC", "NHW"), 4: ("NCHW", "NHWC"), 5: ("NTCHW", "NTHWC", "NCTHW")}


def _layout(axes: str, shape: Sequence[int | None]) -> Layout | None:
    sides = dict(zip(axes, shape, strict=True))
    channels, height, width = sides.get("C", 1), sides["H"], sides["W"]
    if channels is None and axes == "NCHW" and height is None and width is None:
        return Layout(axes, None, None, None, planar=True)  # nothing is said but the number of axes
    if "C" not in axes and (height is None or width is None):
        return None  # too little to go by
    fits = channels in _COLOURS and all(side is None or _SMALLEST <= side <= _LARGEST for side in (height, width))
    return Layout(axes, channels, height, width, planar=not axes.endswith("C")) if fits else None


def _flat(shape: Sequence[int | None]) -> list[Layout]:
    """A square picture, written out."""
    values, batch = shape[-1], "N" * (len(shape) - 1)
    for channels in (3, 1):
        side = round(((values or 0) / channels) ** 0.5)
        if channels * side * side == values and _FLAT_SMALLEST <= side <= _LARGEST:
            ways = (True, False) if channels > 1 else (True,)
            return [Layout(f"{batch}P", channels, side, side, planar) for planar in ways]
    return []
