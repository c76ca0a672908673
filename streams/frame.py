"""One picture, its luma view, its clocks."""

from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from .telemetry import Motion

Image: TypeAlias = NDArray[np.uint8]
Size: TypeAlias = tuple[int, int]
Rotation = Literal[0, 90, 180, 270]

_TURNS: dict[int, int] = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}
# Samples that are taken for one pixel: OpenCV 5 allows 128 channels.
_WIDEST = 128


class Pixels(Protocol):
    """The stored samples of one picture, before rotation."""

    @property
    def size(self) -> Size:
        """Width and height in pixels, as stored."""
        ...

    def luma(self) -> Image:
        """Brightness, shape (height, width), uint8; a view where the samples have a luma plane."""
        ...

    def luma_part(self, rows: slice, columns: slice) -> Image:
        """Brightness of a part, shape (rows, columns), uint8, touching no other samples."""
        ...

    def bgr(self) -> Image:
        """Colour, shape (height, width, 3), uint8, blue first; made on demand."""
        ...

    def scaled_luma(self, size: Size) -> Image:
        """Brightness at (width, height), touching only as many samples as that needs."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture of a source, with its three clocks (never mixed).

    Attributes:
        source: name of the source.
        index: counts the pictures that the source delivered, from 0.
        pixels: the samples; valid as long as the frame is kept.
        media_time: seconds since the source's first picture, from the stream's own time stamps, re-based at jumps.
        received_at: our monotonic clock, seconds.
        captured_at: the camera's wall clock, POSIX seconds, where the stream carries one.
        rotation: degrees to turn the stored picture clockwise to see it upright; every view below is upright already.
        discontinuity: what happened just before this picture, in words: its time stamps jumped, or all lies elsewhere.
        motion: what the camera's own sensors measured, where the stream has such; with the first picture after it.
        spared: pictures just before it were left undecoded on purpose: what is missing there is no gap of the stream.
    """

    source: str
    index: int
    pixels: Pixels
    media_time: float
    received_at: float
    captured_at: float | None = None
    rotation: Rotation = 0
    discontinuity: str | None = None
    motion: Motion | None = None
    spared: bool = False

    @property
    def size(self) -> Size:
        """Width and height in pixels, upright."""
        width, height = self.pixels.size
        return (height, width) if self.rotation % 180 else (width, height)

    @property
    def luma(self) -> Image:
        """Brightness, shape (height, width), uint8: a view without a copy where the samples have a Y plane."""
        return np.rot90(self.pixels.luma(), -self.rotation // 90)

    def luma_in(self, rows: slice, columns: slice) -> Image:
        """Brightness of a part of the upright picture, touching no other samples, shape (rows, columns), uint8."""
        part = self.pixels.luma_part(*_as_stored(rows, columns, self.pixels.size, self.rotation))
        return np.rot90(part, -self.rotation // 90)

    def inside(self, rows: slice, columns: slice) -> "Frame":
        """A part of the upright picture as a picture of its own; its samples are not copied."""
        return replace(
            self, pixels=PartPixels(self.pixels, *_as_stored(rows, columns, self.pixels.size, self.rotation))
        )

    def bgr(self) -> Image:
        """Colour, shape (height, width, 3), uint8, blue first."""
        return _upright(self.pixels.bgr(), self.rotation)

    def thumbnail(self, side: int) -> Image:
        """Brightness with `side` pixels on its longest side, for analysis: contiguous, an array of its own, aspect
        kept, never enlarged."""
        scale = min(1.0, side / max(self.size))
        stored_width, stored_height = self.pixels.size
        size = max(1, round(stored_width * scale)), max(1, round(stored_height * scale))
        return _upright(self.pixels.scaled_luma(size), self.rotation)


@dataclass(frozen=True, slots=True)
class PlanarPixels:
    """A luma plane, shape (height, width), uint8, rows maybe padded, and its chroma.

    `chroma` is empty (grey), one plane of shape (ceil(height/2), ceil(width/2), 2) as in NV12, or two planes of
    shape (ceil(height/2), ceil(width/2)) as in YUV 4:2:0.
    """

    plane: Image
    chroma: tuple[Image, ...] = ()

    @property
    def size(self) -> Size:
        return self.plane.shape[1], self.plane.shape[0]

    def luma(self) -> Image:
        return self.plane

    def luma_part(self, rows: slice, columns: slice) -> Image:
        return self.plane[rows, columns]

    def bgr(self) -> Image:
        if not self.chroma:
            return cast(Image, cv2.cvtColor(self.plane, cv2.COLOR_GRAY2BGR))
        chroma = self.chroma[0] if len(self.chroma) == 1 else np.stack(self.chroma, axis=-1)
        height, width = self.plane.shape
        even = cv2.copyMakeBorder(self.plane, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        return cast(Image, cv2.cvtColorTwoPlane(even, chroma, cv2.COLOR_YUV2BGR_NV12)[:height, :width])

    def scaled_luma(self, size: Size) -> Image:
        return scale_down(self.plane, size)


@dataclass(frozen=True, slots=True)
class PackedPixels:
    """Interleaved colour, shape (height, width, 3), uint8."""

    array: Image
    order: Literal["bgr", "rgb"] = "bgr"

    @property
    def size(self) -> Size:
        return self.array.shape[1], self.array.shape[0]

    def luma(self) -> Image:
        return self._grey(self.array)

    def luma_part(self, rows: slice, columns: slice) -> Image:
        return self._grey(np.ascontiguousarray(self.array[rows, columns]))

    def bgr(self) -> Image:
        return self.array if self.order == "bgr" else self.array[:, :, ::-1]

    def scaled_luma(self, size: Size) -> Image:
        return scale_down(self._grey(picked(self.array, size)), size)

    def _grey(self, array: Image) -> Image:
        code = cv2.COLOR_BGR2GRAY if self.order == "bgr" else cv2.COLOR_RGB2GRAY
        return cast(Image, cv2.cvtColor(array, code))


@dataclass(frozen=True, slots=True)
class PartPixels:
    """Rows and columns of other samples, both from a first to before a last."""

    whole: Pixels
    rows: slice
    columns: slice

    @property
    def size(self) -> Size:
        return self.columns.stop - self.columns.start, self.rows.stop - self.rows.start

    def luma(self) -> Image:
        return self.whole.luma_part(self.rows, self.columns)

    def luma_part(self, rows: slice, columns: slice) -> Image:
        return self.whole.luma_part(_moved(rows, self.rows.start), _moved(columns, self.columns.start))

    def bgr(self) -> Image:
        return self.whole.bgr()[self.rows, self.columns]

    def scaled_luma(self, size: Size) -> Image:
        return scale_down(self.luma(), size)


def scale_down(plane: Image, size: Size) -> Image:
    """A plane, shape (h, w), brought to (width, height): always a new one.

    Averaging every pixel of a large picture would cost more than all the analysis after it. So pixels are picked down
    to no less than twice the size, brought to exactly that, and then averaged four by four, for which OpenCV has a
    vectorised kernel.
    """
    width, height = size
    plane = picked(plane, size)
    if plane.shape[1] > 2 * width and plane.shape[0] > 2 * height:
        plane = cast(Image, cv2.resize(plane, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR))
    if plane.shape == (height, width):
        return plane.copy()  # a host may fill its own with the next picture
    return cast(Image, cv2.resize(plane, size, interpolation=cv2.INTER_AREA))


def picked(array: Image, size: Size) -> Image:
    """Every n-th pixel of every n-th row, as few as leave at least twice `size`, (width, height).

    Whole rows are copied first, as memory gives those best. Then the pixels to keep and those between them are taken
    for channels of one wide pixel: OpenCV takes channels apart faster than it gathers pixels.
    """
    height, width = array.shape[:2]
    step = min(width // (2 * size[0]), height // (2 * size[1]), _WIDEST // array[0, 0].size)
    if step < 2:
        return array
    height, width = height // step, width // step
    rows = np.ascontiguousarray(array[: height * step : step, : width * step])
    kept: Image = np.empty((height, width, *array.shape[2:]), np.uint8)
    from_to: list[int] = []
    for channel in range(array[0, 0].size):
        from_to += [channel, channel]
    cv2.mixChannels([rows.reshape(height, width, -1)], [kept], from_to)
    return kept


def _as_stored(rows: slice, columns: slice, size: Size, rotation: Rotation) -> tuple[slice, slice]:
    """Rows and columns of an upright picture as those of the stored one, of which `size` is (width, height)."""
    width, height = size
    high, wide = (width, height) if rotation % 180 else (height, width)
    rows, columns = slice(*rows.indices(high)[:2]), slice(*columns.indices(wide)[:2])
    match rotation:
        case 90:
            return _mirrored(columns, wide), rows
        case 180:
            return _mirrored(rows, high), _mirrored(columns, wide)
        case 270:
            return columns, _mirrored(rows, high)
        case _:
            return rows, columns


def _moved(part: slice, by: int) -> slice:
    return slice(part.start + by, part.stop + by)


def _mirrored(part: slice, length: int) -> slice:
    return slice(length - part.stop, length - part.start)


def _upright(image: Image, rotation: Rotation) -> Image:
    return cast(Image, cv2.rotate(image, _TURNS[rotation]) if rotation else image)
