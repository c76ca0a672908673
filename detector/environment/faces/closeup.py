"""The five points of each face, looked at again close up: a second network, of 43,000 parameters."""

import math
from importlib.resources import files
from typing import Any, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from .... import models
from ....streams.frame import Image
from ...errors import ModelError
from ...networks import opened
from .face import Face, FaceDetector, Landmarks
from .letterbox import shrunk

Matrix: TypeAlias = NDArray[np.floating[Any]]

SHIPPED_POINTS = files(models).joinpath("points.onnx")
SIDE = 48
"""Pixels of a close-up, both ways."""
# Pixels of the face's longer side from which on it is worth its time: a smaller one is never judged by its points.
_WORTH = 20.0
# How long the longer side of the face's box becomes in it.
_FACE = 38.0
# Where the five points are in a face that looks straight ahead, from their middle: x to the right, y down.
_UPRIGHT = np.array([(-8.0, -8.0), (8.0, -8.0), (0.0, 0.0), (-6.5, 8.0), (6.5, 8.0)])
# Right and left change places in a mirror.
MIRRORED = [1, 0, 2, 4, 3]


class PointNetwork:
    """What `facewarden.models.training.faces.points` made, ready to run on one thread; may be shared by threads.

    It takes `luma`, shape (n, 1, 48, 48), uint8, and gives `points`, shape (n, 5, 2), float32, in pixels from the
    middle of the close-up.

    Raises:
        ModelError: the file is no such network.
    """

    def __init__(self, content: bytes, where: str) -> None:
        self._session = opened(content, where)
        outputs = [one.name for one in self._session.get_outputs()]
        if [one.name for one in self._session.get_inputs()] != ["luma"] or outputs != ["points"]:
            raise ModelError(f"{where}: is not a point network of ours; expected the input luma and the output points")

    def __call__(self, luma: Image) -> Landmarks:
        """The points of close-ups: the mean of what it says of each and of its mirror image."""
        straight, mirrored = np.split(self._session.run(None, {"luma": np.concatenate([luma, luma[..., ::-1]])})[0], 2)
        return cast(Landmarks, (straight + mirrored[:, MIRRORED] * np.array((-1, 1), np.float32)) / 2)


class CloseUp:
    """A detector whose landmarks are made better: face for face, from the same picture, enlarged.

    Args:
        detector: finds the faces.
        network: which may be shared; this object may not.
    """

    def __init__(self, detector: FaceDetector, network: PointNetwork) -> None:
        self._detector = detector
        self._network = network

    @property
    def name(self) -> str:
        return self._detector.name

    def detect(self, luma: Image) -> list[Face]:
        faces = self._detector.detect(luma)
        if not faces:
            return []
        small = shrunk(luma)
        scale = small.shape[1] / luma.shape[1], small.shape[0] / luma.shape[0]
        sizes = [max(face.box[2:]) * max(scale) for face in faces]
        worth = [number for number, size in enumerate(sizes) if size >= _WORTH]
        if not worth:
            return faces
        matrices = [placed(sizes[number], faces[number].landmarks * scale) for number in worth]
        points = self._network(np.stack([close_up(small, matrix) for matrix in matrices])[:, None])
        for number, *one in zip(worth, points, matrices, strict=True):
            faces[number] = faces[number]._replace(landmarks=(_taken_back(*one) / scale).astype(np.float32))
        return faces


def placed(size: float, points: Matrix) -> Matrix:
    """From places in a picture to places in the close-up, from its middle: a similarity, shape (2, 3).

    Args:
        size: of the face, in pixels; more than 0.
        points: where the five points are thought to be, shape (5, 2); their middle and their slant are taken from them.
    """
    middle = points.mean(axis=0)
    (xx, xy), (yx, yy) = (_UPRIGHT.T @ (points - middle)).tolist()
    angle = math.atan2(yx - xy, xx + yy)  # the turn that brings them nearest to upright, in least squares
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * (_FACE / size)
    return np.column_stack([turn, -turn @ middle])


def close_up(luma: Image, matrix: Matrix) -> Image:
    """What is seen there, shape (48, 48), uint8; what lies outside the picture repeats its edge."""
    scale = float(np.hypot(*matrix[:, 0]))
    matrix = matrix.copy()
    while scale < 0.5 and min(luma.shape) > 1:  # scaling down must not alias
        width, height = luma.shape[1] // 2, luma.shape[0] // 2
        matrix[:, :2] *= (luma.shape[1] / width, luma.shape[0] / height)
        luma, scale = cast(Image, cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA)), 2 * scale
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) + (SIDE - 1) / 2  # a pixel's place is its middle
    picture = cv2.warpAffine(luma, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cast(Image, picture)


def _taken_back(points: Matrix, matrix: Matrix) -> Matrix:
    turn = matrix[:, :2]
    return (points - matrix[:, 2]) @ turn / (turn[:, 0] @ turn[:, 0])  # its inverse is its transpose, but for the size
