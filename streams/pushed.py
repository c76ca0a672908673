"""Pictures that a host brings by itself, over HTTP or whatever carries bytes: `push:`."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final, Literal, cast

import av
import numpy as np
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from .address import redacted
from .base import Source
from .connection import STALL_S
from .errors import SourceTimedOut, UnreadableSource, UnsupportedSource
from .feed import DEPTH, Feed
from .frame import Pixels, Size
from .push import as_pixels
from .video import DecodedPixels

Format = Literal["i420", "nv12", "jpeg"]
FORMATS: Final[tuple[Format, ...]] = ("i420", "nv12", "jpeg")
ADDRESS: Final = "push:"
# Pixels of a picture: 4K, and a little more. A JPEG of few bytes may say that it has many.
MOST_PIXELS: Final = 4096 * 2304
MOST_BYTES: Final = MOST_PIXELS * 3 // 2


class PushedFeed(Feed):
    """A live source whose pictures are given to `take`, by any thread, one at a time.

    Args:
        name, depth, told, ready: see `Feed`.
    """

    def __init__(
        self,
        name: str,
        *,
        depth: int = DEPTH,
        told: Callable[[str, str], None] | None = None,
        ready: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(name, depth=depth, told=told, ready=ready)
        self._lock = threading.Lock()
        self._ended = False
        self._jpeg: VideoCodecContext | None = None

    def take(
        self, data: bytes, form: Format, size: Size | None, stamp: float | None, captured_at: float | None = None
    ) -> None:
        """Hand a picture over.

        Args:
            data: the picture: planes of uint8 without padding, Y, U, V (`i420`) or Y, UV (`nv12`); or a JPEG.
            form: which of them.
            size: width and height in pixels, both even; of a JPEG, None: it says so itself.
            stamp: the host's own time stamp, seconds on any base; None: now.
            captured_at: the camera's wall clock, POSIX seconds, if known.

        Raises:
            UnreadableSource: these bytes are no such picture.
            UnsupportedSource: it has no size, an odd one, or too large a one.
        """
        with self._lock:
            now = time.monotonic()
            pixels = self._pixels(data, form, size, now)
            last, self.heard = self.heard, now
            if last is None or now - last > STALL_S:
                self._begin(last, now)
            self._hand_over(pixels, now if stamp is None else stamp, captured_at)

    def close(self) -> None:
        self._ended = True
        super().close()

    def _begin(self, last: float | None, now: float) -> None:
        """The first picture, or the first after a silence, which nobody could tell of while it lasted."""
        if last is not None and not self._ended:
            self._lost(SourceTimedOut(self.name, f"no picture was pushed for {now - last:.1f} s"))
        self._back(last, now)

    def _pixels(self, data: bytes, form: Format, size: Size | None, now: float) -> Pixels:
        try:
            return self._decoded(data) if form == "jpeg" else _raw(self.name, data, form, size)
        except UnreadableSource:
            self.counters.unreadable += 1
            self.seconds.mark("unreadable", now)
            raise

    def _decoded(self, data: bytes) -> Pixels:
        self._jpeg = self._jpeg or _jpeg_decoder()
        try:
            pictures = cast("list[VideoFrame]", cast(Any, self._jpeg).decode(av.Packet(data))) if data else []
        except FFmpegError:
            self._jpeg, pictures = None, list[VideoFrame]()
        if len(pictures) != 1 or pictures[0].is_corrupt:
            raise UnreadableSource(self.name, f"this is no JPEG of at most {MOST_PIXELS} pixels")
        return DecodedPixels(pictures[0])


def _jpeg_decoder() -> VideoCodecContext:
    made = av.CodecContext.create("mjpeg", "r")
    made.options = {"max_pixels": str(MOST_PIXELS), "err_detect": "explode"}
    made.thread_count = 1
    return made


def _raw(source: str, data: bytes, form: Format, size: Size | None) -> Pixels:
    width, height = size or (0, 0)
    if min(width, height) <= 0 or width % 2 or height % 2 or width * height > MOST_PIXELS:
        raise UnsupportedSource(source, f"width and height are even, above 0, and at most {MOST_PIXELS} pixels")
    expected = width * height * 3 // 2
    if len(data) != expected:
        raise UnreadableSource(source, f"{width}x{height} as {form} has {expected} bytes, and these are {len(data)}")
    stacked = np.frombuffer(data, np.uint8).reshape(height * 3 // 2, width)
    return as_pixels(source, stacked, "nv12" if form == "nv12" else "yuv420p")


def open_pushed(url: str, name: str | None, assume_fps: float | None) -> Source:  # noqa: ARG001 - there is nothing to open
    """Raises `UnsupportedSource`: pictures are pushed to a service that runs."""
    raise UnsupportedSource(
        redacted(url), "pictures are pushed to facewarden serve alone; see PushSource for your own program"
    )
