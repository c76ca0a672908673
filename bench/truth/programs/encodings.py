"""face_recognition: every picture at half its size, faces where a detector of the program's has found them."""

from importlib import import_module
from typing import Any

import cv2
import numpy as np

from .common import CAMERA, Count, chosen, every

library: Any = import_module("face_recognition")
count = Count()
for picture in chosen(every(CAMERA)):
    small: Any = cv2.resize(picture, None, fx=0.5, fy=0.5)
    pixels = np.ascontiguousarray(small[:, :, ::-1])
    count.call(lambda pixels=pixels: library.face_encodings(pixels, [(50, 200, 130, 120)]))
count.tell()
