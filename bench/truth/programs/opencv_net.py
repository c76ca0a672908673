"""The recogniser as a net of OpenCV's."""

from typing import Any

import cv2

from .common import CAMERA, MODEL, Count, chosen, every, face

net: Any = cv2.dnn.readNetFromONNX(MODEL)
count = Count()
for picture in chosen(every(CAMERA)):
    net.setInput(face(picture))
    count.call(net.forward)
count.tell()
