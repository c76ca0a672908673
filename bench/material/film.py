"""A clip as a camera on a wall sends it: H.264, a scene that stands, somebody who passes, noise."""

from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Image, Size

RATE: Final = 15
# Seconds between key pictures, and bits a second of 1080p: what a camera is set to when it leaves its box.
KEYS_S: Final = 2
_BITS: Final = 3_000_000


def encode(path: Path, size: Size, seconds: int = 8, *, moving: bool = False) -> Path:
    """Write the clip as MPEG-TS, which loops without a cut.

    Args:
        path: where.
        size: width and height in pixels.
        seconds: how long.
        moving: whether the camera sways, as one on a body does.
    """
    width, height = size
    options = {"g": str(RATE * KEYS_S), "tune": "zerolatency", "preset": "superfast", "keyint_min": str(RATE * KEYS_S)}
    wall, count = _wall((width + 96, height + 96)), RATE * seconds
    container: Any = av.open(str(path), "w", format="mpegts")
    with container:
        stream = container.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = max(200_000, _BITS * width * height // (1920 * 1080))
        for number in range(count):
            picture = av.VideoFrame.from_ndarray(_picture(wall, size, number, count, moving=moving), format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def _wall(size: Size) -> Image:
    chance = np.random.default_rng(7)
    coarse = chance.integers(30, 220, (size[1] // 24 + 1, size[0] // 24 + 1), np.uint8)
    fine = chance.integers(0, 30, (size[1], size[0]), np.uint8)
    return cast(Image, cv2.add(cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR), fine))


def _picture(wall: Image, size: Size, number: int, count: int, *, moving: bool) -> NDArray[np.uint8]:
    """A picture as I420, shape (height * 3 / 2, width)."""
    width, height = size
    turn = 2 * np.pi * number / count
    x, y = (round(48 + 47 * np.sin(turn)), round(48 + 30 * np.sin(2 * turn))) if moving else (48, 48)
    luma = wall[y : y + height, x : x + width].copy()
    left, side = round((width - width // 8) * (0.5 + 0.5 * np.sin(turn))), width // 8
    luma[height // 2 :, left : left + side] = 255 - luma[height // 2 :, left : left + side]
    noise = np.random.default_rng(number).integers(0, 5, luma.shape, np.uint8)
    chroma = np.full((height // 2, width), 128, np.uint8)
    return np.vstack([np.asarray(cv2.add(luma, noise), np.uint8), chroma])
