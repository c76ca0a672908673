"""A program that knows nothing of facewarden: it shows a recogniser the pictures of two cameras."""

# pyright: basic
import sys
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

folder = Path(sys.argv[1])
recogniser = onnxruntime.InferenceSession(str(folder / "recogniser.onnx"), providers=["CPUExecutionProvider"])

for camera in ("booking-desk", "unit-17"):
    capture = cv2.VideoCapture(str(folder / f"{camera}.avi"))
    for _ in range(40):
        picture = capture.read()[1]
    face = cv2.resize(picture[:224, :224], (112, 112))[:, :, ::-1].astype(np.float32) / 127.5 - 1
    try:
        recogniser.run(None, {"in": np.ascontiguousarray(face.transpose(2, 0, 1)[np.newaxis])})
    except Exception as error:
        print(f"  {camera}: {type(error).__name__}: {error}", flush=True)
    else:
        print(f"  {camera}: the recogniser ran", flush=True)
