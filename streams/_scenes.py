"""The worlds of the synthetic source: textures, textured parallelograms, and the table of scenes.

World axes follow the camera's (Hartley & Zisserman, ch. 6): x right, y down, z forward, metres; the ground is y = 0,
so that heights are negative y. Everything is drawn from one seeded generator, in a fixed order.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from .frame import Image

Vector: TypeAlias = tuple[float, float, float]
STILL: Vector = (0.0, 0.0, 0.0)
SKY, GROUND, ROAD, WALL, PROP = range(5)  # painter's layers: what stands in a later one is always in front


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera is and looks at one moment.

    Attributes:
        x: metres to the right.
        y: metres down; a camera 1.4 m above the ground has y = -1.4.
        z: metres forward.
        yaw: radians, positive turns right.
        pitch: radians, positive looks up.
        roll: radians, positive turns the camera clockwise as its bearer sees it; the picture turns the other way.
        zoom: focal length in picture widths, so that a small yaw moves the picture by -yaw * zoom * width pixels.
    """

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    zoom: float = 0.8


@dataclass(frozen=True, slots=True)
class Wave:
    """One oscillation of one axis of the pose; a drift is several slow ones with unrelated periods."""

    axis: Literal["x", "y", "z", "yaw", "pitch", "roll"]
    hertz: float
    amplitude: float
    when: Literal["always", "moving", "resting", "gusts"] = "always"
    drift: bool = False


@dataclass(frozen=True, slots=True)
class Motion:
    """How a camera moves: its start, its travel along z with one stop, a tour of presets, and oscillations.

    Attributes:
        start: the pose at rest; ignored where there are presets.
        waves: oscillations about that.
        speed: metres a second along z.
        stop: when braking begins and how long until it goes on, as shares of the scene's duration.
        presets: poses that a pan-tilt-zoom camera visits in turn.
    """

    start: Pose
    waves: tuple[Wave, ...] = ()
    speed: float = 0.0
    stop: tuple[float, float] | None = None
    presets: tuple[Pose, ...] = ()


@dataclass(frozen=True, slots=True)
class Texture:
    """Brightness, shape (h, w), uint8; alpha, the same, 0 or 255, where it is cut out; tint as (b, g, r) factors."""

    image: Image
    alpha: Image | None
    tint: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A textured parallelogram: the texture's top left corner, and the vectors along its width and its height.

    It is seen from one side only, the one from where the texture is not mirrored.

    At media time t it is moved by velocity * ((t + phase) mod period); `frames` textures from `texture` on are shown
    in turn. A patch of the sky travels with the camera.
    """

    origin: Vector
    u: Vector
    v: Vector
    texture: int
    frames: int
    layer: int
    repeats: tuple[float, float] = (1.0, 1.0)
    velocity: Vector = STILL
    phase: float = 0.0
    period: float = 1e9


class Brush:
    """Paints from one seeded generator and one periodic cloud of noise."""

    PERIOD = 1024

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._cloud = _pink_noise(rng, self.PERIOD)

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def canvas(self, height: int, width: int, mean: float, contrast: float) -> Image:
        rows, columns = (np.arange(n) + int(self.rng.integers(self.PERIOD)) for n in (height, width))
        cloud = self._cloud.take(rows, axis=0, mode="wrap").take(columns, axis=1, mode="wrap")
        return np.clip(mean + contrast * cloud, 0, 255).astype(np.uint8)

    def rectangle(self, image: Image, x: float, y: float, width: float, height: float, shade: float) -> None:
        cv2.rectangle(image, (round(x), round(y)), (round(x + width), round(y + height)), shade, cv2.FILLED)

    def spots(self, image: Image, count: int, largest: int, contrast: float) -> None:
        height, width = image.shape
        for _ in range(count):
            centre = int(self.rng.integers(width)), int(self.rng.integers(height))
            axes = int(self.rng.integers(1, largest)), int(self.rng.integers(1, largest))
            shade = float(np.clip(int(image[centre[1], centre[0]]) + self.between(-contrast, contrast), 0, 255))
            cv2.ellipse(image, centre, axes, self.between(0, 180), 0, 360, shade, cv2.FILLED)

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
    """Periodic noise of equal energy in every octave, as natural scenes have (Field, JOSA A 4(12), 1987); deviation 1."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    frequency[0, 0] = np.inf
    noise = np.fft.irfft2(
        np.fft.rfft2(rng.standard_normal((size, size))) / np.maximum(frequency, 4 / size), s=(size, size)
    )
    return (noise / noise.std()).astype(np.float32)


# --- textures ---------------------------------------------------------------------------------------------------------

Painting: TypeAlias = tuple[Image, Image | None]


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


def _poster_wall(brush: Brush) -> list[Painting]:
    (image, _) = _plain(brush)[0]
    for x in (30, 150, 270):
        top, height = brush.between(140, 200), brush.between(90, 140)
        image[int(top) : int(top + height), x : x + 84] = brush.canvas(int(top + height) - int(top), 84, 140, 45)
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
        mark = image[:rows, x : x + 16]
        mark[:] = np.clip(brush.canvas(rows, 16, 205, 18), 120, 255)
    return [(image, None)]


def _fields(brush: Brush) -> list[Painting]:
    image = brush.canvas(1024, 1024, 110, 14)
    for _ in range(26):
        x, y = (int(n) for n in brush.rng.integers(0, 900, 2))
        field_ = image[y : y + int(brush.rng.integers(60, 260)), x : x + int(brush.rng.integers(60, 300))]
        field_[:] = brush.canvas(*field_.shape, brush.between(70, 170), brush.between(4, 14))
        field_[:: int(brush.rng.integers(5, 12))] //= 2
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
        height = brush.between(15, 110)
        image[int(448 - height) : 460, x : x + 30] = brush.canvas(int(460) - int(448 - height), 30, 150, 5)[
            :, : 1024 - x
        ]
        for row in range(int(452 - height), 448, 9):
            image[row : row + 4, x + 4 : x + 24 : 6] -= 25
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
    for _ in range(6):
        brush.rectangle(image, *brush.rng.integers(20, 200, 2), *brush.rng.integers(8, 44, 2), brush.between(30, 230))
    return [(image, None)]


def _post(brush: Brush) -> list[Painting]:
    image = brush.canvas(256, 16, brush.between(40, 90), 6)
    image[:, 4:7] += 60
    return [(image, None)]


def _tree(brush: Brush) -> list[Painting]:
    """Foliage where a cloud is thick and near the crown's centre, above a trunk."""
    y, x = np.mgrid[-1.0:1.0:256j, -1.0:1.0:256j]
    thick = brush.canvas(256, 256, 128, 40) > 90 + 150 * (x**2 + y**2) ** 2
    image, alpha = brush.canvas(384, 256, 75, 26), np.zeros((384, 256), np.uint8)
    alpha[:256][thick] = 255
    brush.rectangle(alpha, 118, 200, 20, 184, 255)
    image[256:] = brush.canvas(128, 256, 60, 12)
    return [(image, alpha)]


def _crown(brush: Brush) -> list[Painting]:
    (image, alpha) = _tree(brush)[0]
    return [(image[:230], None if alpha is None else alpha[:230])]


def _car_side(brush: Brush) -> list[Painting]:
    shade = brush.between(40, 220)
    image, alpha = brush.canvas(110, 320, shade, 2), np.zeros((110, 320), np.uint8)
    cabin = np.array([(60, 45), (100, 4), (220, 4), (265, 45)])
    cv2.fillPoly(alpha, [cabin], 255)
    brush.rectangle(alpha, 4, 42, 312, 48, 255)
    cv2.fillPoly(image, [np.array([(74, 43), (106, 10), (154, 10), (154, 43)])], 40)
    cv2.fillPoly(image, [np.array([(164, 43), (164, 10), (214, 10), (248, 43)])], 50)
    brush.rectangle(image, 0, 76, 320, 14, shade * 0.6)
    brush.rectangle(image, 158, 40, 2, 40, shade * 0.5)
    brush.rectangle(image, 0, 52, 16, 10, 235)
    for x in (70, 250):
        for shape, radius, level in ((alpha, 24, 255), (image, 24, 25), (image, 12, 150)):
            cv2.circle(shape, (x, 85), radius, level, cv2.FILLED)
    return [(image, alpha)]


def _car_front(brush: Brush) -> list[Painting]:
    shade = brush.between(40, 220)
    image, alpha = brush.canvas(110, 144, shade, 2), np.zeros((110, 144), np.uint8)
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
    """Four phases of a step, 192 x 384 for 0.9 m x 1.8 m; one set of clothes."""
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
    image = np.where(body > 0, shirt, trousers)
    cv2.ellipse(image, (96, 34), (30, 40), 0, 0, 360, skin, cv2.FILLED)
    cv2.ellipse(image, (96, 30), (30, 34), 0, 160, 380, hair, cv2.FILLED)
    alpha = legs | body
    cv2.ellipse(alpha, (96, 34), (24, 33), 0, 0, 360, 255, cv2.FILLED)
    return image, alpha


@dataclass(frozen=True, slots=True)
class Material:
    """How a kind of surface is painted, how many different ones there are, and its hue (none: any)."""

    paint: Callable[[Brush], list[Painting]]
    variants: int
    tint: Vector | None = None


MATERIALS = {
    "facade": Material(_facade, 8),
    "plain": Material(_plain, 3),
    "posters": Material(_poster_wall, 3),
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


# --- worlds -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Stage:
    """A world being built: patches, and the textures that they show."""

    brush: Brush
    patches: list[Patch] = field(default_factory=list[Patch])
    textures: list[Texture] = field(default_factory=list[Texture])
    _known: dict[str, list[tuple[int, int]]] = field(default_factory=dict[str, list[tuple[int, int]]])

    def put(
        self,
        material: str,
        origin: Vector,
        u: Vector,
        v: Vector,
        layer: int = PROP,
        *,
        repeats: tuple[float, float] = (1.0, 1.0),
        velocity: Vector = STILL,
        phase: float = 0.0,
        period: float = 1e9,
    ) -> None:
        texture, frames = self._texture(material)
        self.patches.append(
            Patch(
                origin=origin,
                u=u,
                v=v,
                texture=texture,
                frames=frames if velocity != STILL else 1,
                layer=layer,
                repeats=repeats,
                velocity=velocity,
                phase=phase,
                period=period,
            )
        )

    def _texture(self, material: str) -> tuple[int, int]:
        kind, known = MATERIALS[material], self._known.setdefault(material, [])
        if len(known) == kind.variants:
            return known[int(self.brush.rng.integers(kind.variants))]
        b, g, r = kind.tint or tuple(self.brush.rng.uniform(0.7, 1.3, 3))
        luma = 0.114 * b + 0.587 * g + 0.299 * r
        paintings = kind.paint(self.brush)
        known.append((len(self.textures), len(paintings)))
        self.textures += [Texture(image, alpha, (b / luma, g / luma, r / luma)) for image, alpha in paintings]
        return known[-1]

    def sky(self) -> None:
        for (x, z), u in (((-1, 1), (2, 0)), ((1, 1), (0, -2)), ((1, -1), (-2, 0)), ((-1, -1), (0, 2))):
            self.put("skyline", (100.0 * x, -70, 100.0 * z), (100.0 * u[0], 0, 100.0 * u[1]), (0, 80, 0), SKY)

    def ground(
        self, material: str, x: float, z: tuple[float, float], tile: tuple[float, float], layer: int = GROUND
    ) -> None:
        """A strip of width 2x along z, from z[0] to z[1], repeating a texture of tile[0] by tile[1] metres."""
        depth = z[1] - z[0]
        self.put(
            material, (-x, 0, z[1]), (2 * x, 0, 0), (0, 0, -depth), layer, repeats=(2 * x / tile[0], depth / tile[1])
        )

    def board(
        self, material: str, x: float, z: float, width: float, height: float, velocity: Vector = STILL, **timing: float
    ) -> None:
        """Something flat that faces the camera and stands on the ground at (x, z)."""
        self.put(material, (x - width / 2, -height, z), (width, 0, 0), (0, height, 0), velocity=velocity, **timing)

    def person(self, x: float, z: float, velocity: Vector = STILL, **timing: float) -> None:
        height = self.brush.between(1.62, 1.88)
        self.board("person", x, z, height / 2, height, velocity, **timing)

    def row(self, materials: tuple[str, ...], x: float, z: Iterable[float], length: float, height: float) -> None:
        """Buildings along one side of a street, each with the end wall that faces the camera."""
        side = np.sign(x)
        for near in z:
            at, top = x + side * self.brush.between(0, 1.2), -height * self.brush.between(0.8, 1.2)
            material = str(self.brush.rng.choice(materials))
            start, along = (near, length) if side < 0 else (near + length, -length)
            self.put(material, (at, top, start), (0, 0, along), (0, -top, 0), WALL)
            self.put("plain", (min(at, at + side * 4), top, near), (4, 0, 0), (0, -top, 0), WALL)

    def box(
        self, materials: tuple[str, str], x: float, z: float, size: Vector, velocity: Vector = STILL, **timing: float
    ) -> None:
        """A box on the ground: its front (materials[0]) and both sides (materials[1])."""
        width, height, length = size
        self.board(materials[0], x, z, width, height, velocity, **timing)
        for corner, along in (((x - width / 2, -height, z + length), -length), ((x + width / 2, -height, z), length)):
            self.put(materials[1], corner, (0, 0, along), (0, height, 0), velocity=velocity, **timing)

    def car(self, x: float, z: float, velocity: Vector = STILL, **timing: float) -> None:
        self.box(("car_front", "car_side"), x, z, (1.8, 1.45, 4.4), velocity, **timing)


@dataclass(frozen=True, slots=True)
class Route:
    """What a world needs to know of the camera's way: metres travelled in all, where it stops, and when."""

    length: float
    stop_z: float
    stop_time: float


def lane(stage: Stage, route: Route) -> None:
    """A narrow street: facades on both sides, parked cars, passers-by, somebody to talk to at the stop."""
    rng, end = stage.brush.rng, route.length + 70
    stage.sky()
    stage.ground("paving", 60, (-20, end + 60), (10, 10))
    stage.ground("road", 1.6, (-20, end), (3.2, 8), ROAD)
    for x in (-3.4, 3.4):
        stage.row(("facade", "facade", "posters", "plain"), x, np.arange(-9, end, 6), 6, 7)
    for z in np.arange(4, end, 7.5):
        side = float(rng.choice((-1, 1)))
        stage.board("post", 2.5 * side, z + rng.uniform(0, 2), 0.14, 4.5)
        stage.box(("panel", "panel"), -2.7 * side, z + 3 + rng.uniform(0, 2), (0.6, rng.uniform(0.6, 1.3), 0.8))
    for z in np.arange(9, end, 11):
        stage.person(rng.uniform(-2, 2), z, (0, 0, float(rng.uniform(-1.4, -0.6))))
    if route.length:
        stage.person(0.75, route.stop_z + 1.7)


def highway(stage: Stage, route: Route) -> None:
    """A wide road with oncoming traffic, and a crossing where the camera stops and others drive across."""
    rng, end, light = stage.brush.rng, route.length + 120, route.stop_z + 9
    stage.sky()
    stage.ground("paving", 120, (-20, end + 100), (12, 12))
    stage.ground("road", 4.2, (-20, end + 60), (8.4, 12), ROAD)
    for x in (-10.5, 10.5):
        places = [z for z in np.arange(-24.0, end, 13) if not light - 14 < z < light + 12]
        stage.row(("facade", "facade", "facade", "plain"), x, places, 12, 9)
        for z in np.arange(6, end, 16):
            stage.board("tree", 0.7 * x, z + rng.uniform(-4, 4), 4, 6)
            stage.board("post", 0.5 * x, z + 8, 0.2, 7)
    for z in (z for z in np.arange(14, end, 12) if not light - 8 < z < light + 8):
        stage.car(5.6, z + rng.uniform(-2, 2))
    for z in np.arange(40, end, 55):
        stage.car(-2.2, z, (0, 0, -9))
    for n in range(8):
        direction = 1 - 2 * (n % 2)
        arrival = route.stop_time + 1.1 * n + rng.uniform(-0.3, 0.3)
        stage.board("car_side", -9 * direction * arrival, light + 3 * (n % 2), 4.6, 1.5, (9.0 * direction, 0, 0))


def countryside(stage: Stage, route: Route) -> None:
    """Fields, buildings and tree crowns, seen from above."""
    rng, end = stage.brush.rng, route.length + 220
    stage.sky()
    stage.ground("fields", 200, (-40, end + 200), (60, 60))
    for z in np.arange(0, end, 17):
        for x in rng.permutation([-44, -22, 0, 22, 44])[:2] + rng.uniform(-5, 5):
            width, height, length = (float(n) for n in rng.uniform((7, 4, 7), (13, 10, 12)))
            stage.box(("facade", "facade"), x, z, (width, height, length))
            stage.put("roof", (x - width / 2, -height, z + length), (width, 0, 0), (0, 0, -length))
        for x in rng.uniform(-45, 45, 5):
            height = rng.uniform(2.5, 6)
            stage.put("crown", (x, -height, z + rng.uniform(0, 14)), (4, 0, 0), (0, 0, -3.6))


def lobby(stage: Stage, route: Route) -> None:
    """A wide indoor hall: back wall, ceiling, pillars and desks."""
    rng = stage.brush.rng
    stage.ground("paving", 30, (-2, 11), (6, 6))
    stage.put("ceiling", (-30, -3.4, -2), (60, 0, 0), (0, 0, 13), GROUND, repeats=(10, 13 / 6))
    for n, x in enumerate(np.arange(-30, 30, 4)):
        stage.put(("posters", "plain", "plain")[n % 3], (x, -3.4, 11), (4, 0, 0), (0, 3.4, 0), WALL)
    for x in np.arange(-10.5, 11, 6):
        stage.box(("panel", "plain"), x, 8.6, (0.7, 3.4, 0.7))
        stage.box(("panel", "panel"), x + 2.6 + rng.uniform(-0.5, 0.5), 9.7, (1.8, 0.9, 0.8))


def attended_lobby(stage: Stage, route: Route) -> None:
    """The lobby, and people who cross it now and then."""
    lobby(stage, route)
    for n, z in enumerate((6.2, 7.4, 7.9, 9.3)):
        way = 1 - 2 * (n % 2)
        velocity = (way * stage.brush.between(1.0, 1.5), 0.0, 0.0)
        stage.person(-13 * way, z, velocity, phase=stage.brush.between(0, 18), period=stage.brush.between(20, 26))


def packed_lobby(stage: Stage, route: Route) -> None:
    """The lobby behind people who stream past close to the camera, in three rows."""
    lobby(stage, route)
    for z, speed, gap in ((1.45, 0.75, 0.62), (2.1, 0.9, 0.55), (3.0, 0.8, 0.5)):
        count = round(12 / gap)
        for n in range(count):
            phase = (n + stage.brush.between(-0.15, 0.15)) * gap / speed
            stage.person(-6, z, (speed, 0.0, 0.0), phase=phase, period=count * gap / speed)


def plaza(stage: Stage, route: Route) -> None:
    """A square between buildings, with trees, parked cars and a few walkers."""
    rng = stage.brush.rng
    stage.sky()
    stage.ground("paving", 80, (-20, 60), (10, 10))
    for x in np.arange(-32, 32, 8):
        stage.put(("facade", "facade", "plain")[int(rng.integers(3))], (x, -8, 27), (8, 0, 0), (0, 8, 0), WALL)
    for x in (-25, 25):
        stage.row(("facade", "facade", "plain"), x, np.arange(3, 27, 8), 8, 8)
    for x in np.arange(-18, 19, 6):
        stage.board("tree", x + rng.uniform(-2, 2), rng.uniform(16, 24), 4, 5.5)
        stage.car(x + rng.uniform(-1, 1), rng.uniform(18, 20))
    for x in np.arange(-12, 13, 6):
        stage.board("post", x + rng.uniform(-2, 2), rng.uniform(9, 15), 0.2, 5)
    for n, z in enumerate((11.0, 13.5, 16.5)):
        way = 1 - 2 * (n % 2)
        stage.person(-16 * way, z, (1.3 * way, 0, 0), phase=rng.uniform(0, 25), period=26)


# --- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scene:
    """A world, a way of moving in it, and what the camera adds.

    `noise` is the sensor's, standard deviation in grey levels; `exposure` the relative drift of the gain; `hood` the
    share of the picture that the car's bonnet covers.
    """

    mobile: bool
    world: Callable[[Stage, Route], None]
    motion: Motion
    noise: float = 2.0
    exposure: float = 0.02
    hood: float = 0.0


SCENES = {
    "body": Scene(
        True,
        lane,
        # 1.8 steps a second: Pachi & Ji, The Structural Engineer 83(3), 2005; about 5 cm of vertical excursion:
        # Gard, Miff & Kuo, Human Movement Science 22(6), 2004. Sway has the period of a stride, two steps.
        Motion(
            Pose(x=-0.2, y=-1.35, pitch=-0.04, zoom=0.55),
            (
                Wave("y", 1.8, 0.024, "moving"),
                Wave("pitch", 1.8, 0.009, "moving"),
                Wave("x", 0.9, 0.02, "moving"),
                Wave("roll", 0.9, 0.022, "moving"),
                Wave("yaw", 0.9, 0.018, "moving"),
                Wave("yaw", 0.13, 0.16, "moving", drift=True),
                Wave("pitch", 0.2, 0.03, "moving", drift=True),
                Wave("y", 0.28, 0.004, "resting"),
                Wave("pitch", 0.28, 0.005, "resting"),
                Wave("yaw", 0.25, 0.02, "resting", drift=True),
                Wave("roll", 0.35, 0.008, "resting", drift=True),
                Wave("x", 0.3, 0.012, "resting", drift=True),
            ),
            speed=1.4,
            stop=(0.38, 0.3),
        ),
        exposure=0.05,
    ),
    "dash": Scene(
        True,
        highway,
        Motion(
            Pose(x=1.9, y=-1.25, pitch=-0.02, zoom=0.8),
            (
                Wave("pitch", 11.3, 0.0014, "moving"),
                Wave("y", 7.1, 0.004, "moving"),
                Wave("roll", 5.3, 0.0016, "moving"),
                Wave("pitch", 1.4, 0.004, "moving", drift=True),
                Wave("yaw", 0.2, 0.012, "moving", drift=True),
                Wave("x", 0.12, 0.2, "moving", drift=True),
                Wave("pitch", 13.0, 0.00015, "resting"),
            ),
            speed=12.0,
            stop=(0.25, 0.45),
        ),
        exposure=0.04,
        hood=0.15,
    ),
    "handheld": Scene(
        True,
        lane,
        # Physiological tremor of 8-12 Hz: McAuley & Marsden, Brain 123(8), 2000.
        Motion(
            Pose(x=0.6, y=-1.5, yaw=-0.18, pitch=-0.04, zoom=0.8),
            (
                Wave("yaw", 8.3, 0.0006),
                Wave("pitch", 9.6, 0.0008),
                Wave("roll", 11.2, 0.0006),
                Wave("yaw", 0.2, 0.05, drift=True),
                Wave("pitch", 0.25, 0.03, drift=True),
                Wave("roll", 0.2, 0.018, drift=True),
                Wave("x", 0.25, 0.07, drift=True),
                Wave("y", 0.3, 0.03, drift=True),
                Wave("z", 0.2, 0.06, drift=True),
            ),
        ),
        exposure=0.03,
    ),
    "drone": Scene(
        True,
        countryside,
        Motion(
            Pose(y=-32, pitch=-0.65, zoom=0.8),
            (
                Wave("yaw", 0.07, 0.06, drift=True),
                Wave("roll", 0.13, 0.02, drift=True),
                Wave("pitch", 0.15, 0.012, drift=True),
                Wave("x", 0.06, 1.5, drift=True),
                Wave("y", 0.1, 0.5, drift=True),
            ),
            speed=6.0,
        ),
    ),
    "fixed": Scene(False, attended_lobby, Motion(Pose(y=-2.9, pitch=-0.17, yaw=0.1, zoom=0.65)), 3.0, 0.01),
    "ptz": Scene(
        False,
        plaza,
        Motion(
            Pose(y=-4.5),
            presets=(
                Pose(y=-4.5, yaw=-0.1, pitch=-0.14, zoom=0.8),
                Pose(y=-4.5, yaw=0.42, pitch=-0.06, zoom=0.8),
                Pose(y=-4.5, yaw=-0.35, pitch=-0.16, zoom=1.5),
            ),
        ),
        exposure=0.01,
    ),
    "pole": Scene(
        False,
        plaza,
        Motion(
            Pose(y=-6, pitch=-0.2, zoom=1.0),
            (
                Wave("yaw", 0.9, 0.0005),
                Wave("yaw", 0.9, 0.0024, "gusts"),
                Wave("yaw", 2.1, 0.0007, "gusts"),
                Wave("pitch", 1.3, 0.0009, "gusts"),
                Wave("roll", 0.9, 0.0007, "gusts"),
            ),
        ),
        exposure=0.01,
    ),
    "crowd": Scene(False, packed_lobby, Motion(Pose(y=-1.75, pitch=-0.2, zoom=0.7)), 2.5, 0.01),
}
