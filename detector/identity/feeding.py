"""Probe pictures as a model wants them: its size, layout, element type, and the scale of values it may have learned."""

from collections.abc import Callable, Iterator, Sequence

import cv2
import msgspec
import numpy as np

from .model import Array, Slot

# Sizes that face recognisers take: ArcFace, LightCNN-like crops, FaceNet, dlib, and what they are cut down to.
_FREE_SIZES = ((112, 112), (160, 160), (112, 96), (128, 128))
_SMALLEST, _LARGEST = 16, 1024
_LARGE, _LIKELY = 256 * 256, 3  # pixels from which only the likelier scales are tried, for their cost
_SCALES: dict[str, Callable[[Array], Array]] = {
    "-1..1": lambda x: (x - 127.5) / 127.5,  # ArcFace, FaceNet
    "0..255": lambda x: x,  # OpenCV's SFace, older MXNet and Caffe exports
    "0..1": lambda x: x / 255,
    "-128..127": lambda x: x - 127.5,  # mean taken off, not scaled: VGG-Face
    "ImageNet": lambda x: (x / 255 - 0.449) / 0.226,  # one mean for all channels: the probes are grey
}


class Attempt(msgspec.Struct, frozen=True):
    """One way to feed a model: full shapes of all inputs, which one takes the picture, and how.

    Attributes:
        inputs: every input, no axis free.
        position: which of them takes the picture.
        layout: `NCHW`, `NHWC`, `CHW` or `HWC`.
        size: height and width of the picture.
        scale: name of the scale of values.
    """

    inputs: tuple[Slot, ...]
    position: int
    layout: str
    size: tuple[int, int]
    scale: str

    def arrays(self, picture: Array) -> list[Array]:
        """The picture (uint8, grey, [112, 112]) as one array for each input; other inputs get zeros."""
        arrays = [np.zeros([side or 1 for side in slot.shape], slot.dtype) for slot in self.inputs]
        arrays[self.position][...] = self._fit(picture)
        return arrays

    def _fit(self, picture: Array) -> Array:
        height, width = self.size
        if (height, width) == (112, 96):  # SphereFace's crop is the middle of ArcFace's
            picture = picture[:, 8:104]
        smooth = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_LINEAR
        fitted = cv2.resize(picture, (width, height), interpolation=smooth).astype(np.float32)
        slot = self.inputs[self.position]
        fitted = fitted - 128 if slot.dtype == "int8" else _SCALES[self.scale](fitted)
        return fitted[..., None] if self.layout.endswith("C") else fitted

    def __str__(self) -> str:
        return f"{self.size[0]}x{self.size[1]}, values {self.scale}"


def attempts(inputs: Sequence[Slot]) -> Iterator[Attempt]:
    """Every way to feed a model, the likely ones first; none where it takes no picture."""
    position = next((place for place, slot in enumerate(inputs) if _layout(slot)), None)
    if position is None:
        return
    slot = inputs[position]
    layout = _layout(slot)
    scales = list(_SCALES) if np.issubdtype(np.dtype(slot.dtype), np.floating) else ["0..255"]
    for height, width in _sizes(slot, layout):
        tried = scales[:_LIKELY] if height * width > _LARGE else scales
        full = tuple(
            _filled(other, layout, (height, width)) if place == position else Slot(_ones(other), other.dtype)
            for place, other in enumerate(inputs)
        )
        for scale in tried:
            yield Attempt(full, position, layout, (height, width), scale)


def _layout(slot: Slot) -> str:
    """The layout of a picture; empty where it is none."""
    shape = slot.shape[-3:]
    if len(slot.shape) not in (3, 4) or slot.dtype not in ("float32", "float16", "float64", "uint8", "int8", "int32"):
        return ""
    batch = "N" if len(slot.shape) == 4 else ""
    if shape[0] in (1, 3) and _sides(shape[1:]):
        return f"{batch}CHW"
    if shape[2] in (1, 3) and _sides(shape[:2]):
        return f"{batch}HWC"
    return f"{batch}CHW" if batch and shape == (None, None, None) else ""


def _sides(sides: Sequence[int | None]) -> bool:
    return all(side is None or _SMALLEST <= side <= _LARGEST for side in sides)


def _sizes(slot: Slot, layout: str) -> list[tuple[int, int]]:
    height, width = slot.shape[-2:] if layout.endswith("W") else slot.shape[-3:-1]
    if height and width:
        return [(height, width)]
    fitting = [(high, wide) for high, wide in _FREE_SIZES if height in (None, high) and width in (None, wide)]
    return fitting or [(height or width or 112, width or height or 112)]


def _filled(slot: Slot, layout: str, size: tuple[int, int]) -> Slot:
    sides = {"N": slot.shape[0] or 1, "C": slot.shape[layout.index("C")] or 3, "H": size[0], "W": size[1]}
    return Slot(tuple(sides[axis] for axis in layout), slot.dtype)


def _ones(slot: Slot) -> tuple[int, ...]:
    return tuple(side or 1 for side in slot.shape)
