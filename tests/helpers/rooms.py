"""Rooms composed for the tests: a wall, a person before it, and what happens to both; and who sees the faces."""

from collections.abc import Callable, Iterator

import numpy as np

from facewarden.detector.environment.faces import Face
from facewarden.streams.frame import Frame, Image
from facewarden.streams.push import PushSource

WIDTH, HEIGHT, RATE = 320, 180, 10
MEAN_FACE = np.array([(0.3, 0.35), (0.7, 0.35), (0.5, 0.58), (0.34, 0.78), (0.66, 0.78)], np.float32)


def face(x: float = 135.0, y: float = 50.0, width: float = 40.0) -> Face:
    """A frontal face at (x, y) in a picture of 320 x 180."""
    return Face((x, y, width, 1.25 * width), 0.9, (MEAN_FACE * (width, 1.25 * width) + (x, y)).astype(np.float32))


_WALL = np.kron(np.random.default_rng(5).integers(90, 170, (18, 64)), np.ones((10, 10))).astype(np.float32)
_NOISE = np.random.default_rng(6).normal(0, 2, (HEIGHT, WIDTH)).astype(np.float32)

# Shaded from the brow to the chin and from the nose aside, as heads are.
_FACE = np.linspace(200, 90, 60)[:, None] * np.hanning(70)[10:60] + 20


class FacesAt:
    """A detector that is told the time and sees what a script says is there then."""

    name = "scripted"

    def __init__(self, script: Callable[[float], list[Face]]) -> None:
        self.script = script
        self.now = 0.0
        self.looks: list[float] = []

    def detect(self, luma: Image) -> list[Face]:  # noqa: ARG002  (part of the interface)
        self.looks.append(self.now)
        return self.script(self.now)


def office(at: float, light: float = 1.0, shift: int = 0) -> Image:
    """A furnished wall with a person before it who breathes and speaks; `light` dims it, `shift` turns the camera."""
    room = _WALL[:, shift : shift + WIDTH].copy()
    breath = int(1.6 * np.sin(2 * np.pi * at / 4))
    room[50 + breath : 110 + breath, 135:185] = _FACE
    mouth = int(5 + 4 * np.sin(2 * np.pi * at / 1.3))  # speaks
    room[92 + breath : 92 + breath + mouth, 151:169] = 40
    room[110 + breath :, 115:205] = 60
    noise = np.roll(_NOISE, round(at * 1009), axis=(0, 1))
    return np.clip(room * light + noise, 0, 255).astype(np.uint8)


def crowded(room: Image, at: float) -> Image:
    """The same with people who walk past behind."""
    busy = room.copy()
    for number in range(5):
        left = int((at * 75 + number * 65) % (WIDTH - 30))
        busy[30 + 5 * number :, left : left + 25] = 30 + 40 * number
    return busy


def frames(
    seconds: float, picture: Callable[[float], Image], detector: FacesAt, source: str = "cam"
) -> Iterator[Frame]:
    """A host's pictures of a scene; the detector is kept at their time."""
    host = PushSource(source)
    for index in range(int(seconds * RATE)):
        detector.now = index / RATE
        yield host.frame(picture(detector.now), detector.now, "gray")
