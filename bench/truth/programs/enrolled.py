"""People are enrolled from pictures in a folder that the site declares, then the camera is recognised, in one thread.

The pictures are made beforehand, by a process that nobody watches.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2

from .common import CAMERA, MODEL, OTHER, Count, chosen, every

_DRAW = """
import cv2, numpy, sys
noise = numpy.random.default_rng(int(sys.argv[2])).integers(0, 255, (160, 160, 3), numpy.uint8)
cv2.imwrite(sys.argv[1], cv2.GaussianBlur(noise, (0, 0), 3))
"""
folder = Path(OTHER).parent / "known"
folder.mkdir(exist_ok=True)
recogniser: Any = cv2.FaceRecognizerSF.create(MODEL, "")
count, known = Count(), Count()
for number in range(3):
    path = str(folder / f"{number}.png")
    subprocess.run([sys.executable, "-I", "-c", _DRAW, path, str(number)], check=True)  # noqa: S603 - it draws
    picture: Any = cv2.imread(path)
    known.call(lambda picture=picture: recogniser.feature(cv2.resize(picture, (112, 112))))
if known.refused:
    raise SystemExit("enrolment is allowed")
for picture in chosen(every(CAMERA)):
    count.call(lambda picture=picture: recogniser.feature(cv2.resize(picture[100:260, 240:400], (112, 112))))
count.add(known.made, 0)
count.tell()
