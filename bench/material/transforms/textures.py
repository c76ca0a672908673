"""What is laid over pictures is made of: noise of a grain, real places, a sensor's noise."""

from typing import TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ....streams.frame import Image
from .pictures import Change, Stage

Floats: TypeAlias = NDArray[np.float32]

_SLACK = 64  # pixels by which a sheet of noise is larger than the picture, each way


def speckle(rng: np.random.Generator, shape: tuple[int, int], grain: float) -> Floats:
    """Noise of mean 0 and deviation 1, blurred by a Gaussian of `grain` pixels; made small where that is coarse."""
    scale = max(1.0, grain / 2)
    small = max(2, round(shape[0] / scale)), max(2, round(shape[1] / scale))
    noise = rng.standard_normal(small, dtype=np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), max(0.3, grain / scale))
    plane = cast(Floats, cv2.resize(blurred, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC))
    return (plane - plane.mean()) / max(float(plane.std()), 1e-6)


def share_of(plane: Floats, share: float) -> NDArray[np.bool_]:
    """Where a plane is highest: true on `share` of it."""
    return plane > np.quantile(plane, 1 - share)


def real(stage: Stage, shape: tuple[int, int] | None = None) -> Image:
    """A still of a real place, with as much contrast and light as a thing near the camera has; of noise without one."""
    rng, shape = stage.rng, shape or stage.shape
    stills = stage.material.stills
    if stills:
        picture = _cut(rng, stills[int(rng.integers(len(stills)))], shape).astype(np.float32)
        picture = (picture - picture.mean()) * rng.uniform(0.5, 1.3)
    else:
        picture = rng.uniform(20, 45) * speckle(rng, shape, rng.uniform(2, 6))
    return np.clip(picture + rng.uniform(50, 130), 0, 255).astype(np.uint8)


def _cut(rng: np.random.Generator, still: Image, shape: tuple[int, int]) -> Image:
    """A part of a still, between half of it and all, mirrored at times, at the size wanted."""
    part = rng.uniform(0.5, 1.0)
    rows, columns = max(2, int(part * still.shape[0])), max(2, int(part * still.shape[1]))
    top, left = rng.integers(0, (still.shape[0] - rows + 1, still.shape[1] - columns + 1)).tolist()
    picture = still[top : top + rows, left : left + columns]
    if rng.random() < 0.5:
        picture = np.ascontiguousarray(picture[:, ::-1])
    return cast(Image, cv2.resize(picture, (shape[1], shape[0]), interpolation=cv2.INTER_AREA))


class Grain:
    """A sensor's noise: another one each time, cut from one larger sheet."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, int], deviation: float) -> None:
        self._rng, self._shape = rng, shape
        sheet = rng.standard_normal((shape[0] + _SLACK, shape[1] + _SLACK), dtype=np.float32)
        self._sheet = np.rint(deviation * sheet).astype(np.int16)

    def on(self, picture: Image) -> Image:
        """The picture with noise added."""
        top, left = self._rng.integers(0, _SLACK, 2).tolist()
        noise = self._sheet[top : top + self._shape[0], left : left + self._shape[1]]
        return cast(Image, cv2.add(picture, noise, dtype=cv2.CV_8U))


def burned_in(layer: Image, alpha: Floats) -> Change:
    """Something that stands in the picture to the last bit: drawn in after the sensor."""
    clear = np.float32(1) - alpha
    return lambda _, picture: cast(Image, cv2.blendLinear(picture, layer, clear, alpha))


def in_front(stage: Stage, layer: Image, alpha: Floats) -> Change:
    """Something that stands before the lens: with the noise of a sensor, lost in a codec in a third of cases."""
    noise = float(stage.rng.choice([0.0, *stage.rng.uniform(0.7, 2.5, 2)]))
    grain, clear = Grain(stage.rng, stage.shape, noise), np.float32(1) - alpha
    return lambda _, picture: cast(Image, cv2.blendLinear(picture, grain.on(layer), clear, alpha))


def softened(mask: NDArray[np.bool_], sigma: float) -> Floats:
    """A mask as transparency, its edge blurred by `sigma` pixels."""
    alpha = mask.astype(np.float32)
    return cast(Floats, cv2.GaussianBlur(alpha, (0, 0), sigma)) if sigma > 0 else alpha
