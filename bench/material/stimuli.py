"""Rendered clips with one property turned up step by step, for the sweeps.

Each starts from a rendered scene of known truth: `fixed` (a lobby with people in it) or `body` (a walking camera).
What the renderer has as a parameter is asked of it; all else is done to its pictures: a pan or a shake is a crop that
moves over larger ones, the foreground is pasted texture that moves, an overlay is pasted texture that stands.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Image, Size
from ...streams.synthetic import SyntheticSource

RATE = 10.0  # pictures a second: as many as the guard looks at
WIDTH, HEIGHT = 320, 180
PIXELS_PER_DEGREE = WIDTH / 60  # a camera that sees 60 degrees across

Clip: TypeAlias = Iterable[tuple[float, Image]]
"""Media time in seconds and luma, shape (height, width), uint8."""
Path: TypeAlias = Callable[[float], tuple[float, float]]
"""Pixels right and down, by time in seconds."""


class Base(NamedTuple):
    """What a stimulus is made from: a scene, the seed of it and of all that is added, and its length."""

    scene: str
    seed: int
    seconds: float

    @property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, 5])


# --- what the renderer can do -----------------------------------------------------------------------------------------


def rate(base: Base, pictures_a_second: float) -> Clip:
    """The scene at another frame rate."""
    return _rendered(base, (WIDTH, HEIGHT), pictures_a_second)


def resolution(base: Base, height: float) -> Clip:
    """The scene at another size (16:9, and 11:9 below 150 lines)."""
    return _rendered(base, (round(height * (16 / 9 if height > 150 else 11 / 9)), round(height)), RATE)


def _rendered(base: Base, size: Size, fps: float) -> Iterator[tuple[float, Image]]:
    source = SyntheticSource(base.scene, seed=base.seed, seconds=base.seconds, fps=fps, size=size)
    return ((frame.media_time, frame.luma) for frame in source)


@lru_cache(maxsize=8)
def _pictures(base: Base, scale: int) -> tuple[tuple[float, Image], ...]:
    return tuple(_rendered(base, (WIDTH * scale, HEIGHT * scale), RATE))


# --- the camera moves -------------------------------------------------------------------------------------------------


def pan(base: Base, degrees_a_second: float) -> Clip:
    """To and fro over 60 degrees at a constant speed, without a rest: the hardest tour of a pan-tilt-zoom camera."""

    def path(t: float) -> tuple[float, float]:
        within = (degrees_a_second * t + 30) % 120
        return PIXELS_PER_DEGREE * (min(within, 120 - within) - 30), 0.0

    return _cropped(base, path)


def shake(base: Base, amplitude: float) -> Clip:
    """Two swings each way, of 0.7 to 3 Hz; `amplitude` in pixels is the most that they add up to on an axis."""
    hertz, phases = base.rng.uniform(0.7, 3, (2, 2)), base.rng.uniform(0, math.tau, (2, 2))

    def path(t: float) -> tuple[float, float]:
        right, down = (amplitude * np.sin(math.tau * hertz * t + phases).mean(axis=1)).tolist()
        return right, down

    return _cropped(base, path)


def _cropped(base: Base, path: Path) -> Clip:
    for t, picture in _pictures(base, 2):
        right, down = path(t)
        yield t, cast(Image, cv2.getRectSubPix(picture, (WIDTH, HEIGHT), (WIDTH - 0.5 + right, HEIGHT - 0.5 + down)))


# --- something is in the way ------------------------------------------------------------------------------------------


def noise(base: Base, deviation: float) -> Clip:
    """Sensor noise on top of the scene's own, standard deviation in grey levels."""
    rng = base.rng
    for t, picture in _pictures(base, 1):
        grain = rng.normal(0, deviation, picture.shape) if deviation else 0
        yield t, np.clip(picture + grain, 0, 255).astype(np.uint8)


def foreground(base: Base, percent: float) -> Clip:
    """Two crowds of blobs, each at its own speed of 20 to 60 px/s, that together cover `percent`.

    Their texture is stronger than the scene's, so that corners are found on them first: the hardest case.
    """
    rng = base.rng
    each = 1 - math.sqrt(1 - percent / 100)  # of two that are independent
    crowds = [(_blobs(rng, each), _texture(rng), _velocity(rng)) for _ in range(2)]
    for t, picture in _pictures(base, 1):
        covered = picture.copy()
        for mask, texture, velocity in crowds:
            here = _moved(mask, velocity * t) > 127
            covered[here] = _moved(texture, velocity * t)[here]
        yield t, covered


def overlay(base: Base, percent: float) -> Clip:
    """Burned-in bands along the top and the bottom, full of edges, that together cover `percent`."""
    texture, rows = _texture(base.rng)[:HEIGHT, :WIDTH], round(HEIGHT * percent / 200)
    for t, picture in _pictures(base, 1):
        covered = picture.copy()
        covered[:rows], covered[HEIGHT - rows :] = texture[:rows], texture[HEIGHT - rows :]
        yield t, covered


def _texture(rng: np.random.Generator) -> Image:
    """Periodic over twice the picture each way, with corners everywhere."""
    return _stretched(_smooth(rng, 2.0))


def _blobs(rng: np.random.Generator, share: float) -> Image:
    """255 on `share` of the plane, in blobs of about a sixth of the picture's width."""
    hills = _smooth(rng, 18.0)
    return ((hills < np.quantile(hills, share)) * np.uint8(255)).astype(np.uint8)


def _smooth(rng: np.random.Generator, sigma: float) -> NDArray[np.float32]:
    """Noise blurred by a Gaussian of `sigma` pixels, periodic: filtered where that is a product."""
    shape = 2 * HEIGHT, 2 * WIDTH
    rows, columns = (np.fft.fftfreq(length) for length in shape)
    filtering = np.exp(-2 * (math.pi * sigma) ** 2 * (rows[:, None] ** 2 + columns[None, :] ** 2))
    return np.fft.ifft2(np.fft.fft2(rng.normal(size=shape)) * filtering).real.astype(np.float32)


def _stretched(plane: NDArray[np.float32]) -> Image:
    return np.clip(128 + 50 * plane / plane.std(), 0, 255).astype(np.uint8)


def _velocity(rng: np.random.Generator) -> NDArray[np.float64]:
    """Pixels a second right and down: mostly sideways, as people and cars go."""
    heading = rng.uniform(-0.4, 0.4) + rng.choice([0, math.pi])
    return rng.uniform(20, 60) * np.array([math.cos(heading), math.sin(heading)])


def _moved(plane: Image, by: NDArray[np.float64]) -> Image:
    """A picture's worth of a periodic plane, carried right and down by `by` pixels."""
    matrix = np.array([[1.0, 0.0, by[0] % plane.shape[1]], [0.0, 1.0, by[1] % plane.shape[0]]])
    return cast(Image, cv2.warpAffine(plane, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_WRAP))
