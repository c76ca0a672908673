"""The worlds of the synthetic source, made of textured parallelograms, and the table of its scenes.

World axes follow the camera's (Hartley & Zisserman, ch. 6): x right, y down, z forward, metres; the ground is y = 0,
so that heights are negative y. Everything is drawn from one seeded generator, in a fixed order.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from .textures import MATERIALS, Brush, Texture

Vector: TypeAlias = tuple[float, float, float]
SKY, GROUND, ROAD, WALL, PROP = range(5)  # layers: what stands in a later one is always in front


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
    """Oscillations at one frequency, amplitude by axis of the pose; a drift is spread over unrelated frequencies."""

    when: Literal["always", "moving", "resting", "gusts"]
    hertz: float
    amplitudes: Mapping[str, float]
    drift: bool = False


@dataclass(frozen=True, slots=True)
class Motion:
    """How a camera moves: its start, its travel along z with one stop, a tour of presets, and oscillations.

    Attributes:
        start: the pose at rest; unused where there are presets.
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
class Course:
    """How a thing moves: at media time t it is velocity * ((t + phase) mod period) from where it was put."""

    velocity: Vector = (0.0, 0.0, 0.0)
    phase: float = 0.0
    period: float = 1e9


STILL = Course()


@dataclass(frozen=True, slots=True)
class Patch:
    """A textured parallelogram: the texture's top left corner, and the vectors along its width and its height.

    It is seen only from the side from where the texture is not mirrored. `frames` textures, from `texture` on, are
    shown in turn. A patch of the sky travels with the camera.
    """

    origin: Vector
    u: Vector
    v: Vector
    layer: int
    repeats: tuple[float, float]
    course: Course
    texture: int
    frames: int


@dataclass(frozen=True, slots=True)
class Route:
    """What a world needs to know of the camera's way: metres travelled in all, where it stops, and when."""

    length: float
    stop_z: float
    stop_time: float


@dataclass(slots=True)
class Stage:
    """A world being built: patches, and the textures that they show."""

    brush: Brush
    route: Route
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
        repeats: tuple[float, float] = (1.0, 1.0),
        course: Course = STILL,
    ) -> None:
        texture, frames = self._texture(material)
        self.patches.append(Patch(origin, u, v, layer, repeats, course, texture, 1 if course == STILL else frames))

    def _texture(self, material: str) -> tuple[int, int]:
        kind, known = MATERIALS[material], self._known.setdefault(material, [])
        if len(known) == kind.variants:
            return known[int(self.brush.rng.integers(kind.variants))]
        textures = kind.textures(self.brush)
        known.append((len(self.textures), len(textures)))
        self.textures += textures
        return known[-1]

    def sky(self) -> None:
        for x, z, along_x, along_z in ((-1, 1, 2, 0), (1, 1, 0, -2), (1, -1, -2, 0), (-1, -1, 0, 2)):
            self.put("skyline", (100.0 * x, -70, 100.0 * z), (100.0 * along_x, 0, 100.0 * along_z), (0, 80, 0), SKY)

    def ground(self, material: str, x: float, end: float, tile: tuple[float, float], layer: int = GROUND) -> None:
        """A strip of width 2x along z, from 20 m behind to `end`, repeating a texture of tile[0] by tile[1] metres."""
        repeats = (2 * x / tile[0], (end + 20) / tile[1])
        self.put(material, (-x, 0, end), (2 * x, 0, 0), (0, 0, -20 - end), layer, repeats)

    def board(self, material: str, x: float, z: float, width: float, height: float, course: Course = STILL) -> None:
        """Something flat that faces the camera and stands on the ground at (x, z)."""
        self.put(material, (x - width / 2, -height, z), (width, 0, 0), (0, height, 0), course=course)

    def person(self, x: float, z: float, course: Course = STILL) -> None:
        height = self.brush.between(1.62, 1.88)
        self.board("person", x, z, height / 2, height, course)

    def row(self, materials: tuple[str, ...], x: float, z: Iterable[float], length: float, height: float) -> None:
        """Buildings along one side of a street, each with the end wall that faces the camera."""
        side = np.sign(x)
        for near in z:
            at, top = x + side * self.brush.between(0, 1.2), -height * self.brush.between(0.8, 1.2)
            start, along = (near, length) if side < 0 else (near + length, -length)
            self.put(str(self.brush.rng.choice(materials)), (at, top, start), (0, 0, along), (0, -top, 0), WALL)
            self.put("plain", (min(at, at + side * 4), top, near), (4, 0, 0), (0, -top, 0), WALL)

    def box(self, front: str, sides: str, x: float, z: float, size: Vector, course: Course = STILL) -> None:
        """A box on the ground, (width, height, length), without back and top."""
        width, height, length = size
        self.board(front, x, z, width, height, course)
        for left, near, along in ((x - width / 2, z + length, -length), (x + width / 2, z, length)):
            self.put(sides, (left, -height, near), (0, 0, along), (0, height, 0), course=course)

    def car(self, x: float, z: float, course: Course = STILL) -> None:
        self.box("car_front", "car_side", x, z, (1.8, 1.45, 4.4), course)


def lane(stage: Stage) -> None:
    """A narrow street: facades on both sides, boxes, passers-by, somebody to talk to at the stop."""
    rng, end = stage.brush.rng, stage.route.length + 60
    stage.sky()
    stage.ground("paving", 60, end + 60, (10, 10))
    stage.ground("road", 1.6, end, (3.2, 8), ROAD)
    for x in (-3.4, 3.4):
        stage.row(("facade", "facade", "posters", "plain"), x, np.arange(-9, end, 6), 6, 7)
    for z in np.arange(4, end, 7.5):
        side = float(rng.choice((-1, 1)))
        stage.board("post", 2.5 * side, z + rng.uniform(0, 2), 0.14, 4.5)
        stage.box("panel", "panel", -2.7 * side, z + 3 + rng.uniform(0, 2), (0.6, rng.uniform(0.6, 1.3), 0.8))
    for z in np.arange(9, end, 11):
        stage.person(rng.uniform(-2, 2), z, Course((0, 0, rng.uniform(-1.4, -0.6))))
    if stage.route.length:
        stage.person(0.75, stage.route.stop_z + 1.7)


def highway(stage: Stage) -> None:
    """A wide road with oncoming traffic, and a crossing where the camera stops and others drive across."""
    rng, end, light = stage.brush.rng, stage.route.length + 100, stage.route.stop_z + 9
    stage.sky()
    stage.ground("paving", 120, end + 100, (12, 12))
    stage.ground("road", 4.2, end + 60, (8.4, 12), ROAD)
    for x in (-10.5, 10.5):
        places = [z for z in np.arange(-24.0, end, 13) if not light - 14 < z < light + 12]
        stage.row(("facade", "facade", "facade", "plain"), x, places, 12, 9)
        for z in np.arange(6, end, 20):
            stage.board("tree", 0.7 * x, z + rng.uniform(-4, 4), 4, 6)
            stage.board("post", 0.5 * x, z + 8, 0.2, 7)
    for z in (z for z in np.arange(14, end, 15) if not light - 8 < z < light + 8):
        stage.car(5.6, z + rng.uniform(-2, 2))
    for z in np.arange(40, end, 55):
        stage.car(-2.2, z, Course((0, 0, -9)))
    for n in range(8):
        way, arrival = (-1) ** n, stage.route.stop_time + 1.1 * n + rng.uniform(-0.3, 0.3)
        stage.board("car_side", -9 * way * arrival, light + 3 * (n % 2), 4.6, 1.5, Course((9 * way, 0, 0)))


def countryside(stage: Stage) -> None:
    """Fields, buildings and tree crowns, seen from above."""
    rng, end = stage.brush.rng, stage.route.length + 220
    stage.sky()
    stage.ground("fields", 200, end + 200, (60, 60))
    for z in np.arange(0, end, 17):
        for x in rng.permutation([-44, -22, 0, 22, 44])[:2] + rng.uniform(-5, 5):
            width, height, length = (float(n) for n in rng.uniform((7, 4, 7), (13, 10, 12)))
            stage.box("facade", "facade", x, z, (width, height, length))
            stage.put("roof", (x - width / 2, -height, z + length), (width, 0, 0), (0, 0, -length))
        for x in rng.uniform(-45, 45, 5):
            stage.put("crown", (x, -rng.uniform(2.5, 6), z + rng.uniform(0, 14)), (4, 0, 0), (0, 0, -4))


def lobby(stage: Stage) -> None:
    """A wide indoor hall: back wall, ceiling, pillars and desks."""
    stage.ground("paving", 30, 11, (6, 6))
    stage.put("ceiling", (-30, -3.4, -2), (60, 0, 0), (0, 0, 13), GROUND, (10, 13 / 6))
    for n, x in enumerate(range(-30, 30, 4)):
        stage.put(("posters", "plain", "plain")[n % 3], (x, -3.4, 11), (4, 0, 0), (0, 3.4, 0), WALL)
    for x in (-10.5, -4.5, 1.5, 7.5):
        stage.box("panel", "plain", x, 8.6, (0.7, 3.4, 0.7))
        stage.box("panel", "panel", x + stage.brush.between(2, 3), 9.7, (1.8, 0.9, 0.8))


def attended_lobby(stage: Stage) -> None:
    """The lobby, and people who cross it now and then."""
    lobby(stage)
    for n, z in enumerate((6.2, 7.4, 7.9, 9.3)):
        way, rng = (-1) ** n, stage.brush.rng
        stage.person(-13 * way, z, Course((way * rng.uniform(1.0, 1.5), 0, 0), rng.uniform(0, 18), rng.uniform(20, 26)))


def packed_lobby(stage: Stage) -> None:
    """The lobby behind people who stream past close to the camera, in three rows."""
    lobby(stage)
    for z, speed, gap in ((1.45, 0.75, 0.62), (2.1, 0.9, 0.55), (3.0, 0.8, 0.5)):
        count = round(12 / gap)
        for n in range(count):
            phase = (n + stage.brush.between(-0.15, 0.15)) * gap / speed
            stage.person(-6, z, Course((speed, 0, 0), phase, count * gap / speed))


def plaza(stage: Stage) -> None:
    """A square between buildings, with trees, parked cars and a few walkers."""
    rng = stage.brush.rng
    stage.sky()
    stage.ground("paving", 80, 60, (10, 10))
    for x in range(-32, 32, 8):
        stage.put(("facade", "facade", "plain")[int(rng.integers(3))], (x, -8, 27), (8, 0, 0), (0, 8, 0), WALL)
    for x in (-25, 25):
        stage.row(("facade", "facade", "plain"), x, np.arange(3, 27, 8), 8, 8)
    for x in range(-18, 19, 6):
        stage.board("tree", x + rng.uniform(-2, 2), rng.uniform(16, 24), 4, 5.5)
        stage.car(x + rng.uniform(-1, 1), rng.uniform(18, 20))
    for x in range(-12, 13, 6):
        stage.board("post", x + rng.uniform(-2, 2), rng.uniform(9, 15), 0.2, 5)
    for n, z in enumerate((11.0, 13.5, 16.5)):
        way = (-1) ** n
        stage.person(-16 * way, z, Course((1.3 * way, 0, 0), rng.uniform(0, 25), 26))


# --- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scene:
    """A world, a way of moving in it, and what the camera adds.

    `noise` is the sensor's, standard deviation in grey levels; `exposure` the relative drift of the gain; `hood` the
    share of the picture that the car's bonnet covers.
    """

    mobile: bool
    world: Callable[[Stage], None]
    motion: Motion
    noise: float = 2.0
    exposure: float = 0.02
    hood: float = 0.0


def _wave(when: Literal["always", "moving", "resting", "gusts"], hertz: float, **amplitudes: float) -> Wave:
    return Wave(when, hertz, amplitudes)


def _drift(when: Literal["always", "moving", "resting", "gusts"], hertz: float, **amplitudes: float) -> Wave:
    return Wave(when, hertz, amplitudes, drift=True)


# 1.8 steps a second: Pachi & Ji, The Structural Engineer 83(3), 2005; about 5 cm of vertical excursion: Gard, Miff &
# Kuo, Human Movement Science 22(6), 2004. Sway has the period of a stride, two steps.
_WALK = (
    _wave("moving", 1.8, y=0.024, pitch=0.009),
    _wave("moving", 0.9, x=0.02, roll=0.022, yaw=0.018),
    _drift("moving", 0.15, yaw=0.16, pitch=0.03),
    _wave("resting", 0.28, y=0.004, pitch=0.005),
    _drift("resting", 0.3, yaw=0.02, roll=0.008, x=0.012),
)
_DRIVE = (
    _wave("moving", 11.3, pitch=0.0014, y=0.002),
    _wave("moving", 6.1, roll=0.0016, y=0.004),
    _drift("moving", 1.4, pitch=0.004),
    _drift("moving", 0.15, yaw=0.012, x=0.2),
    _wave("resting", 13.0, pitch=0.00015),
)
# Physiological tremor of 8-12 Hz: McAuley & Marsden, Brain 123(8), 2000.
_HAND = (
    _wave("always", 8.3, yaw=0.0006),
    _wave("always", 9.6, pitch=0.0008),
    _wave("always", 11.2, roll=0.0006),
    _drift("always", 0.2, yaw=0.05, pitch=0.03, roll=0.018),
    _drift("always", 0.25, x=0.07, y=0.03, z=0.06),
)
_FLIGHT = (
    _drift("always", 0.07, yaw=0.06, x=1.5, y=0.5),
    _drift("always", 0.14, roll=0.02, pitch=0.012),
)
_SWAY = (
    _wave("always", 0.9, yaw=0.0005),
    _wave("gusts", 0.9, yaw=0.0024, roll=0.0007),
    _wave("gusts", 1.3, pitch=0.0009),
    _wave("gusts", 2.1, yaw=0.0007),
)
_TOUR = (
    Pose(y=-4.5, yaw=-0.1, pitch=-0.14, zoom=0.8),
    Pose(y=-4.5, yaw=0.28, pitch=-0.06, zoom=0.8),
    Pose(y=-4.5, yaw=0.05, pitch=-0.16, zoom=1.5),
)

SCENES = {
    "body": Scene(True, lane, Motion(Pose(-0.2, -1.35, pitch=-0.04, zoom=0.55), _WALK, 1.4, (0.38, 0.3)), 2.0, 0.05),
    "dash": Scene(
        True, highway, Motion(Pose(1.9, -1.25, pitch=-0.02), _DRIVE, 12.0, (0.25, 0.45)), 2.0, 0.04, hood=0.15
    ),
    "handheld": Scene(True, lane, Motion(Pose(0.6, -1.5, yaw=-0.18, pitch=-0.04), _HAND), 2.0, 0.03),
    "drone": Scene(True, countryside, Motion(Pose(y=-32, pitch=-0.65), _FLIGHT, 6.0), 2.0, 0.02),
    "fixed": Scene(False, attended_lobby, Motion(Pose(y=-2.9, yaw=0.1, pitch=-0.17, zoom=0.65)), 3.0, 0.01),
    "ptz": Scene(False, plaza, Motion(_TOUR[0], presets=_TOUR), 2.0, 0.01),
    "pole": Scene(False, plaza, Motion(Pose(y=-6, pitch=-0.2, zoom=1.0), _SWAY), 2.0, 0.01),
    "crowd": Scene(False, packed_lobby, Motion(Pose(y=-1.75, pitch=-0.2, zoom=0.7)), 2.5, 0.01),
}
