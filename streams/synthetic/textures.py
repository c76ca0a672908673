"""What the surfaces of the synthetic source look like: noise, and the edges of things drawn over it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frame import Image

Tint: TypeAlias = tuple[float, float, float]
Painting: TypeAlias = tuple[Image, Image | None]


@dataclass(frozen=True, slots=True)
class Texture:
    """Brightness, shape (h, w), uint8; alpha, the same, 0 or 255, where it is cut out.

    `tint` is blue, green and red as factors of the brightness; their luma is 1.
    """

    image: Image
    alpha: Image | None
    tint: Tint


class Brush:
    """Paints from one seeded generator and one periodic cloud of noise."""

    PERIOD = 1024

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._cloud = np.tile(_pink_noise(rng, self.PERIOD), (2, 2))

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def canvas(self, height: int, width: int, mean: float, contrast: float) -> Image:
        """A piece of the cloud, at most a period each way, as brightness."""
        row, column = (int(n) for n in self.rng.integers(self.PERIOD, size=2))
        cloud = self._cloud[row : row + height, column : column + width]
        return np.clip(mean + np.float32(contrast) * cloud, 0, 255).astype(np.uint8)

    def rectangle(self, image: Image, x: float, y: float, width: float, height: float, shade: float) -> None:
        cv2.rectangle(image, (round(x), round(y)), (round(x + width), round(y + height)), shade, cv2.FILLED)

    def spots(self, image: Image, count: int, largest: int, contrast: float) -> None:
        height, width = image.shape
        spots = self.rng.integers((0, 0, 1, 1), (width, height, largest, largest), (count, 4))
        for x, y, a, b in spots.tolist():
            shade = min(max(int(image[y, x]) + self.between(-contrast, contrast), 0.0), 255.0)
            cv2.ellipse(image, (x, y), (a, b), self.between(0, 180), 0, 360, shade, cv2.FILLED)

    def lettering(self, image: Image, x: float, y: float, width: float, height: float) -> None:
        paper, ink = self.rng.permutation([self.between(20, 70), self.between(180, 240)])
        self.rectangle(image, x, y, width, height, paper)
        cell = 0.7 * height
        corners = np.array([(0.1, 0.2), (0.6, 0.2), (0.1, 0.5), (0.6, 0.5), (0.1, 0.8), (0.6, 0.8)])
        for left in np.arange(x + 0.3 * cell, x + width - cell, cell):
            stroke = self.rng.permutation(corners)[:4] * (cell, height) + (left, y)
            cv2.polylines(image, [stroke.astype(np.int32)], False, ink, max(1, round(height / 12)), cv2.LINE_AA)

    def window(self, image: Image, x: float, y: float, width: float, height: float) -> None:
        frame, pane = self.between(120, 235), self.between(15, 90)
        self.rectangle(image, x - 4, y - 4, width + 8, height + 8, frame)
        self.rectangle(image, x, y, width, height, pane)
        self.rectangle(image, x, y, width, height * self.between(0, 0.6), pane + self.between(10, 60))
        self.rectangle(image, x + width / 2 - 1, y, 3, height, frame)
        self.rectangle(image, x, y + height * 0.4, width, 2, frame)


def _pink_noise(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    """Periodic noise of deviation 1, equal energy in every octave as in natural scenes (Field, JOSA A 4(12), 1987)."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    spectrum = np.fft.rfft2(rng.standard_normal((size, size))) / np.maximum(frequency, 4 / size)
    spectrum[0, 0] = 0
    noise = np.fft.irfft2(spectrum, s=(size, size))
    return (noise / noise.std()).astype(np.float32)


def _facade(brush: Brush) -> list[Painting]:
    image = brush.canvas(448, 384, brush.between(85, 190), brush.between(4, 15))
    image[:: int(brush.rng.integers(12, 24))] //= 2
    columns = int(brush.rng.integers(2, 5))
    pitch = 384 / columns
    for storey, column in np.ndindex(2, columns):
        brush.window(image, (column + 0.25) * pitch, 40 + 130 * storey, 0.5 * pitch, brush.between(70, 90))
    brush.rectangle(image, 0, 270, 384, 6, brush.between(40, 220))
    brush.lettering(image, brush.between(10, 90), 282, brush.between(150, 260), 36)
    brush.window(image, 20, 335, brush.between(120, 190), 80)
    brush.rectangle(image, 260, 330, 60, 118, brush.between(20, 120))
    brush.rectangle(image, 308, 390, 6, 6, 230)
    return [(image, None)]


def _plain(brush: Brush) -> list[Painting]:
    image = brush.canvas(448, 384, brush.between(110, 205), brush.between(1.0, 3.0))
    brush.rectangle(image, brush.between(60, 320), 0, 2, 448, brush.between(60, 100))
    brush.rectangle(image, 0, 420, 384, 28, brush.between(60, 140))
    return [(image, None)]


def _posters(brush: Brush) -> list[Painting]:
    image = _plain(brush)[0][0]
    for x in (30, 150, 270):
        top, height = (int(n) for n in brush.rng.integers((140, 90), (200, 140)))
        image[top : top + height, x : x + 84] = brush.canvas(height, 84, 140, 45)
        brush.lettering(image, x + 6, top + 8, 70, 20)
        brush.lettering(image, x + 6, top + height - 24, 70, 12)
    return [(image, None)]


def _paving(brush: Brush) -> list[Painting]:
    image = brush.canvas(1024, 1024, brush.between(105, 140), 13)
    for slab in range(0, 1024, 64):
        image[slab : slab + 2] //= 2
        image[:, slab : slab + 2] //= 2
    brush.spots(image, 500, 6, 50)
    return [(image, None)]


def _road(brush: Brush) -> list[Painting]:
    image = brush.canvas(1024, 1024, brush.between(75, 100), 11)
    brush.spots(image, 700, 7, 35)
    for _ in range(8):
        crack = np.cumsum(brush.rng.integers(-30, 31, (14, 2)), axis=0) + brush.rng.integers(100, 900, 2)
        cv2.polylines(image, [crack.astype(np.int32)], False, 45, 2, cv2.LINE_AA)
    for x, rows in ((40, 1024), (972, 1024), (504, 420)):
        image[:rows, x : x + 16] = np.maximum(brush.canvas(rows, 16, 205, 18), 120)
    return [(image, None)]


def _fields(brush: Brush) -> list[Painting]:
    image = brush.canvas(1024, 1024, 110, 14)
    for x, y, width, height in brush.rng.integers((0, 0, 60, 60), (900, 900, 300, 260), (26, 4)):
        plot = image[y : y + height, x : x + width]
        plot[:] = brush.canvas(plot.shape[0], plot.shape[1], brush.between(70, 170), brush.between(4, 14))
        plot[:: int(brush.rng.integers(5, 12))] //= 2
    brush.spots(image, 500, 9, 45)
    brush.rectangle(image, 0, 600, 1024, 70, 95)
    for x in range(0, 1024, 64):
        brush.rectangle(image, x, 634, 30, 3, 215)
    return [(image, None)]


def _skyline(brush: Brush) -> list[Painting]:
    image = np.empty((512, 1024), np.uint8)
    clouds = cv2.GaussianBlur(brush.canvas(512, 1024, 30, 9), (0, 0), 4)
    image[:] = np.linspace(205, 180, 512).astype(np.uint8)[:, None] + clouds
    for x in range(0, 1024, 24):
        top = 448 - int(brush.rng.integers(15, 110))
        block = image[top:460, x : x + 30]
        block[:] = brush.canvas(block.shape[0], block.shape[1], 150, 5)
        for row in range(4, 448 - top, 9):
            block[row : row + 4, 4:24:6] -= 25
    image[448:] = brush.canvas(64, 1024, 125, 8)
    return [(image, None)]


def _ceiling(brush: Brush) -> list[Painting]:
    image = brush.canvas(512, 512, 190, 2)
    image[::128] = image[:, ::128] = 150
    for x, y in np.ndindex(2, 2):
        brush.rectangle(image, 30 + 256 * x, 50 + 256 * y, 70, 26, 250)
    return [(image, None)]


def _panel(brush: Brush) -> list[Painting]:
    image = brush.canvas(192, 192, brush.between(50, 200), brush.between(3, 14))
    cv2.rectangle(image, (0, 0), (191, 191), brush.between(20, 230), 6)
    brush.lettering(image, 24, brush.between(30, 110), 140, 32)
    return [(image, None)]


def _roof(brush: Brush) -> list[Painting]:
    image = brush.canvas(256, 256, brush.between(80, 170), 9)
    cv2.rectangle(image, (0, 0), (255, 255), brush.between(20, 240), 8)
    for x, y, width, height in brush.rng.uniform((20, 20, 8, 8), (200, 200, 44, 44), (6, 4)):
        brush.rectangle(image, x, y, width, height, brush.between(30, 230))
    return [(image, None)]


def _post(brush: Brush) -> list[Painting]:
    image = brush.canvas(256, 16, brush.between(40, 90), 6)
    image[:, 4:7] += 60
    return [(image, None)]


def _crown(brush: Brush) -> list[Painting]:
    return [_foliage(brush)]


def _foliage(brush: Brush) -> tuple[Image, Image]:
    """Leaves where a cloud is thick, and near the centre."""
    y, x = np.mgrid[-1.0:1.0:256j, -1.0:1.0:256j]
    thick = brush.canvas(256, 256, 128, 40) > 90 + 150 * (x**2 + y**2) ** 2
    return brush.canvas(256, 256, 75, 26), 255 * thick.astype(np.uint8)


def _tree(brush: Brush) -> list[Painting]:
    crown, leaves = _foliage(brush)
    image, alpha = brush.canvas(384, 256, 60, 12), np.zeros((384, 256), np.uint8)
    brush.rectangle(alpha, 118, 200, 20, 184, 255)
    image[:256] = crown
    alpha[:256] |= leaves
    return [(image, alpha)]


def _car_side(brush: Brush) -> list[Painting]:
    shade = brush.between(40, 220)
    image, alpha = brush.canvas(110, 320, shade, 2), np.zeros((110, 320), np.uint8)
    cv2.fillPoly(alpha, [np.array([(60, 45), (100, 4), (220, 4), (265, 45)])], 255)
    brush.rectangle(alpha, 4, 42, 312, 48, 255)
    cv2.fillPoly(image, [np.array([(74, 43), (106, 10), (154, 10), (154, 43)])], 40)
    cv2.fillPoly(image, [np.array([(164, 43), (164, 10), (214, 10), (248, 43)])], 50)
    for x, y, width, height, level in (
        (0, 76, 320, 14, 0.6 * shade),
        (158, 40, 2, 40, 0.5 * shade),
        (0, 52, 16, 10, 235),
    ):
        brush.rectangle(image, x, y, width, height, level)
    for x in (70, 250):
        for shape, radius, level in ((alpha, 24, 255), (image, 24, 25), (image, 12, 150)):
            cv2.circle(shape, (x, 85), radius, level, cv2.FILLED)
    return [(image, alpha)]


def _car_front(brush: Brush) -> list[Painting]:
    image, alpha = brush.canvas(110, 144, brush.between(40, 220), 2), np.zeros((110, 144), np.uint8)
    cv2.fillPoly(alpha, [np.array([(8, 46), (28, 4), (116, 4), (136, 46), (140, 96), (4, 96)])], 255)
    cv2.fillPoly(image, [np.array([(20, 44), (34, 10), (110, 10), (124, 44)])], 45)
    for x, y, width, height, level in ((8, 56, 24, 12, 240), (112, 56, 24, 12, 240), (44, 58, 56, 14, 30)):
        brush.rectangle(image, x, y, width, height, level)
    brush.lettering(image, 50, 78, 46, 12)
    for x in (8, 114):
        brush.rectangle(image, x, 86, 22, 22, 20)
        brush.rectangle(alpha, x, 86, 22, 22, 255)
    return [(image, alpha)]


def _person(brush: Brush) -> list[Painting]:
    """Four phases of a stride, 192 x 384 for 0.9 m x 1.8 m; one set of clothes, and no face."""
    shirt, trousers = (brush.canvas(384, 192, brush.between(40, 210), brush.between(6, 22)) for _ in range(2))
    if brush.rng.random() < 0.5:
        shirt[:: int(brush.rng.integers(10, 26))] //= 2
    brush.lettering(shirt, 70, brush.between(90, 120), 52, 22)
    skin, hair = brush.between(70, 200), brush.between(15, 120)
    return [_stride(shirt, trousers, skin, hair, swing) for swing in (-1.0, 0.0, 1.0, 0.0)]


def _stride(shirt: Image, trousers: Image, skin: float, hair: float, swing: float) -> Painting:
    legs, body = np.zeros_like(shirt), np.zeros_like(shirt)
    for side in (-1, 1):
        cv2.line(legs, (96 + 14 * side, 200), (round(96 + side * (14 + 26 * swing)), 368), 255, 28)
        cv2.line(body, (96 + 38 * side, 82), (round(96 + side * (48 - 14 * swing)), 205), 255, 18)
    cv2.ellipse(body, (96, 140), (46, 82), 0, 0, 360, 255, cv2.FILLED)
    image, alpha = np.where(body > 0, shirt, trousers), legs | body
    cv2.ellipse(image, (96, 34), (30, 40), 0, 0, 360, skin, cv2.FILLED)
    cv2.ellipse(image, (96, 30), (30, 34), 0, 160, 380, hair, cv2.FILLED)
    cv2.ellipse(alpha, (96, 34), (24, 33), 0, 0, 360, 255, cv2.FILLED)
    return image, alpha


@dataclass(frozen=True, slots=True)
class Material:
    """How a kind of surface is painted, how many different ones there are, and its hue (none: any warm one)."""

    paint: Callable[[Brush], list[Painting]]
    variants: int
    tint: Tint | None = None

    def textures(self, brush: Brush) -> list[Texture]:
        """One new variant: a texture for each of its phases."""
        b, g, r = self.tint or (brush.between(0.75, 1.05), brush.between(0.95, 1.05), brush.between(0.95, 1.15))
        luma = 0.114 * b + 0.587 * g + 0.299 * r
        return [Texture(image, alpha, (b / luma, g / luma, r / luma)) for image, alpha in self.paint(brush)]


MATERIALS = {
    "facade": Material(_facade, 8),
    "plain": Material(_plain, 3),
    "posters": Material(_posters, 3),
    "paving": Material(_paving, 1, (0.95, 1.0, 1.02)),
    "road": Material(_road, 1, (1.05, 1.0, 0.98)),
    "fields": Material(_fields, 1, (0.75, 1.1, 0.9)),
    "skyline": Material(_skyline, 4, (1.12, 1.0, 0.95)),
    "ceiling": Material(_ceiling, 1, (1.0, 1.0, 1.0)),
    "panel": Material(_panel, 5),
    "roof": Material(_roof, 4),
    "post": Material(_post, 1, (1.0, 1.0, 1.0)),
    "tree": Material(_tree, 3, (0.6, 1.15, 0.8)),
    "crown": Material(_crown, 3, (0.6, 1.15, 0.8)),
    "car_side": Material(_car_side, 4),
    "car_front": Material(_car_front, 4),
    "person": Material(_person, 8),
}
