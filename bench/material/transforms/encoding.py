"""Encoded again at a bit rate that is far too low."""

# The library's stubs leave its packets open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from collections.abc import Iterator
from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext

from ....streams.frame import Image
from .pictures import Material, Pictures, Shot, Transform

_CLOCK = 90_000


def squeezed(bits_a_second: int) -> Transform:
    """H.264 (libx264) and back, in memory; at half or all of the size."""

    def transform(pictures: Pictures, rng: np.random.Generator, _: Material) -> Iterator[Shot]:
        pipe, scale = _Pipe(bits_a_second), float(rng.choice([0.5, 1.0]))
        for time, picture in pictures:
            yield from pipe.through(time, _even(picture, scale))
        yield from pipe.rest()

    return transform


def _even(picture: Image, scale: float) -> Image:
    size = max(2, round(picture.shape[1] * scale / 2)) * 2, max(2, round(picture.shape[0] * scale / 2)) * 2
    return cast(Image, cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


class _Pipe:
    """An encoder and a decoder, one behind the other, on one thread each so that their output is always the same."""

    def __init__(self, bits_a_second: int) -> None:
        self._bits = bits_a_second
        self._encoder: VideoCodecContext | None = None
        self._decoder = av.CodecContext.create("h264", "r")
        self._decoder.thread_count = 1
        self._first: Shot | None = None

    def through(self, time: float, picture: Image) -> Iterator[Shot]:
        """Put a picture in; what comes out is earlier or this one."""
        if self._encoder is None:
            if self._first is None:
                self._first = time, picture
                return
            self._encoder = _encoder(picture, self._bits, 1 / max(1e-3, time - self._first[0]))
            yield from self._encoded(*self._first)
        yield from self._encoded(time, picture)

    def rest(self) -> Iterator[Shot]:
        """What is still in it."""
        for packet in self._encoder.encode(None) if self._encoder else []:
            yield from _shots(self._decoder.decode(packet))
        yield from _shots(self._decoder.decode(None))

    def _encoded(self, time: float, picture: Image) -> Iterator[Shot]:
        grey = np.full((picture.shape[0] * 3 // 2, picture.shape[1]), 128, np.uint8)
        grey[: picture.shape[0]] = picture
        frame = av.VideoFrame.from_ndarray(grey, format="yuv420p")
        frame.pts, frame.time_base = round(time * _CLOCK), Fraction(1, _CLOCK)
        for packet in self._encoder.encode(frame) if self._encoder else []:
            yield from _shots(self._decoder.decode(packet))


def _encoder(picture: Image, bits_a_second: int, rate: float) -> VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.height, encoder.width = picture.shape
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, _CLOCK)
    encoder.framerate = Fraction(max(1, round(rate)), 1)
    encoder.bit_rate, encoder.gop_size, encoder.thread_count = bits_a_second, 250, 1
    limit = f"vbv-maxrate={bits_a_second // 1000}:vbv-bufsize={bits_a_second // 500}"
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", "x264-params": limit}
    return encoder


def _shots(frames: list[av.VideoFrame]) -> Iterator[Shot]:
    for frame in frames:
        plane = frame.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        yield cast(int, frame.pts) / _CLOCK, rows[: frame.height, : frame.width].copy()
