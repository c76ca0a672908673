# pyright: basic
"""What stands or moves before a view, as transparency: shape (height, width) of a look, 0 to 1."""

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np

from .....detector.mobility.witness import SIZE

_WIDTH, _HEIGHT = SIZE
_FINE: Final = 4  # times as many pixels each way while something is drawn
_LETTERS: Final = list("ABCDEFGHIKLMNOPRSTUVWXYZ abcdefghiklmnoprstuvwxyz0123456789:.-/%#")
_FONTS: Final = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
)
Rng = np.random.Generator
Plane = np.ndarray


def _sheet(value: int = 0) -> Plane:
    return np.full((_HEIGHT * _FINE, _WIDTH * _FINE), value, np.uint8)


def _small(sheet: Plane, blur: float = 0.0) -> Plane:
    return _soft(cv2.resize(sheet, SIZE, interpolation=cv2.INTER_AREA).astype(np.float32) / 255, blur)


def _soft(mask: Plane, blur: float) -> Plane:
    mask = mask.astype(np.float32)
    return cv2.GaussianBlur(mask, (0, 0), blur) if blur > 0.2 else mask


def _speckle(rng: Rng, grain: float) -> Plane:
    noise = cv2.GaussianBlur(rng.standard_normal((_HEIGHT, _WIDTH)).astype(np.float32), (0, 0), max(0.3, grain))
    return (noise - noise.mean()) / max(noise.std(), 1e-6)


def _at(rng: Rng, low: float = 0.0, high: float = 1.0) -> tuple[int, int]:
    return int(rng.uniform(low, high) * _WIDTH * _FINE), int(rng.uniform(low, high) * _HEIGHT * _FINE)


def _grid() -> tuple[Plane, Plane]:
    y, x = np.mgrid[0 : 1 : _HEIGHT * 1j, 0 : 1 : _WIDTH * 1j]
    return y, x


def _words(rng: Rng, count: int, low: float = 0.0, high: float = 1.0) -> tuple[Plane, Plane]:
    """Ink, and ink with a rim."""
    ink, rim = _sheet(), _sheet()
    for _ in range(count):
        text, size = "".join(rng.choice(_LETTERS, rng.integers(3, 26))), rng.uniform(0.25, 1.1)
        at = _at(rng, -0.05, 0.85)[0], int(rng.uniform(low + 0.03, high) * _HEIGHT * _FINE)
        font = _FONTS[rng.integers(len(_FONTS))]
        for plane, thick in ((rim, 3), (ink, 1)):
            cv2.putText(plane, text, at, font, size, (255,), thick, cv2.LINE_AA)
    return ink, rim


def display(rng: Rng) -> Plane:
    """Words, rings, boxes, ladders and lines spread over the view."""
    ink, rim = _words(rng, int(rng.integers(2, 30)))
    for _ in range(rng.integers(0, 14)):
        _draw(rng, ink, rim)
    return (_small(rim) if rng.random() < 0.5 else _small(ink)) * rng.uniform(0.5, 1)


def _draw(rng: Rng, ink: Plane, rim: Plane) -> None:
    (x, y), long, thick = _at(rng), int(rng.uniform(8, 140)), int(rng.integers(1, 4))
    kind, rungs, lean = rng.integers(4), rng.integers(1, 7), rng.uniform(-long, long, 2).astype(int).tolist()
    for plane, width in ((rim, thick + 2), (ink, thick)):
        if kind == 0:
            cv2.circle(plane, (x, y), long // 2, (255,), width, cv2.LINE_AA)
        elif kind == 1:
            cv2.rectangle(plane, (x, y), (x + long, y + long // 2), (255,), width)
        elif kind == 2:
            for rung in range(rungs):
                ends = (x - long // 2, y + rung * 12), (x + long // 2, y + rung * 12)
                cv2.line(plane, *ends, (255,), width, cv2.LINE_AA)
        else:
            cv2.line(plane, (x, y), (x + lean[0], y + lean[1]), (255,), width, cv2.LINE_AA)


def captions(rng: Rng) -> Plane:
    """A box full of lines."""
    high = rng.uniform(0.1, 0.45)
    top = rng.choice([0, 1 - high, rng.uniform(0, 1 - high)])
    ink, _ = _words(rng, int(rng.integers(3, 22)), top, top + high)
    left, right = (0, _WIDTH) if rng.random() < 0.6 else sorted(rng.integers(0, _WIDTH, 2).tolist())
    box = np.zeros((_HEIGHT, _WIDTH), np.float32)
    box[int(top * _HEIGHT) : int((top + high) * _HEIGHT), left:right] = rng.uniform(0.3, 1)
    return np.maximum(_small(ink), box)


def mesh(rng: Rng) -> Plane:
    """Wires one way or both, bent."""
    y, x = np.mgrid[0 : _HEIGHT * _FINE, 0 : _WIDTH * _FINE].astype(np.float32)
    apart, turn = rng.uniform(0.025, 0.14) * _WIDTH * _FINE, rng.choice([0, 0.785]) + rng.normal(0, 0.12)
    thick = rng.uniform(0.06, 0.35) * apart
    bend = rng.uniform(0, apart / 6) * cv2.resize(_speckle(rng, 10), (_WIDTH * _FINE, _HEIGHT * _FINE))
    wires = (x * np.cos(turn) + y * np.sin(turn) + bend) % apart < thick
    if rng.random() < 0.67:
        wires |= (y * np.cos(turn) - x * np.sin(turn) + bend) % apart < thick
    return _small(wires.astype(np.uint8) * 255, rng.uniform(0, 1.2))


def opening(rng: Rng) -> Plane:
    """Everything but a windscreen, a ring, a box or a few of them."""
    size = np.sqrt(1 - rng.uniform(0.15, 0.75))
    middle, sheet, kind = 0.5 + 0.5 * (1 - size) * rng.uniform(-1, 1, 2), _sheet(255), rng.integers(4)
    whole = np.array([_WIDTH * _FINE, _HEIGHT * _FINE])
    if kind == 0:
        corners = np.array([(-0.8, -1), (0.8, -1), (1, 1), (-1, 1)]) + rng.normal(0, 0.05, (4, 2))
        cv2.fillPoly(sheet, [np.rint((middle + 0.5 * size * corners) * whole).astype(np.int32)], (0,))
    elif kind == 1:
        axes = (0.55 * size * whole).astype(int).tolist()
        cv2.ellipse(sheet, (middle * whole).astype(int).tolist(), axes, 0, 0, 360, (0,), cv2.FILLED)
    else:
        for _ in range(1 if kind == 2 else int(rng.integers(1, 4))):
            half = 0.5 * size if kind == 2 else rng.uniform(0.08, 0.3, 2)
            first, last = ((middle - half) * whole).astype(int).tolist(), ((middle + half) * whole).astype(int).tolist()
            cv2.rectangle(sheet, first, last, (0,), cv2.FILLED)
            middle = rng.uniform(0.1, 0.9, 2)
    return _small(sheet, rng.uniform(0, 1.2))


def pillars(rng: Rng) -> Plane:
    """A cabin's pillars, roof, board and mirror."""
    sides, lean, (y, x) = rng.dirichlet((2, 2, 1, 4)), rng.uniform(-0.5, 0.5, 2), _grid()
    left, right = x + lean[0] * (y - 0.5) * sides[0], 1 - x + lean[1] * (y - 0.5) * sides[1]
    near = np.minimum.reduce([left / sides[0], right / sides[1], y / sides[2], (1 - y) / sides[3]])
    mirror = ((x - rng.uniform(0.2, 0.8)) / 0.12) ** 2 + ((y - 0.08) / 0.07) ** 2 < 1
    near = np.where(mirror, near.min(), near)
    return _soft(near <= np.quantile(near, rng.uniform(0.15, 0.65)), rng.uniform(0.2, 1.5))


def hood(rng: Rng) -> Plane:
    """The lower part, under a bulge."""
    y, x = _grid()
    height = y - rng.uniform(-0.02, 0.2) * (2 * x - 1 - rng.uniform(-0.4, 0.4)) ** 2
    return _soft(height >= np.quantile(height, 1 - rng.uniform(0.08, 0.55)), rng.uniform(0, 1.5))


def bands(rng: Rng) -> Plane:
    """Two bands, along two sides."""
    y, x = _grid()
    along, share = (x if rng.random() < 0.25 else y), rng.uniform(0.1, 0.6)
    first = rng.uniform(0, share)
    return ((along < first) | (along >= 1 - share + first)).astype(np.float32)


def haze(rng: Rng) -> Plane:
    """Dirty glass: spots, smears and a veil."""
    spots = np.maximum(0, _speckle(rng, rng.uniform(0.5, 3)) - rng.uniform(0.3, 1.5))
    smears = np.maximum(0, _speckle(rng, rng.uniform(5, 14)))
    veil = rng.uniform(0.02, 0.35) + rng.uniform(0.1, 0.7) * spots + rng.uniform(0, 0.2) * smears
    return np.clip(veil, 0, 0.93)


def within(rng: Rng) -> Plane:
    """A box."""
    share, shape = rng.uniform(0.15, 0.65), rng.uniform(0.6, 1.6)
    wide = min(0.95, np.sqrt(share * shape))
    high = min(0.95, share / wide)
    (y, x), left, top = _grid(), rng.uniform(0, 1 - wide), rng.uniform(0, 1 - high)
    return ((x >= left) & (x < left + wide) & (y >= top) & (y < top + high)).astype(np.float32)


def drops(rng: Rng) -> Plane:
    """Drops of mixed sizes."""
    sheet, share, largest, covered = _sheet(), rng.uniform(0.08, 0.6), rng.uniform(0.015, 0.09), 0.0
    while covered < share * sheet.size:
        radius = max(3.0, _WIDTH * _FINE * largest * rng.uniform(0.2, 1))
        cv2.circle(sheet, _at(rng), int(radius), (255,), cv2.FILLED, cv2.LINE_AA)
        covered += np.pi * radius * radius
    return _small(sheet, rng.uniform(0, 0.8))


def corners(rng: Rng) -> Plane:
    """A lens that is dark towards the corners."""
    y, x = _grid()
    return np.clip(rng.uniform(0.3, 1.5) * (2 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)) ** rng.uniform(1, 3), 0, 1)


def people(rng: Rng) -> Plane:
    """One to four, head and shoulders."""
    sheet = _sheet()
    for _ in range(rng.integers(1, 5)):
        tall, foot = rng.uniform(0.25, 1.1) * _HEIGHT * _FINE, int(rng.uniform(0.6, 1.3) * _HEIGHT * _FINE)
        x, wide = _at(rng)[0], tall * rng.uniform(0.3, 0.7)
        cv2.ellipse(sheet, (x, foot), (int(wide / 2), int(0.8 * tall)), 0, 180, 360, (255,), cv2.FILLED)
        cv2.circle(sheet, (x, foot - int(0.86 * tall)), max(2, int(0.13 * tall)), (255,), cv2.FILLED)
    return _small(sheet, rng.uniform(0, 0.8))


def things(rng: Rng) -> Plane:
    """Blobs."""
    sheet = _sheet()
    for _ in range(rng.integers(1, 9)):
        axes = (rng.uniform(0.02, 0.2, 2) * _WIDTH * _FINE).astype(int).tolist()
        cv2.ellipse(sheet, _at(rng), axes, rng.uniform(0, 180), 0, 360, (255,), cv2.FILLED)
    return _small(sheet, rng.uniform(0, 1))


def leaves(rng: Rng) -> Plane:
    """Foliage, towards a corner."""
    (y, x), lean = _grid(), rng.uniform(-3, 3, 2)
    clumps = _speckle(rng, rng.uniform(1, 5)) + lean[0] * (x - 0.5) + lean[1] * (y - 0.5)
    return _soft(clumps > np.quantile(clumps, 1 - rng.uniform(0.15, 0.7)), rng.uniform(0.2, 1))


def sitter(rng: Rng) -> Plane:
    """One who sits before the camera."""
    sheet, tall = _sheet(), rng.uniform(0.6, 1.5) * _HEIGHT * _FINE
    x, foot = int(rng.uniform(0.25, 0.75) * _WIDTH * _FINE), int(rng.uniform(1, 1.4) * _HEIGHT * _FINE)
    shoulders = int(tall * rng.uniform(0.25, 0.55)), int(0.6 * tall)
    cv2.ellipse(sheet, (x, foot), shoulders, 0, 180, 360, (255,), cv2.FILLED)
    head = int(0.17 * tall), int(0.24 * tall)
    cv2.ellipse(sheet, (x, foot - int(0.7 * tall)), head, 0, 0, 360, (255,), cv2.FILLED)
    return _small(sheet, rng.uniform(0.2, 1))


STANDING: Final = (
    *(display, display, captions, captions, mesh, mesh, opening, pillars),
    *(hood, bands, haze, haze, within, drops, corners),
)
MOVING: Final = (people, people, things, leaves, sitter, sitter)


def drawn(kinds: Sequence[Callable[[Rng], Plane]], count: int, seed: int) -> Plane:
    """So many of these kinds by turns, shape (count, height, width), uint8."""
    rng = np.random.default_rng(seed)
    return np.array([np.clip(255 * kinds[n % len(kinds)](rng), 0, 255) for n in range(count)]).astype(np.uint8)
