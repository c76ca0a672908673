"""Faces are brought upright by five points, as InsightFace does, from pictures that another thread reads."""

import queue
import threading
from typing import Any

import cv2
import numpy as np

from .common import CAMERA, Count, Picture, chosen, every, prepared, session

# Eyes, nose and corners of the mouth in a face, and where ArcFace wants them in 112x112 pixels.
FOUND = np.array([[-32, -20], [22, -38], [4, 2], [-12, 42], [34, 30]], np.float32)
WANTED = np.array([[38.3, 51.7], [73.5, 51.5], [56.0, 71.7], [41.5, 92.4], [70.7, 92.2]], np.float32)


def upright(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    turn: Any = cv2.estimateAffinePartial2D(FOUND + np.array([width / 2 - 110, height / 2]), WANTED, method=cv2.LMEDS)[
        0
    ]
    return cv2.warpAffine(picture, turn, (112, 112))  # pyright: ignore[reportReturnType]


pictures: queue.Queue[Picture | None] = queue.Queue(4)


def read() -> None:
    for picture in chosen(every(CAMERA)):
        pictures.put(picture)
    pictures.put(None)


recognise, count = session(), Count()
threading.Thread(target=read, daemon=True).start()
while (picture := pictures.get()) is not None:
    count.call(lambda picture=picture: recognise(prepared(upright(picture))))
count.tell()
