"""Short clips for live streams: cheap to make, and in whatever codec."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

RATE = 15
AT_ONCE = {"tune": "zerolatency"}
# Pictures that stand on later ones: a decoder keeps each back for a while.
REORDERED = {"bf": "2"}


def encode_live(
    path: Path,
    codec: str = "libx264",
    size: tuple[int, int] = (320, 240),
    seconds: int = 4,
    options: Mapping[str, str] = AT_ONCE,
) -> Path:
    """A clip of a camera that sways before a wall, with a key picture a second; `options` are those of `libx264`."""
    width, height = size
    wall = np.random.default_rng(1).integers(0, 255, ((height + 64) // 8, (width + 64) // 8, 3), np.uint8)
    wall = cv2.resize(wall, (width + 64, height + 64), interpolation=cv2.INTER_CUBIC)
    with av.open(str(path), "w") as container:
        said = {"g": str(RATE), "preset": "ultrafast", **options} if codec == "libx264" else {}
        stream = cast(VideoStream, container.add_stream(codec, rate=RATE, options=said))
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for number in range(RATE * seconds):
            at = round(32 + 31 * np.sin(2 * np.pi * number / (RATE * seconds)))
            picture = av.VideoFrame.from_ndarray(np.array(wall[at : at + height, at : at + width], np.uint8), "bgr24")
            picture.pts, picture.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path
