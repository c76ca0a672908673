"""What is thin or drawn over the view: a head-up display, a wire mesh, captions."""

from typing import Final

import cv2
import numpy as np

from ....streams.frame import Image
from .pictures import Change, Stage
from .textures import Floats, Grain, burned_in, in_front, speckle

_LETTERS: Final = "ABCDEFGHIKLMNOPRSTUVW 0123456789:.-/"


def display(stage: Stage) -> Change:
    """Words, numbers, ladders and crosses spread over the view: thin, standing, light with a dark rim."""
    ink, rim = np.zeros(stage.shape, np.uint8), np.zeros(stage.shape, np.uint8)
    for _ in range(int(stage.rng.integers(8, 32))):
        _write(stage, ink, rim, (0.0, 1.0))
    for _ in range(int(stage.rng.integers(2, 10))):
        _ladder(stage, ink, rim)
    return _inked(stage, ink, rim)


def captions(stage: Stage) -> Change:
    """A box full of lines over a third of the picture; what it says changes now and then in half of the cases."""
    height = stage.shape[0]
    top = float(stage.rng.choice([0.0, 2 / 3]))
    box = slice(round(top * height), round((top + 1 / 3) * height))
    pages = [_page(stage, box) for _ in range(int(stage.rng.choice([1, 4])))]
    seconds = float(stage.rng.uniform(1.5, 4))
    return lambda time, picture: pages[int(time / seconds) % len(pages)](time, picture)


def _page(stage: Stage, box: slice) -> Change:
    layer, alpha = np.full(stage.shape, stage.rng.integers(0, 60), np.uint8), np.zeros(stage.shape, np.float32)
    ink, rim = np.zeros(stage.shape, np.uint8), np.zeros(stage.shape, np.uint8)
    bounds = box.start / stage.shape[0], box.stop / stage.shape[0]
    for _ in range(int(stage.rng.integers(10, 24))):
        _write(stage, ink, rim, bounds)
    layer[ink > 0] = 255
    alpha[box] = stage.rng.uniform(0.6, 1.0)
    alpha[ink > 0] = 1.0
    return burned_in(layer, alpha)


def _write(stage: Stage, ink: Image, rim: Image, bounds: tuple[float, float]) -> None:
    """A few words anywhere between two heights, shares of the picture's."""
    rng, (height, width) = stage.rng, stage.shape
    words = "".join(rng.choice(list(_LETTERS), int(rng.integers(4, 24))))
    size = rng.uniform(0.6, 1.6) * height / 720
    at = int(rng.uniform(-0.05, 0.8) * width), int(rng.uniform(bounds[0] + 0.05, bounds[1]) * height)
    for plane, thick in ((rim, 2 + width // 600), (ink, 1)):
        cv2.putText(plane, words, at, cv2.FONT_HERSHEY_SIMPLEX, size, (255,), thick, cv2.LINE_AA)


def _ladder(stage: Stage, ink: Image, rim: Image) -> None:
    """Lines one over the other, as a pilot's pitch ladder; or one line, or a ring."""
    rng, (height, width) = stage.rng, stage.shape
    x, y = (rng.uniform(0.05, 0.95, 2) * (width, height)).astype(int).tolist()
    reach, rungs, apart = (
        int(rng.uniform(0.03, 0.3) * width),
        int(rng.integers(1, 8)),
        int(rng.uniform(0.02, 0.1) * height),
    )
    for plane, thick in ((rim, 2 + width // 600), (ink, 1)):
        if rungs == 1:
            cv2.circle(plane, (x, y), reach // 2, (255,), thick, cv2.LINE_AA)
        for rung in range(rungs if rungs > 1 else 0):
            cv2.line(plane, (x - reach, y + rung * apart), (x + reach, y + rung * apart), (255,), thick, cv2.LINE_AA)


def _inked(stage: Stage, ink: Image, rim: Image) -> Change:
    layer = np.where(ink > 0, np.uint8(stage.rng.integers(180, 256)), np.uint8(0))
    strength = np.float32(stage.rng.uniform(0.6, 1.0))
    rimmed = rim if stage.rng.random() < 0.6 else ink
    alpha = np.maximum(ink, rimmed).astype(np.float32) * (strength / np.float32(255))
    return burned_in(layer, alpha)


def mesh(stage: Stage) -> Change:
    """A wire mesh before the lens, square or slanted, dark or bright, a little out of focus."""
    rng, (height, width) = stage.rng, stage.shape
    wires = _wires(stage)
    alpha = np.clip(cv2.GaussianBlur(wires, (0, 0), float(rng.uniform(0.4, 1.6)) * width / 640), 0, 1)
    light = rng.uniform(10, 70) if rng.random() < 0.6 else rng.uniform(140, 240)
    layer = np.clip(light + 15 * speckle(rng, (height, width), 2.0), 0, 255).astype(np.uint8)
    return in_front(stage, layer, alpha.astype(np.float32))


def _wires(stage: Stage) -> Floats:
    rng, (height, width) = stage.rng, stage.shape
    apart, turn = rng.uniform(0.03, 0.09) * width, rng.choice([0.0, 0.785]) + rng.uniform(-0.1, 0.1)
    thick = rng.uniform(0.12, 0.28) * apart
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    bend = apart / 8 * speckle(rng, stage.shape, width / 6)
    across, along = x * np.cos(turn) + y * np.sin(turn) + bend, y * np.cos(turn) - x * np.sin(turn) + bend
    return ((across % apart < thick) | (along % apart < thick)).astype(np.float32)


def hazed(stage: Stage) -> Change:
    """Dirty glass: soft spots and streaks that stand, and a haze that takes contrast."""
    rng, grain = stage.rng, Grain(stage.rng, stage.shape, 1.0)
    spots = np.maximum(0, speckle(rng, stage.shape, rng.uniform(1, 5)) - rng.uniform(0.5, 1.5))
    smears = np.maximum(0, speckle(rng, stage.shape, rng.uniform(20, 60)))
    alpha = np.clip(rng.uniform(0.05, 0.3) + rng.uniform(0.2, 0.6) * spots + rng.uniform(0, 0.15) * smears, 0, 0.9)
    layer = np.clip(rng.uniform(60, 210) + 40 * speckle(rng, stage.shape, 4.0), 0, 255).astype(np.uint8)
    clear, alpha = (1 - alpha).astype(np.float32), alpha.astype(np.float32)
    return lambda _, picture: grain.on(np.asarray(cv2.blendLinear(picture, layer, clear, alpha), np.uint8))
