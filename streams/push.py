"""Frames handed over by a host program."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np

from .base import DEFAULT_RATE, Source
from .clock import MediaClock
from .errors import SourceError, UnsupportedSource
from .frame import Frame, Image, PackedPixels, Pixels, PlanarPixels
from .handover import Handover

Layout = Literal["bgr", "rgb", "gray", "yuv420p", "nv12"]


class PushSource(Source):
    """A source that a host program fills: `push` from its thread, iterate in ours.

    The hand-over is bounded and never makes the host wait: when `depth` frames lie in it the oldest is dropped and
    counted. A host that analyses in its own thread uses `frame` instead and hands the result to `Guard.observe`.

    Args:
        name: the source's name.
        depth: how many frames may wait.
        step: expected seconds between pictures, for stamps that jump.
        now: the clock that says when a picture is received, seconds; by default the machine's monotonic one.

    Attributes:
        handover: how many frames wait in it, and how old the newest is.
    """

    def __init__(
        self, name: str, depth: int = 2, step: float = 1 / DEFAULT_RATE, now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(name, now=now)
        self._clock = MediaClock(step)
        self.handover = Handover(depth)

    def frame(
        self,
        pixels: Image | Sequence[Image],
        at: float,
        layout: Layout = "bgr",
        captured_at: float | None = None,
    ) -> Frame:
        """The host's picture as a `Frame`, without a copy: the host leaves the array alone while the frame is used.

        Args:
            pixels: uint8. `bgr`, `rgb`: shape (height, width, 3). `gray`: (height, width). `yuv420p`, `nv12`: either
                one array of shape (height * 3 / 2, width), as OpenCV has it, or the planes, Y first. With the
                luma alone at hand, `gray` is as good.
            at: the host's own time stamp, seconds, on any base.
            layout: what `pixels` holds.
            captured_at: the camera's wall clock, POSIX seconds, if known.

        Raises:
            UnsupportedSource: the array is not what `layout` says.
        """
        return self.stamp(as_pixels(self.name, pixels, layout), at, captured_at)

    def stamp(self, pixels: Pixels, at: float, captured_at: float | None = None) -> Frame:
        """As `frame`, from samples that are wrapped already."""
        return self._stamped(pixels, *self._clock.stamp(at), captured_at=captured_at)

    def push(
        self,
        pixels: Image | Sequence[Image],
        at: float,
        layout: Layout = "bgr",
        captured_at: float | None = None,
    ) -> None:
        """Hand a picture over (arguments as for `frame`) to whoever iterates; never waits."""
        self.handover.put(self.frame(pixels, at, layout, captured_at))
        self.counters.dropped = self.handover.dropped

    def reconnected(self, gap: float | None = None) -> None:
        """The host has lost its camera and found it again (see `MediaClock.reconnected`)."""
        self._clock.reconnected(gap)

    def frames(self) -> Iterator[Frame]:
        return iter(self.handover)

    def close(self) -> None:
        """End the stream: the iteration finishes after the frames that still wait."""
        self.handover.end()

    def fail(self, error: SourceError) -> None:
        """End the stream with an error, which the iteration raises after the frames that still wait."""
        self.handover.end(error)


def as_pixels(source: str, pixels: Image | Sequence[Image], layout: Layout) -> Pixels:
    """A host's arrays as pixels, without a copy; arguments and errors as for `PushSource.frame`."""
    planes = [pixels] if isinstance(pixels, np.ndarray) else list(pixels)
    made = _matched(planes, layout) if planes and all(plane.dtype == np.uint8 for plane in planes) else None
    if made is None:
        got = ", ".join(f"{plane.dtype}{plane.shape}" for plane in planes) or "nothing"
        raise UnsupportedSource(source, f"these pixels are not '{layout}': got {got}; see PushSource.frame")
    return made


def _matched(planes: list[Image], layout: Layout) -> Pixels | None:
    first = planes[0]
    if not first.size:
        return None
    match layout, len(planes), first.ndim:
        case ("bgr" | "rgb") as order, 1, 3 if first.shape[2] == 3:
            return PackedPixels(first, order)
        case "gray", 1, 2:
            return PlanarPixels(first)
        case "yuv420p" | "nv12", 1, 2 if first.shape[0] % 3 == 0 and first.shape[1] % 2 == 0:
            return _matched(_unstacked(first, layout), layout)
        case "nv12", 2, 2 if planes[1].shape == (*_half(first), 2):
            return PlanarPixels(first, (planes[1],))
        case "yuv420p", 3, 2 if planes[1].shape == planes[2].shape == _half(first):
            return PlanarPixels(first, (planes[1], planes[2]))
        case _:
            return None


def _unstacked(stacked: Image, layout: Layout) -> list[Image]:
    width = stacked.shape[1]
    height = stacked.shape[0] * 2 // 3
    luma, chroma = stacked[:height], stacked[height:]
    if layout == "nv12":
        return [luma, chroma.reshape(height // 2, width // 2, 2)]
    return [luma, *chroma.reshape(2, height // 2, width // 2)]


def _half(plane: Image) -> tuple[int, int]:
    return (plane.shape[0] + 1) // 2, (plane.shape[1] + 1) // 2
