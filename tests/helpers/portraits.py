"""A drawn head."""

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facewarden.streams.frame import Image

Layer = NDArray[np.floating[Any]]


class Portrait(NamedTuple):
    """A picture, and where the two eyes, the nose and the mouth's corners are in it, shape (5, 2)."""

    luma: Image
    landmarks: Layer


# Drawn in this order: middle, half-axes and edge of an ellipse in heights of the face, and its tone.
_BEHIND = [
    ((0, 1.25), (0.85, 0.6), 0.02, 70),  # shoulders
    ((0, 0.55), (0.2, 0.35), 0.02, 150),  # neck
    ((0, -0.15), (0.47, 0.6), 0.02, 45),  # hair
    ((-0.4, 0.03), (0.06, 0.12), 0.02, 165),  # ears
    ((0.4, 0.03), (0.06, 0.12), 0.02, 165),
]
_EYE = [
    ((0.17, -0.07), (0.12, 0.075), 0.06, 135),  # socket, brow, white, iris, nostril
    ((0.17, -0.185), (0.11, 0.022), 0.02, 60),
    ((0.17, -0.06), (0.075, 0.032), 0.02, 215),
    ((0.17, -0.06), (0.033, 0.035), 0.02, 35),
    ((0.045, 0.165), (0.028, 0.02), 0.02, 90),
]
_MIDDLE = [
    ((0, -0.52), (0.42, 0.2), 0.08, 45),  # hairline
    ((0, 0.05), (0.03, 0.12), 0.04, 205),  # bridge of the nose, its shadow
    ((0, 0.175), (0.09, 0.02), 0.03, 130),
    ((0, 0.29), (0.13, 0.035), 0.02, 105),  # lips, and the line between
    ((0, 0.288), (0.125, 0.008), 0.01, 60),
    ((0, 0.4), (0.1, 0.03), 0.06, 150),  # under the lip
]
_LANDMARKS = np.array([(-0.17, -0.06), (0.17, -0.06), (0, 0.14), (-0.115, 0.29), (0.115, 0.29)])


def draw(size: tuple[int, int] = (320, 180), face: float = 80, at: tuple[float, float] = (160, 90)) -> Portrait:
    """A head whose face is `face` pixels high, in the middle of a blurred room; the same one every time."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(float)
    place = (x - at[0]) / face, (y - at[1]) / face
    picture: Layer = 110 + 30 * np.sin(x / 37) + 20 * np.cos(y / 23)
    for ellipse in _BEHIND:
        picture = _painted(picture, place, *ellipse)
    skin = 185 - 50 * place[0] ** 2 - 45 * np.clip(place[1], 0, 1) ** 2 + 18 * place[0]
    picture = _painted(picture, place, (0, 0.02), (0.375, 0.52), 0.02, skin)
    for (u, v), axes, edge, tone in _EYE:
        for side in (-u, u):
            picture = _painted(picture, place, (side, v), axes, edge, tone)
    for ellipse in _MIDDLE:
        picture = _painted(picture, place, *ellipse)
    blurred = cv2.GaussianBlur(picture, (0, 0), max(0.4, face / 150))
    noisy = blurred + np.random.default_rng(0).normal(0, 2, blurred.shape)
    return Portrait(np.clip(noisy, 0, 255).astype(np.uint8), _LANDMARKS * face + at)


def _painted(
    picture: Layer,
    place: tuple[Layer, Layer],
    middle: tuple[float, float],
    axes: tuple[float, float],
    edge: float,
    tone: float | Layer,
) -> Layer:
    distance = np.hypot((place[0] - middle[0]) / axes[0], (place[1] - middle[1]) / axes[1])
    covered = np.clip((1 - distance) * min(axes) / edge + 0.5, 0, 1)
    return picture * (1 - covered) + tone * covered


@pytest.fixture(scope="session")
def portrait() -> Callable[..., Portrait]:
    """Draws a head: `size` of the picture, height of the `face`, and where its middle is `at`."""
    return draw
