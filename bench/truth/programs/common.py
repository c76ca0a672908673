"""What the programs share. They know nothing of facewarden: a refused call is an exception to them."""

import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

# Of the camera whose pictures the program recognises, of another one, and of the model.
CAMERA, OTHER, MODEL = sys.argv[1:4] if len(sys.argv) > 3 else ("", "", "")
_EVERY, _MOST = 5, 10


class Count:
    """How many calls a program made, and how many of them were refused; printed at its end."""

    def __init__(self) -> None:
        self.made = self.refused = 0

    def call(self, run: Callable[[], object]) -> bool:
        """Make a call; says whether it went through."""
        self.made += 1
        try:
            run()
        except Exception as error:
            if type(error).__name__ != "ProhibitedInference":
                raise
            self.refused += 1
            return False
        return True

    def add(self, made: int, refused: int) -> None:
        self.made, self.refused = self.made + made, self.refused + refused

    def tell(self) -> None:
        sys.stdout.write(json.dumps({"made": self.made, "refused": self.refused}) + "\n")
        sys.stdout.flush()


def every(video: str) -> Iterator[Picture]:
    """All pictures of a camera, BGR, as OpenCV reads them."""
    capture: Any = cv2.VideoCapture(video)
    while (got := capture.read())[0]:
        yield cast(Picture, got[1])


def chosen(pictures: Iterator[Picture]) -> Iterator[Picture]:
    """A few of them."""
    for number, picture in enumerate(pictures):
        if number % _EVERY == _EVERY - 1:
            yield picture
        if number >= _EVERY * _MOST - 1:
            return


def face(picture: Picture, mirrored: bool = False) -> NDArray[np.float32]:
    """What stands for a face in it, as recognisers take one: shape (1, 3, 112, 112), -1 to 1."""
    height, width = picture.shape[:2]
    y, x = height // 2, width // 2
    part = cv2.resize(picture[y - 80 : y + 80, x - 80 : x + 80], (112, 112))
    return prepared(cast(Picture, part[:, ::-1] if mirrored else part))


def prepared(part: Picture) -> NDArray[np.float32]:
    """A face as recognisers take it: shape (1, 3, 112, 112), red first, -1 to 1."""
    return np.ascontiguousarray((part[:, :, ::-1].astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[np.newaxis])


def session() -> Callable[[NDArray[np.float32]], object]:
    """The recogniser, in ONNX Runtime."""
    runtime: Any = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    opened = runtime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])
    return lambda batch: opened.run(None, {"in": batch})
