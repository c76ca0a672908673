"""A program that was not written for facewarden: it reads a video and embeds a picture of it now and then.

    python embedder.py VIDEO RECOGNISER [SECONDS]

Prints a line for each picture: the sum of its vector's bytes, or why there is none; SECONDS lie between two,
and three times as many before the first.
"""

import hashlib
import sys
import time

import cv2
import numpy as np
import onnxruntime


def main(video: str, recogniser: str, pause: str = "0") -> None:
    capture = cv2.VideoCapture(video)
    session = onnxruntime.InferenceSession(recogniser, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    time.sleep(3 * float(pause))
    for number in range(10):
        picture = capture.read()[1]
        if number % 3:
            continue
        face = cv2.resize(picture, (112, 112))[np.newaxis, :, :, ::-1].transpose(0, 3, 1, 2)
        try:
            vector = np.asarray(session.run(None, {name: face.astype(np.float32) / 127.5 - 1})[0])
            said = hashlib.sha256(vector.tobytes()).hexdigest()
        except Exception as error:  # noqa: BLE001 - a program that knows nothing of us, and goes on
            said = str(error)
        sys.stdout.write(said + "\n")
        sys.stdout.flush()
        time.sleep(float(pause))


if __name__ == "__main__":
    main(*sys.argv[1:])
