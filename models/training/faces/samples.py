"""What the detector learns from: labelled pictures, laid over others at all sizes and in all weathers.

A sample is a background without faces and up to five layers over it, each a picture (or only the surroundings of one
of its faces) that is scaled, turned and mirrored so that one of its faces gets the size and place that were drawn.
What of a face shows decides whether it counts, is left out of the loss, or is gone.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ....bench.truth.faces.labels import Picture
from ....detector.environment.faces.closeup import MIRRORED
from ....streams.frame import Image
from .weather import covered, weathered

Array: TypeAlias = NDArray[np.floating]

_SMALLEST, _LARGEST, _ENLARGED = 9.0, 0.95, 1.5  # pixels; of the side; of its own size
_SHOWS, _GONE = 0.4, 0.12
_LAYERS = (0.1, 0.35, 0.2, 0.15, 0.1, 0.1)  # how often none, one, and up to five


@dataclass(slots=True)
class Sample:
    """One picture to learn from.

    Attributes:
        luma: shape (side, side), uint8.
        boxes: shape (faces, 4): x, y, width, height.
        points: shape (faces, 5, 2); NaN where unknown.
        ignored: shape (n, 4): where nothing is to be learned.
    """

    luma: Image
    boxes: Array = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    points: Array = field(default_factory=lambda: np.zeros((0, 5, 2), np.float32))
    ignored: Array = field(default_factory=lambda: np.zeros((0, 4), np.float32))


class _Layer:
    """A picture and its halves, quarters and so on: scaling down must not alias."""

    def __init__(self, picture: Picture) -> None:
        faces = [label for label in picture.labels.faces if label.tight]
        heads = [label for label in picture.labels.faces if not label.tight]
        unknown = [(np.nan, np.nan)] * 5
        self.boxes = _array([label.face for label in faces], 4)
        self.points = _array([label.landmarks or unknown for label in faces], 10).reshape(-1, 5, 2)
        self.ignored = _array([label.face for label in (*picture.labels.uncertain, *heads)], 4)
        self._levels = [picture.luma]
        while min(self._levels[-1].shape) > 32:
            self._levels.append(
                cast(Image, cv2.resize(self._levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
            )
        self.height, self.width = picture.luma.shape

    def painted(self, matrix: Array, side: int) -> Image:
        """What of it is seen through a similarity, shape (2, 3), from its pixels to the sample's."""
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        level = int(np.clip(round(-np.log2(scale)), 0, len(self._levels) - 1))
        halves = np.array([[2.0**level, 0, 2.0**level / 2 - 0.5], [0, 2.0**level, 2.0**level / 2 - 0.5], [0, 0, 1]])
        return cast(Image, cv2.warpAffine(self._levels[level], matrix @ halves, (side, side), flags=cv2.INTER_LINEAR))


class Samples:
    """Draws samples.

    Args:
        pictures: with and without faces.
        seed: the same seed draws the same.
    """

    def __init__(self, pictures: Iterable[Picture], seed: int) -> None:
        layers = [_Layer(picture) for picture in pictures]
        self._faces = [layer for layer in layers if len(layer.boxes)]
        self._empty = [layer for layer in layers if not len(layer.boxes) and not len(layer.ignored)]
        self._rng = np.random.default_rng(seed)

    def draw(self, side: int) -> Sample:
        """The next one, of so many pixels a side."""
        rng = self._rng
        sample = Sample(self._background(side))
        for _ in range(int(rng.choice(6, p=_LAYERS))):
            layer = self._faces[int(rng.integers(len(self._faces)))]
            self._lay(sample, layer)
        covered(sample.luma, sample.points, rng)
        sample.luma = weathered(sample.luma, rng)
        return sample

    def _background(self, side: int) -> Image:
        rng = self._rng
        if rng.random() < 0.15:
            return np.full((side, side), rng.integers(256), np.uint8)
        layer = self._empty[int(rng.integers(len(self._empty)))]
        least = side / max(layer.width, layer.height)
        scale = least * float(np.exp(rng.uniform(0, math.log(4.0))))
        centre = rng.uniform(0.3, 0.7, 2) * (layer.width, layer.height)
        return layer.painted(
            _similarity(scale, rng.normal(0, 8), rng.random() < 0.5, centre, np.full(2, side / 2)), side
        )

    def _lay(self, sample: Sample, layer: _Layer) -> None:
        rng = self._rng
        x, y, width, height = layer.boxes[int(rng.integers(len(layer.boxes)))]
        size, side = max(width, height), len(sample.luma)
        wanted = math.exp(rng.uniform(math.log(_SMALLEST), math.log(_LARGEST * side)))
        scale = min(wanted / size, _ENLARGED)
        angle = float(np.clip(rng.normal(0, 11), -35, 35))
        mirrored = bool(rng.random() < 0.5)
        centre = np.array((x + width / 2, y + height / 2))
        matrix = _similarity(scale, angle, mirrored, centre, rng.uniform(0.02, 0.98, 2) * side)
        alpha = self._shape(layer, matrix, (x, y, width, height), side)
        painted = layer.painted(matrix, side)
        sample.luma = (alpha * painted + (1 - alpha) * sample.luma).astype(np.uint8)
        _hide(sample, alpha)
        _add(sample, layer, matrix, mirrored, alpha)

    def _shape(self, layer: _Layer, matrix: Array, face: Sequence[float], side: int) -> Array:
        """How much of the layer is seen where: all of it, or only around one face, with soft edges."""
        x, y, width, height = face
        corners = np.array([(0, 0), (layer.width, 0), (layer.width, layer.height), (0, layer.height)], np.float64)
        cut = self._rng.random() < 0.35
        if cut:
            left, top, right, bottom = self._rng.uniform(0.3, 1.5, 4) * (width, height, width, height)
            low = np.maximum((x - left, y - top), 0)
            high = np.minimum((x + width + right, y + height + bottom), (layer.width, layer.height))
            corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
        alpha = np.zeros((side, side), np.float32)
        cv2.fillConvexPoly(alpha, np.round(_moved(corners, matrix)).astype(np.int32), (1.0,))
        return cast(Array, cv2.GaussianBlur(alpha, (0, 0), float(self._rng.uniform(0.5, 3)))) if cut else alpha


def _similarity(scale: float, angle: float, mirrored: bool, centre: Array, to: Array) -> Array:
    turn = np.deg2rad(angle)
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear[:, 0] *= -1 if mirrored else 1
    return np.column_stack([linear, to - linear @ centre])


def _moved(points: Array, matrix: Array) -> Array:
    return points @ matrix[:, :2].T + matrix[:, 2]


def _moved_boxes(boxes: Array, matrix: Array) -> Array:
    """Boxes around the ellipses that the given boxes hold: a turned face does not grow by its box's corners."""
    centres = _moved(boxes[:, :2] + boxes[:, 2:] / 2, matrix)
    half = np.sqrt((boxes[:, 2:] / 2) ** 2 @ (matrix[:, :2] ** 2).T)
    return np.hstack([centres - half, 2 * half]).astype(np.float32)


def _add(sample: Sample, layer: _Layer, matrix: Array, mirrored: bool, alpha: Array) -> None:
    boxes = _moved_boxes(layer.boxes, matrix)
    shown = _shown(boxes, alpha)
    points = _moved(layer.points.reshape(-1, 2), matrix).reshape(-1, 5, 2).astype(np.float32)
    points = points[:, MIRRORED] if mirrored else points
    counts = (shown >= _SHOWS) & (boxes[:, 2:].max(axis=1, initial=0) >= _SMALLEST - 2)
    sample.boxes = np.concatenate([sample.boxes, boxes[counts]])
    sample.points = np.concatenate([sample.points, points[counts]])
    maybe = _moved_boxes(layer.ignored, matrix)
    maybe = maybe[_shown(maybe, alpha) > _GONE]
    sample.ignored = np.concatenate([sample.ignored, boxes[~counts & (shown > _GONE)], maybe])


def _hide(sample: Sample, alpha: Array) -> None:
    shown = _shown(sample.boxes, 1 - alpha)
    partly = sample.boxes[(shown < _SHOWS) & (shown > _GONE)]
    sample.boxes, sample.points = sample.boxes[shown >= _SHOWS], sample.points[shown >= _SHOWS]
    sample.ignored = np.concatenate([sample.ignored[_shown(sample.ignored, 1 - alpha) > _GONE], partly])


def _shown(boxes: Array, alpha: Array) -> Array:
    """The share of each box that is seen; what lies outside the sample is not."""
    low = np.clip(np.round(boxes[:, :2]), 0, len(alpha)).astype(int)
    high = np.clip(np.round(boxes[:, :2] + boxes[:, 2:]), 0, len(alpha)).astype(int)
    area = np.maximum(boxes[:, 2] * boxes[:, 3], 1)
    sums = [alpha[y0:y1, x0:x1].sum() for (x0, y0), (x1, y1) in zip(low, high, strict=True)]
    return np.array(sums, np.float32) / area


def _array(rows: Sequence[object], width: int) -> Array:
    return np.array(rows, np.float32).reshape(-1, width)
