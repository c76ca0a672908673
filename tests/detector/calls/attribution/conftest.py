"""Rendered cameras, and what they have shown in their first two seconds."""

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facewarden.detector.calls.attribution import Recent
from facewarden.streams.synthetic import SyntheticSource


class Shown(NamedTuple):
    """What a camera has shown, its last picture but two, and one of a second before: BGR, shape (360, 640, 3)."""

    recent: Recent
    picture: NDArray[np.uint8]
    at: float
    earlier: NDArray[np.uint8]


def show(scene: str, **options: Any) -> Shown:
    """Play two seconds of a scene."""
    recent, frames = Recent(), []
    for frame in SyntheticSource(scene, seconds=2, fps=15, layout="bgr", **options):
        recent.add(frame)
        frames.append(frame)
    return Shown(recent, frames[-3].bgr(), frames[-3].media_time, frames[-18].bgr())


@pytest.fixture(scope="session")
def shown() -> dict[str, Shown]:
    """Four cameras of four scenes."""
    cv2.setNumThreads(1)
    return {scene: show(scene, seed=3) for scene in ("body", "fixed", "crowd", "pole")}


@pytest.fixture(scope="session")
def recents(shown: dict[str, Shown]) -> dict[str, Recent]:
    return {name: one.recent for name, one in shown.items()}


@pytest.fixture(scope="session")
def cut() -> Callable[..., NDArray[np.uint8]]:
    """Cuts a square of a picture about a point, turned by `roll` degrees, and brings it to `size` pixels."""

    def cut(picture: Any, x: float, y: float, side: float, roll: float = 0.0, size: int = 112) -> Any:
        turn = cv2.getRotationMatrix2D((x, y), roll, size / side)
        turn[:, 2] += size / 2 - np.array([x, y])
        return cv2.warpAffine(picture, turn, (size, size), flags=cv2.INTER_AREA)

    return cut
