"""A YuNet (Wu et al., 2023) that a site puts in, through OpenCV's own decoder."""

from typing import Any, cast

import cv2
import numpy as np

from ....streams.frame import Image
from ...errors import ModelError
from .face import LONGEST, Face, Landmarks
from .letterbox import shrunk

# OpenCV's default is 0.9, for pictures of full size; at 320 px that misses two faces of three.
THRESHOLD = 0.6
_SAME, _MOST = 0.3, 500


class YunetFaces:
    """Finds faces with a YuNet of any size, on grey.

    Args:
        content: the ONNX file: what was checked is what runs.
        where: what to call it in an error.
        threshold: 0..1, the least score of what counts.

    Raises:
        ModelError: OpenCV cannot read the file, or it is no YuNet.
    """

    name = "YuNet"

    def __init__(self, content: bytes, where: str, threshold: float = THRESHOLD) -> None:
        model, nothing = np.frombuffer(content, np.uint8), np.empty(0, np.uint8)
        size = LONGEST, LONGEST
        try:
            self._net: Any = cv2.FaceDetectorYN.create("onnx", model, nothing, size, threshold, _SAME, _MOST)
            self._bgr: Image | None = None
            self.detect(np.zeros((LONGEST, LONGEST), np.uint8))
        except (cv2.error, SystemError) as error:
            raise ModelError(f"{where}: is no YuNet that OpenCV can run") from error

    def detect(self, luma: Image) -> list[Face]:
        if not luma.size:
            return []
        small = shrunk(luma)
        height, width = small.shape
        self._bgr = cast(Image, cv2.cvtColor(small, cv2.COLOR_GRAY2BGR, dst=self._bgr))
        self._net.setInputSize((width, height))
        _, rows = self._net.detect(self._bgr)
        self._bgr.fill(0)  # no picture outlives the look at it, but in OpenCV's own working memory
        scale = luma.shape[1] / width, luma.shape[0] / height
        return [] if rows is None else [_face(row, scale) for row in rows]


def _face(row: Landmarks, scale: tuple[float, float]) -> Face:
    """From OpenCV's row of 15: box, five points, score."""
    places = row[:14].reshape(7, 2) * scale
    x, y, width, height = places[:2].ravel().tolist()
    return Face((x, y, width, height), float(row[14]), places[2:].astype("float32"))
