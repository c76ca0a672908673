"""A rendered scene as a video file, for programs that read one."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ....streams.source import open_source


def film(path: Path, scene: str) -> Path:
    """Write the frames of `synthetic:SCENE`, 25 a second, as motion JPEG; gives the file's path."""
    writer: Any = None
    with open_source(f"synthetic:{scene}") as source:
        for frame in source:
            picture = np.ascontiguousarray(frame.bgr())
            size = picture.shape[1], picture.shape[0]
            writer = writer or cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, size)
            writer.write(picture)
    writer.release()
    return path
