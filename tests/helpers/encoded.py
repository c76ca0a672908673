"""Recordings of rendered cameras, as a recorder leaves them: H.264 with a key picture a second."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import cycle
from pathlib import Path
from typing import cast

import av
from av.video.stream import VideoStream

from facewarden.streams.synthetic import SyntheticSource

_RATE, _SIZE, _RENDERED_S = 10, (256, 144), 8.0


def record(path: Path, scenes: Mapping[str, float]) -> Path:
    """Encode scenes, each with its seconds, one after the other; a long one goes there and back."""
    with av.open(str(path), "w") as container:
        stream = cast(VideoStream, container.add_stream("libx264", rate=_RATE))
        (stream.width, stream.height), stream.pix_fmt = _SIZE, "yuv420p"
        stream.options = {"g": str(_RATE), "preset": "ultrafast", "sc_threshold": "0"}
        position = 0
        for scene, seconds in scenes.items():
            source = SyntheticSource(scene, seed=4, seconds=min(seconds, _RENDERED_S), fps=_RATE, size=_SIZE)
            rendered = [frame.bgr() for frame in source]
            for _, bgr in zip(range(int(seconds * _RATE)), cycle([*rendered, *rendered[-2:0:-1]]), strict=False):
                picture = av.VideoFrame.from_ndarray(bgr, format="bgr24").reformat(format="yuv420p")
                picture.pts, picture.time_base = position, Fraction(1, _RATE)
                container.mux(stream.encode(picture))
                position += 1
        container.mux(stream.encode(None))
    return path
