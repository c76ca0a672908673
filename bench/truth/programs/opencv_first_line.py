"""OpenCV's own recogniser, from the first line of the program on."""

from typing import Any

import cv2

from .common import CAMERA, MODEL, Count, chosen, every

recogniser: Any = cv2.FaceRecognizerSF.create(MODEL, "")
count = Count()
for picture in chosen(every(CAMERA)):
    part = cv2.resize(picture[100:260, 240:400], (112, 112))
    count.call(lambda part=part: recogniser.feature(part))
count.tell()
