"""Pictures to try a model on: faces of people who do not exist, and textures that are no faces.

The faces are drawn from a statistical model (Turk and Pentland, Eigenfaces, 1991; shape and texture apart as in Blanz
and Vetter, A Morphable Model, 1999); models/probe_faces.md says how. They are grey, so that the order of colours
makes no difference and no colour gives a person away, and each person comes before several backgrounds, in several
lights, turned, blurred and mirrored, so that a network that knows pictures but not people is confused.
"""

from functools import cache
from importlib.resources import files

import cv2
import msgspec
import numpy as np

from ... import models
from .model import Array

SIDE = 144  # of a stored face, pixels; the aligned 112x112 crop lies in its middle
CROP = slice(16, 128)
PEOPLE = 8
NO_FACE = -1
_TEXTURES = 8
_GLANCE, _QUICK_PEOPLE, _QUICK_TEXTURES = 6, 5, 4
_SEED = 5

_Y, _X = np.mgrid[:SIDE, :SIDE].astype(np.float32)
_U, _V = (_X - SIDE / 2) / (SIDE / 2), (_Y - SIDE / 2) / (SIDE / 2)


class Pose(msgspec.Struct, frozen=True):
    """How a variant differs: mirrored, scale, turn (degrees), shift, yaw and smile (pixels), blur (sigma, pixels)."""

    mirrored: bool = False
    scale: float = 1.0
    turn: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    yaw: float = 0.0
    smile: float = 0.0
    blur: float = 0.0
    light: tuple[float, float, float] = (0.0, 0.0, 1.0)  # log-gain across, log-gain down, gain


_POSES = (
    Pose(),
    Pose(scale=0.93, turn=-5, shift=(-3, 2), yaw=-4, smile=3, blur=1.2, light=(-0.6, 0.2, 1.1)),
    Pose(mirrored=True, scale=1.05, turn=4, shift=(3, -2), yaw=3, light=(0.6, 0.0, 0.8)),
)


class Probes(msgspec.Struct, frozen=True):
    """Pictures in the order in which they are tried.

    Attributes:
        pictures: uint8, [n, 112, 112], grey; eyes at (38, 52) and (74, 52) as ArcFace aligns them (Deng et al., 2019).
        people: int, [n]: who it is; NO_FACE for textures.
        glance: the first so many are enough to see that nothing is promising, mostly.
        closer: and so many where it seemed so.
    """

    pictures: Array
    people: Array
    glance: int
    closer: int


@cache
def probes() -> Probes:
    """All probe pictures; the same on every machine and in every run."""
    random = np.random.default_rng(_SEED)
    people = [[_variant(face, pose, random) for pose in _POSES] for face in stored_faces()]
    textures = [_texture(kind, random) for kind in range(_TEXTURES)]
    quick = [(who, which) for who in range(_QUICK_PEOPLE) for which in (0, 1)]
    rest = [(who, which) for who in range(PEOPLE) for which in range(len(_POSES)) if (who, which) not in quick]
    pictures = [people[who][which] for who, which in quick] + textures[:_QUICK_TEXTURES]
    pictures += [people[who][which] for who, which in rest] + textures[_QUICK_TEXTURES:]
    labels = [who for who, _ in quick] + [NO_FACE] * _QUICK_TEXTURES + [who for who, _ in rest]
    labels += [NO_FACE] * (_TEXTURES - _QUICK_TEXTURES)
    return Probes(np.stack(pictures)[:, CROP, CROP], np.array(labels), _GLANCE, 2 * _QUICK_PEOPLE + _QUICK_TEXTURES)


def stored_faces() -> list[Array]:
    """The faces that ship: uint8, [144, 144] each."""
    content = np.frombuffer(files(models).joinpath("probe_faces.png").read_bytes(), np.uint8)
    strip = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)
    assert strip is not None  # noqa: S101 - it ships with us
    return [strip[:, left : left + SIDE] for left in range(0, strip.shape[1], SIDE)]


def _variant(face: Array, pose: Pose, random: np.random.Generator) -> Array:
    picture = face[:, ::-1] if pose.mirrored else face
    picture = _move(np.ascontiguousarray(picture, np.float32), pose)
    if pose.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), pose.blur)
    oval = np.exp(-(np.maximum(0, np.hypot((_X - 72) / 40, (_Y - 74) / 54) - 1) ** 2) / 0.02)
    picture = picture * oval + _background(random) * (1 - oval)
    across, down, gain = pose.light
    return _bytes(picture * np.exp(across * _U + down * _V) * gain)


def _move(picture: Array, pose: Pose) -> Array:
    """Scaled, turned and shifted as a whole; the nose moved aside as in a small yaw, the mouth's corners up."""
    cos, sin = np.cos(np.radians(pose.turn)), np.sin(np.radians(pose.turn))
    x, y = _X - SIDE / 2 - pose.shift[0], _Y - SIDE / 2 - pose.shift[1]
    x, y = (x * cos + y * sin) / pose.scale, (y * cos - x * sin) / pose.scale
    x = x + pose.yaw * np.exp(-((x / 40) ** 2) - (y / 60) ** 2)
    y = y - pose.smile * np.exp(-(((np.abs(x) - 16) / 8) ** 2) - ((y - 20) / 8) ** 2)
    across, down = (np.asarray(axis + SIDE / 2, np.float32) for axis in (x, y))
    return cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _background(random: np.random.Generator) -> Array:
    return _noise(random, (8, 16, 48)) * random.uniform(15, 50) + random.uniform(40, 215)


def _texture(kind: int, random: np.random.Generator) -> Array:
    """Noise, stripes, shapes or a chequerboard."""
    if kind % 4 == 0:
        picture = _noise(random, (2, 4, 8, 16, 32))
    elif kind % 4 == 1:
        angle, period = random.uniform(0, np.pi), random.uniform(4, 30)
        picture = np.sin((_X * np.cos(angle) + _Y * np.sin(angle)) * 2 * np.pi / period)
    elif kind % 4 == 2:
        picture = _shapes(random)
    else:
        side = int(random.integers(6, 24))
        picture = ((_X // side + _Y // side) % 2) * 2 - 1 + random.standard_normal((SIDE, SIDE)) * 0.4
    return _bytes((picture - picture.mean()) / picture.std() * 50 + random.uniform(90, 160))


def _noise(random: np.random.Generator, scales: tuple[int, ...]) -> Array:
    """Noise of several scales at once, mean about 0, deviation 1."""
    total = np.zeros((SIDE, SIDE), np.float32)
    for scale in scales:
        coarse = random.standard_normal((SIDE // scale + 1,) * 2).astype(np.float32)
        total += cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return total / total.std()


def _shapes(random: np.random.Generator) -> Array:
    picture = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(25):
        x, y, size = (int(value) for value in random.integers((0, 0, 4), (SIDE, SIDE, 30)))
        value = float(random.standard_normal())
        if random.random() < 0.5:
            cv2.circle(picture, (x, y), size, value, -1)
        else:
            cv2.rectangle(picture, (x, y), (x + size, y + size), value, -1)
    return picture


def _bytes(picture: Array) -> Array:
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)
