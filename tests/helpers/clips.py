"""Small real files for the tests, encoded on the spot."""

from fractions import Fraction
from pathlib import Path
from struct import pack
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream


def picture(position: int, size: tuple[int, int] = (64, 48)) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A picture whose top left quarter is bright, with noise of its own; RGB."""
    width, height = size
    image = np.random.default_rng(position).integers(20, 80, (height, width, 3), np.uint8)
    image[: height // 2, : width // 2] += 120
    return image


def encode(
    path: Path,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    pictures: int = 12,
    size: tuple[int, int] = (64, 48),
    rate: int = 25,
    rotation: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    """Encode `pictures` to `path`, container by suffix. `rotation` is the display rotation, clockwise degrees."""
    with av.open(str(path), "w", options=options or {}) as container:
        stream = cast(VideoStream, container.add_stream(codec, rate=rate))
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        for position in range(pictures):
            frame = av.VideoFrame.from_ndarray(picture(position, size), format="rgb24").reformat(format=pix_fmt)
            frame.pts, frame.time_base = position, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    if rotation:
        _turn(path, rotation)
    return path


def _turn(path: Path, clockwise: int) -> None:
    """Write the rotation into the header of an mp4 (ISO/IEC 14496-12, 8.3.2), which PyAV before 18 cannot."""
    cosine, sine = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[clockwise]
    whole, (upright, turned) = path.read_bytes(), (_matrix(1, 0), _matrix(cosine, sine))
    at = whole.index(upright, whole.index(b"tkhd"))
    path.write_bytes(whole[:at] + turned + whole[at + len(turned) :])


def _matrix(cosine: int, sine: int) -> bytes:
    one, whole = 1 << 16, 1 << 30  # fixed point
    return pack(">9i", cosine * one, sine * one, 0, -sine * one, cosine * one, 0, 0, 0, whole)
