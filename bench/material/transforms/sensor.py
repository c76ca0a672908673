"""What the sensor or the way from it does: turned, dark, noisy, infrared; or no picture at all."""

from collections.abc import Callable
from typing import cast

import cv2
import numpy as np

from ....streams.frame import Image
from .pictures import Change, Stage
from .textures import Grain


def mirrored(_: Stage) -> Change:
    """Left for right."""
    return lambda _, picture: cast(Image, cv2.flip(picture, 1))


def turned(stage: Stage) -> Change:
    """A quarter, half or three quarters of a turn."""
    turns = int(stage.rng.integers(1, 4))
    return lambda _, picture: np.ascontiguousarray(np.rot90(picture, turns))


def dimmed(stage: Stage) -> Change:
    """A tenth to a third of the light."""
    gain = float(stage.rng.uniform(0.1, 0.35))
    return lambda _, picture: cast(Image, cv2.convertScaleAbs(picture, alpha=gain, beta=4))


def night(stage: Stage) -> Change:
    """Little light and the noise of a high gain, grains of one to two pixels."""
    rng, (height, width) = stage.rng, stage.shape
    gain, coarse = float(rng.uniform(0.2, 0.6)), rng.uniform(1, 2)
    size = max(2, round(height / coarse)), max(2, round(width / coarse))
    grain, grey = Grain(rng, size, float(rng.uniform(8, 22))), np.full(size, 128, np.uint8)

    def change(_: float, picture: Image) -> Image:
        noise = cv2.resize(grain.on(grey), (width, height), interpolation=cv2.INTER_LINEAR)
        return cast(Image, cv2.addWeighted(picture, gain, noise, 1.0, -112.0))

    return change


def infrared(stage: Stage) -> Change:
    """A lamp at the camera: black and white, bright in the middle, dark towards the corners, hard contrast."""
    height, width = stage.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    lamp = np.exp(-(x * x + y * y) * np.float32(stage.rng.uniform(0.5, 2)))
    curve = (255 * np.linspace(0, 1, 256) ** stage.rng.uniform(0.5, 0.9)).astype(np.uint8)
    grain = Grain(stage.rng, stage.shape, float(stage.rng.uniform(2, 6)))

    def change(_: float, picture: Image) -> Image:
        return grain.on(cast(Image, cv2.multiply(cv2.LUT(picture, curve), lamp, dtype=cv2.CV_8U)))

    return change


# --- no signal --------------------------------------------------------------------------------------------------------


def static(stage: Stage) -> Change:
    """Noise alone, as an analogue receiver shows without a station."""
    rng, (height, width) = stage.rng, stage.shape
    size = width // int(rng.integers(1, 4)), height // int(rng.integers(1, 3))

    def change(_: float, picture: Image) -> Image:
        noise = rng.integers(0, 256, (size[1], size[0]), np.uint8)
        return cast(Image, cv2.resize(noise, picture.shape[::-1], interpolation=cv2.INTER_NEAREST))

    return change


def test_card(stage: Stage) -> Change:
    """Bars, a grid and a ring; in half of the cases with a clock that runs."""
    height, width = stage.shape
    bars = np.repeat(np.linspace(235, 16, 8), width // 8 + 1)[:width].astype(np.uint8)
    card = np.tile(bars, (height, 1))
    card[round(0.75 * height) :] = np.linspace(0, 255, width).astype(np.uint8)
    card[:: max(4, height // 9)] = 255
    card[:, :: max(4, width // 16)] = 255
    cv2.circle(card, (width // 2, height // 2), height * 2 // 5, (255,), 2, cv2.LINE_AA)
    return _with_words(stage, card, lambda time: f"{time:06.2f}") if stage.rng.random() < 0.5 else lambda _, __: card


def blank(stage: Stage) -> Change:
    """One grey, in half of the cases with NO SIGNAL wandering over it."""
    card = np.full(stage.shape, stage.rng.choice([0, 16, 41, 128]), np.uint8)
    return _with_words(stage, card, lambda _: "NO SIGNAL") if stage.rng.random() < 0.5 else lambda _, __: card


def _with_words(stage: Stage, card: Image, words: Callable[[float], str]) -> Change:
    """The card with words that go to and fro over it, or stand where the drawn speed is nought."""
    height, width = stage.shape
    speed = stage.rng.choice([0.0, 0.1]) * stage.rng.uniform(0.5, 1.5, 2)

    def change(time: float, _: Image) -> Image:
        right, down = np.abs((np.array([0.3, 0.5]) + speed * time) % 2 - 1)
        shown, at = card.copy(), (int(right * 0.7 * width), int((0.1 + 0.8 * down) * height))
        cv2.putText(shown, words(time), at, cv2.FONT_HERSHEY_SIMPLEX, height / 300, (255,), 2, cv2.LINE_AA)
        return shown

    return change
