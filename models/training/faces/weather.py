"""What lies between a face and a recording of it: masks and glasses, blur, light, noise and compression."""

from typing import TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ....streams.frame import Image

Array: TypeAlias = NDArray[np.floating]


def covered(luma: Image, points: Array, rng: np.random.Generator) -> None:
    """Draw masks over some mouths and dark glasses over some eyes, in place; `points` has shape (faces, 5, 2)."""
    for face in points:
        what = rng.random()
        if np.isnan(face).any() or what > 0.28:
            continue
        eyes, mouth = face[:2].mean(axis=0), face[3:].mean(axis=0)
        across, down = face[1] - face[0], mouth - eyes
        if what < 0.2:
            _mask(luma, face[2], (eyes, mouth), (across, down), rng)
        else:
            _glasses(luma, face, across, rng)


def _mask(
    luma: Image, nose: Array, middle: tuple[Array, Array], axes: tuple[Array, Array], rng: np.random.Generator
) -> None:
    (eyes, mouth), (across, down) = middle, axes
    wide, chin, high = rng.uniform(0.65, 0.95), rng.uniform(0.5, 0.9), rng.uniform(0.2, 0.6)
    outline = [
        eyes + (nose - eyes) * high,
        eyes + across * wide + down * rng.uniform(0.4, 0.7),
        mouth + across * wide * 0.8 + down * 0.3,
        mouth + across * 0.3 + down * chin,
        mouth - across * 0.3 + down * chin,
        mouth - across * wide * 0.8 + down * 0.3,
        eyes - across * wide + down * rng.uniform(0.4, 0.7),
    ]
    shape = np.round(np.array(outline)).astype(np.int32)
    cloth = np.zeros_like(luma)
    cv2.fillPoly(cloth, [shape], (255,))
    tone = rng.integers(20, 256) * 0.8 + 0.2 * luma.astype(np.float32)  # some of the face's relief shows through
    luma[:] = np.where(cloth > 0, tone, luma).astype(np.uint8)


def _glasses(luma: Image, face: Array, across: Array, rng: np.random.Generator) -> None:
    apart = float(np.hypot(*across))
    tone = (int(rng.integers(0, 70)),)
    radius = max(1, round(apart * float(rng.uniform(0.25, 0.42))))
    for x, y in face[:2]:
        cv2.circle(luma, (round(float(x)), round(float(y))), radius, tone, -1)


def weathered(luma: Image, rng: np.random.Generator) -> Image:
    """Blur, light, noise and compression, each in some of the samples."""
    return _compressed(_noisy(_lit(_blurred(luma, rng), rng), rng), rng)


def _blurred(luma: Image, rng: np.random.Generator) -> Image:
    kind = rng.random()
    if kind < 0.15:
        return cast(Image, cv2.GaussianBlur(luma, (0, 0), float(rng.uniform(0.4, 1.3))))
    if kind < 0.2:
        length, angle = int(rng.integers(3, 8)), rng.uniform(0, np.pi)
        kernel, middle = np.zeros((length, length), np.float32), (length - 1) / 2
        reach = np.array((np.cos(angle), np.sin(angle))) * middle
        start, end = (tuple(int(v) for v in np.round(middle + sign * reach)) for sign in (-1, 1))
        cv2.line(kernel, start, end, (1.0,))
        return cast(Image, cv2.filter2D(luma, -1, kernel / kernel.sum()))
    return luma


def _lit(luma: Image, rng: np.random.Generator) -> Array:
    light = (luma / np.float32(255)) ** np.float32(np.exp(rng.normal(0, 0.3)))
    kind = rng.random()
    if kind < 0.08:  # night
        light *= np.float32(rng.uniform(0.15, 0.5))
    elif kind < 0.16:  # washed out
        light = light * np.float32(rng.uniform(0.3, 0.7)) + np.float32(rng.uniform(0.1, 0.5))
    else:
        light = (light - np.float32(0.5)) * np.float32(np.exp(rng.normal(0, 0.2))) + np.float32(rng.normal(0.5, 0.08))
    if rng.random() < 0.15:  # lit from one side
        side = np.linspace(rng.uniform(0.3, 1), rng.uniform(0.7, 1.3), luma.shape[1], dtype=np.float32)
        light *= side if rng.random() < 0.7 else side[:, None]
    return light * np.float32(255)


def _noisy(light: Array, rng: np.random.Generator) -> Image:
    if rng.random() < 0.3:
        light = light + rng.standard_normal(light.shape, np.float32) * np.float32(rng.uniform(1, 8))
    return np.clip(light, 0, 255).astype(np.uint8)


def _compressed(luma: Image, rng: np.random.Generator) -> Image:
    if rng.random() >= 0.3:
        return luma
    _, data = cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 85))])
    return cast(Image, cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))
