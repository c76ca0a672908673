"""Probe pictures as a model wants them: its size, layout, element type, and the scale of values it may have learned."""

from collections.abc import Callable, Iterator, Sequence
from math import prod

import cv2
import msgspec
import numpy as np

from .layout import PAIRS, Layout, layouts
from .model import NO_NUMBERS, Array, Slot

# Sizes that face recognisers take: ArcFace, LightCNN, FaceNet, dlib, VGG-Face, and what they are cut down to.
_FREE_SIZES = ((112, 112), (160, 160), (112, 96), (128, 128), (150, 150), (224, 224))
# What networks of other kinds take that leave their sizes free and refuse those above: whole pictures, lines of text.
_UNUSUAL_SIZES = ((256, 256), (320, 320), (48, 320), (32, 320), (64, 64), (640, 640))
_LARGE, _LIKELY = 256 * 256, 3  # pixels from which on only the likelier scales are tried, for their cost
_DEEP = "0..65535"  # of inputs of 16 bits alone
_STRONG = (_DEEP, "-32768..32767")  # of real numbers, for what hardly answers to the usual ones
_SCALES: dict[str, Callable[[Array], Array]] = {
    "-1..1": lambda x: (x - 127.5) / 127.5,  # ArcFace, FaceNet
    "0..255": lambda x: x,  # OpenCV's SFace, older MXNet and Caffe exports
    "0..1": lambda x: x / 255,
    "-128..127": lambda x: x - 127.5,  # mean taken off, not scaled: VGG-Face
    "ImageNet": lambda x: (x / 255 - 0.449) / 0.226,  # one mean for all channels: the probes are grey
    _DEEP: lambda x: x * 257,
    _STRONG[1]: lambda x: (x - 127.5) * 257,
}
_WHITE = 255  # of a mask in bytes, that lets all through
_NO_COLOUR, _COLOURS = 128, 3
_PIXELS, _SIDES, _HALVES = "pixels", "sides", "halves"  # a place counted in pixels, from 0 to 1, from -1 to 1
# Eyes, nose and corners of the mouth in a face of 112x112, as ArcFace's authors align faces to them (insightface,
# python-package/insightface/utils/face_align.py).
_POINTS = np.array([(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)])
_DARKER = 0.02  # from picture to picture of a clip, for networks that see nothing where nothing changes
_TINT = np.array([1.0, 0.78, 0.62], np.float32)  # of red, green, blue in light skin


class Attempt(msgspec.Struct, frozen=True):
    """One way to feed a model: full shapes of all inputs, which one takes the picture, and how.

    Attributes:
        inputs: every input, no axis free.
        position: which of them takes the picture.
        layout: where in it the picture goes.
        size: height and width of the picture.
        scale: name of the scale of values.
        rest: 1 or 0, what the other inputs are filled with, if they are no pictures of the same form; those of whole
            numbers with the other of the two, and pictures in bytes with white for 1.
        tinted: whether the picture is given the colour of skin, for networks that see nothing in grey ones.
        box: in what the other inputs that may say where a face is do so: a box around the whole picture, the
            five points of a face that fills it; empty where they have `rest`.
    """

    inputs: tuple[Slot, ...]
    position: int
    layout: Layout
    size: tuple[int, int]
    scale: str
    rest: int = 1
    tinted: bool = False
    box: str = ""

    @property
    def bytes(self) -> int:
        """What all inputs take."""
        return sum(prod(side or 1 for side in slot.shape) * np.dtype(slot.dtype).itemsize for slot in self.inputs)

    @property
    def pictures(self) -> list[int]:
        """The inputs that take a picture: the first, and those of the same form, of any size where in colour."""
        first = self.inputs[self.position]
        return [place for place, slot in enumerate(self.inputs) if slot == first or self._of_another_size(slot)]

    def _of_another_size(self, slot: Slot) -> bool:
        ways = layouts(slot)[:1] if slot.dtype == self.inputs[self.position].dtype else []
        return self.layout.channels == _COLOURS and [(one.axes, one.channels) for one in ways] == [
            (self.layout.axes, _COLOURS)
        ]

    def _at(self, place: int) -> "Attempt":
        """The same, for the picture in another input."""
        if self.inputs[place] == self.inputs[self.position]:
            return self
        layout = layouts(self.inputs[place])[0]
        size = (layout.height or self.size[0], layout.width or self.size[1])
        return msgspec.structs.replace(self, position=place, layout=layout, size=size)

    def arrays(self, picture: Array, other: Array | None = None) -> list[Array]:
        """One array for each input; those that take no picture are filled with `rest`, whole numbers with 0 or 1.

        Args:
            picture: uint8, grey, [112, 112].
            other: the second picture of a model that takes two; the same one where None.
        """
        filled = list(map(self._beside, self.inputs))
        for number, place in enumerate(self.pictures):
            shown = picture if number == 0 or other is None else other
            filled[place][...] = self._at(place)._fit(shown, other)
            self._darken(filled[place])
        return filled

    def _darken(self, clip: Array) -> None:
        """Of a clip in which something has to change, every picture a little darker than the one before."""
        if self.tinted and "T" in self.layout.axes:
            turns = np.moveaxis(clip, self.layout.axes.index("T"), 0)
            for number, turn in enumerate(turns):
                turn[...] = turn * max(1 - _DARKER * number, _DARKER)

    def _beside(self, slot: Slot) -> Array:
        """A switch is off in the first turn, where a gain is 1, and on in the second; what moves places moves none."""
        shape = [side or 1 for side in slot.shape]
        if self.box and _is_box(slot):
            return self._whole(shape[-1]).astype(slot.dtype).reshape(shape)
        if self.box and are_points(slot):
            return self._points().astype(slot.dtype).reshape(shape)
        if slot.shape[-2:] == (2, 3):
            return np.tile(np.eye(2, 3, dtype=slot.dtype), [*shape[:-2], 1, 1])
        white = _WHITE if slot.dtype == "uint8" and layouts(slot) else 1
        value = self.rest if np.dtype(slot.dtype).kind == "f" else (1 - self.rest) * white
        return np.full(shape, value, slot.dtype)

    def _whole(self, count: int) -> Array:
        """A box around the whole picture; before it which picture it is of, where five numbers are asked for."""
        height, width = self.size if self.box == _PIXELS else (1, 1)
        return np.array([0, 0, 0, width, height][-count:])

    def _points(self) -> Array:
        """Five points, x and y, as `box` says."""
        height, width = self.size
        ways = {_PIXELS: _POINTS / 112 * (width, height), _SIDES: _POINTS / 112, _HALVES: _POINTS / 56 - 1}
        return ways[self.box]

    def _fit(self, picture: Array, other: Array | None) -> Array:
        channels = self._channels(self._sized(picture))
        if other is not None and self.layout.channels in PAIRS:
            half = len(channels) // 2
            channels[half:] = self._channels(self._sized(other))[half:]
        scaled = channels - 128 if self.inputs[self.position].dtype == "int8" else _SCALES[self.scale](channels)
        if not self.layout.planar:
            scaled = np.moveaxis(scaled, 0, -1)
        if self.layout.axes.count("P") > 1:
            return scaled.reshape([side or 1 for side in self.inputs[self.position].shape])
        if self.layout.axes.endswith("P"):
            return scaled.ravel()
        return scaled[:, None] if self.layout.axes == "NCTHW" else scaled[0] if "C" not in self.layout.axes else scaled

    def _sized(self, picture: Array) -> Array:
        height, width = self.size
        if self.layout.apart:
            grey = cv2.resize(picture, (width, width)).astype(np.float32)
            return np.concatenate([grey, np.full((height - width, width), _NO_COLOUR, np.float32)])
        if (height, width) == (112, 96):  # SphereFace's crop is the middle of ArcFace's
            picture = picture[:, 8:104]
        smooth = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_LINEAR
        return cv2.resize(picture, (width, height), interpolation=smooth).astype(np.float32)

    def _channels(self, values: Array) -> Array:
        """[channels, height, width], 0 to 255; the fourth of four is opaque, more are the same again."""
        count = self.inputs[self.position].shape[self.layout.axes.index("C")] if "C" in self.layout.axes else None
        count = count or self.layout.channels or 1
        gains = _TINT if self.tinted and (count == 4 or count % 3 == 0) else np.ones(3, np.float32)
        channels = np.stack([values * gains[place % 3] for place in range(count)])
        if count == 4:
            channels[3] = 255
        return channels

    def __str__(self) -> str:
        return f"{self.size[0]}x{self.size[1]}, values {self.scale}{', tinted' * self.tinted}"


def attempts(
    inputs: Sequence[Slot], *, tinted: bool = False, unusual: bool = False, strong: bool = False
) -> Iterator[Attempt]:
    """Every way to feed a model, the likely ones first; none where it takes no picture.

    Args:
        inputs: what it takes.
        tinted: give pictures the colour of skin.
        unusual: of a model that leaves its sizes free, those that face recognisers do not take.
        strong: of real numbers, pictures on the scales of 16 bits.
    """
    position = _position(inputs)
    if position is None:
        return
    slot = inputs[position]
    scales = _scales(slot.dtype, strong=strong)
    rests = [(1, ""), *([(1, _PIXELS), (1, _SIDES)] if any(map(_is_box, inputs)) else [])]
    rests += [(1, way) for way in (_PIXELS, _SIDES, _HALVES)] if any(map(are_points, inputs)) else []
    rests += [(0, "")] if any(one != slot for one in inputs) else []
    for layout in layouts(slot):
        for height, width in _sizes(layout, unusual):
            tried = scales[:_LIKELY] if height * width >= _LARGE else scales
            full = tuple(_filled(one, slot, layout, (height, width)) for one in inputs)
            for rest, box in rests:
                for scale in tried:
                    yield Attempt(full, position, layout, (height, width), scale, rest, tinted, box)


def _position(inputs: Sequence[Slot]) -> int | None:
    """The input with a picture in colour; one in grey beside it may be a mask, one of other channels a state."""
    rank = {1: 1, **dict.fromkeys((None, 3, 4), 2)}
    found = [(place, rank.get(ways[0].channels, 0)) for place, slot in enumerate(inputs) if (ways := layouts(slot))]
    return max(found, key=lambda one: (one[1], -one[0]))[0] if found else None


def _is_box(slot: Slot) -> bool:
    """Whether it may say where in a picture the face is: by two corners, maybe behind the number of the picture."""
    shape = [side or 1 for side in slot.shape]
    return shape[-1:] in ([4], [5]) and prod(shape) == shape[-1] and _is_of_numbers(slot)


def are_points(slot: Slot) -> bool:
    """Whether it may say where eyes, nose and the corners of the mouth are."""
    sides = [side for side in slot.shape if side not in (None, 1)]
    return sides in ([5, 2], [10]) and _is_of_numbers(slot)


def may_be_points(slot: Slot) -> bool:
    """Whether it may say where five places of a face or more are, in the plane or in space, however it lists them."""
    sides = sorted(side for side in slot.shape if side not in (None, 1))
    listed = len(sides) == 2 and sides[0] in (2, 3) and sides[1] >= 5
    return are_points(slot) or (listed and _is_of_numbers(slot))


def _is_of_numbers(slot: Slot) -> bool:
    return slot.dtype not in NO_NUMBERS and np.dtype(slot.dtype).kind in "fi"


def _scales(dtype: str, *, strong: bool) -> list[str]:
    if np.issubdtype(np.dtype(dtype), np.floating):
        return list(_STRONG) if strong else [one for one in _SCALES if one not in _STRONG]
    if strong:
        return []
    return ["0..255", _DEEP] if dtype == "uint16" else ["0..255"]


def _sizes(layout: Layout, unusual: bool) -> list[tuple[int, int]]:
    height, width = layout.height, layout.width
    if height and width:
        return [] if unusual else [(height, width)]
    sizes = _UNUSUAL_SIZES if unusual else _FREE_SIZES
    fitting = [(high, wide) for high, wide in sizes if height in (None, high) and width in (None, wide)]
    return fitting or [(height or width or 112, width or height or 112)]


def _filled(slot: Slot, picture: Slot, layout: Layout, size: tuple[int, int]) -> Slot:
    """No axis free."""
    if slot != picture:
        return Slot(tuple(side or 1 for side in slot.shape), slot.dtype)
    sides = {"C": layout.channels or 3, "H": size[0], "W": size[1]}
    return Slot(
        tuple(side or sides.get(axis, 1) for side, axis in zip(slot.shape, layout.axes, strict=True)), slot.dtype
    )
