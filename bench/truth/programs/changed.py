"""What programs do to a picture before they recognise: turned, mirrored, brightened, made small, encoded again.

python -m facewarden.bench.truth.programs.changed CAMERA OTHER MODEL HOW
"""

import queue
import sys
import threading
from collections.abc import Callable
from typing import Any, cast

import cv2
import numpy as np

from .common import CAMERA, Count, Picture, chosen, every, face, session


def encoded(picture: Picture, quality: int = 40) -> Picture:
    """Sent as JPEG and decoded again."""
    sent = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cast(Picture, cv2.imdecode(sent, cv2.IMREAD_COLOR))


def equalised(picture: Picture) -> Picture:
    """With contrast of its own in each tile (CLAHE), as dark pictures are prepared."""
    luma = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    even: Any = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8)).apply(luma)
    return cast(Picture, cv2.cvtColor(even, cv2.COLOR_GRAY2BGR))


def brightened(picture: Picture) -> Picture:
    """By a gamma of 1.8."""
    table = (255 * (np.arange(256) / 255) ** (1 / 1.8)).astype(np.uint8)
    return cast(Picture, cv2.LUT(picture, table))


def small(picture: Picture) -> Picture:
    """A third of the size, and back."""
    return cast(Picture, cv2.resize(cv2.resize(picture, None, fx=0.33, fy=0.33), picture.shape[1::-1]))


def undistorted(picture: Picture) -> Picture:
    """By the calibration of a wide lens."""
    height, width = picture.shape[:2]
    camera = np.array([[width, 0, width / 2], [0, width, height / 2], [0, 0, 1]], np.float32)
    return cast(Picture, cv2.undistort(picture, camera, np.array([-0.25, 0.05, 0, 0], np.float32)))


def sharpened(picture: Picture) -> Picture:
    return cast(Picture, cv2.addWeighted(picture, 1.6, cv2.GaussianBlur(picture, (0, 0), 2), -0.6, 0))


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "quarter": lambda picture: cast(Picture, cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE)),
    "back": lambda picture: cast(Picture, cv2.rotate(picture, cv2.ROTATE_90_COUNTERCLOCKWISE)),
    "overhead": lambda picture: cast(Picture, cv2.rotate(picture, cv2.ROTATE_180)),
    "upended": lambda picture: cast(Picture, cv2.flip(picture, 0)),
    "encoded": encoded,
    "equalised": equalised,
    "brightened": brightened,
    "small": small,
    "undistorted": undistorted,
    "sharpened": sharpened,
}


def main(how: str) -> None:
    """A thread reads the camera, another recognises what it is handed, changed."""
    pictures: queue.Queue[Picture | None] = queue.Queue(4)

    def read() -> None:
        for picture in chosen(every(CAMERA)):
            pictures.put(CHANGES[how](picture))
        pictures.put(None)

    recognise, count = session(), Count()
    threading.Thread(target=read, daemon=True).start()
    while (picture := pictures.get()) is not None:
        count.call(lambda picture=picture: recognise(face(picture)))
    count.tell()


if __name__ == "__main__":
    main(sys.argv[4])
