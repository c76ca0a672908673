"""A program that was not written for facewarden: it reads a video, finds faces, embeds them, and compares.

    python program.py VIDEO RECOGNISER [DETECTOR]

Prints how many pictures it compared, and how many calls were refused.
"""

import sys

import cv2
import numpy as np
import onnxruntime


def aligned(detector: "cv2.FaceDetectorYN | None", picture: np.ndarray) -> np.ndarray:
    if detector is not None:
        detector.setInputSize(picture.shape[1::-1])
        _, faces = detector.detect(picture)
        if faces is not None:
            x, y, width, height = (int(number) for number in faces[0][:4])
            picture = picture[max(y, 0) : y + height, max(x, 0) : x + width]
    return cv2.resize(picture, (112, 112))


def embedded(session: onnxruntime.InferenceSession, face: np.ndarray) -> np.ndarray:
    batch = face[np.newaxis, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1
    (vector,) = np.asarray(session.run(None, {session.get_inputs()[0].name: batch})[0])
    return vector / np.linalg.norm(vector)


def main(video: str, recogniser: str, detector: str | None = None) -> None:
    capture = cv2.VideoCapture(video)
    session = onnxruntime.InferenceSession(recogniser, providers=["CPUExecutionProvider"])
    finder = cv2.FaceDetectorYN.create(detector, "", (320, 320)) if detector else None
    known, compared, refused, number = None, 0, 0, 0
    while (got := capture.read())[0]:
        number += 1
        if number % 10:
            continue
        try:
            vector = embedded(session, aligned(finder, got[1]))
        except Exception:  # noqa: BLE001 - a program that knows nothing of us, and goes on
            refused += 1
            continue
        known = vector if known is None else known
        compared += bool(known @ vector > -2)
    sys.stdout.write(f"{compared} {refused}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
