"""Recordings of rendered cameras, as a recorder leaves them: H.264 with a key picture a second."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.video.stream import VideoStream

from facewarden.streams.synthetic import SyntheticSource

_RATE, _SIZE = 10, (256, 144)


def record(path: Path, scenes: Mapping[str, float]) -> Path:
    """Encode scenes, each with its seconds, one after the other."""
    with av.open(str(path), "w") as container:
        stream = cast(VideoStream, container.add_stream("libx264", rate=_RATE))
        (stream.width, stream.height), stream.pix_fmt = _SIZE, "yuv420p"
        stream.options = {"g": str(_RATE), "preset": "ultrafast", "sc_threshold": "0"}
        position = 0
        for scene, seconds in scenes.items():
            for frame in SyntheticSource(scene, seed=4, seconds=seconds, fps=_RATE, size=_SIZE):
                picture = av.VideoFrame.from_ndarray(frame.bgr(), format="bgr24").reformat(format="yuv420p")
                picture.pts, picture.time_base = position, Fraction(1, _RATE)
                container.mux(stream.encode(picture))
                position += 1
        container.mux(stream.encode(None))
    return path
