"""Whether a face does what a plane cannot: a photograph that is carried, turned or lit anew shows one picture.

Two looks at a face are brought over each other by the best affine map and the best gain and offset of light (B. Lucas
and T. Kanade, An Iterative Image Registration Technique, IJCAI 1981; inverse and with light as in S. Baker and
I. Matthews, Lucas-Kanade 20 Years On, IJCV 56, 2004). What is left then is noise before a photograph; a mouth, a blink
and a nose before a cheek are more.
"""

import math
from collections import deque
from statistics import fmean
from typing import Final, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Image
from .faces import Face

Floats: TypeAlias = NDArray[np.floating]
Box: TypeAlias = tuple[float, float, float, float]

# Pixels of a face's box, both ways, and of what is kept about it; few, so that noise averages out and little is kept.
_FACE: Final = 24
_ABOUT: Final = 6
_SIDE: Final = _FACE + 2 * _ABOUT
# Seconds between two looks that are compared, and how many of the last comparisons count together.
_APART, _GONE = 0.4, 1.3
_TOGETHER: Final = 3
# Steps of the registration, and how far it may lead: a map of the face onto something else explains nothing.
_STEPS: Final = 4
_FARTHEST: Final = 0.5
_BLUR: Final = 0.8
# Pixels that light spreads over by itself in a sharp picture, standard deviation; and how many times smaller a face
# that is in the picture can become: a site's own detector may say anything.
_SMOOTH: Final = 0.5
_SMALLER: Final = 16.0
# Keeps a face without any contrast solvable.
_RIDGE: Final = 1e-2
# Grey levels: what noise and compression leave of any face.
_GREY: Final = 0.5


class Plane:
    """Compares the looks at one face; keeps its close-ups of 36 px for a second."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, Face, Floats]] = deque()
        self._left: deque[float] = deque(maxlen=_TOGETHER)

    def update(self, thumbnail: Image, face: Face | None, time: float) -> float | None:
        """The share of the face's contrast that no moved plane explains: the mean, as a blink is in one alone.

        Args:
            thumbnail: luma, shape (h, w), uint8.
            face: in it; None where there is none, and of another than before after a `forget`.
            time: of it, seconds.
        """
        while self._past and time - self._past[0][0] > _GONE:
            self._past.popleft()
        if face is None:
            return None
        seen = _close_up(thumbnail, face.box)
        before = next((old for at, _, old in reversed(self._past) if time - at >= _APART), None)
        if before is not None:
            self._left.append(unexplained(seen, before))
        self._past.append((time, face, seen))
        return fmean(self._left) if self._left else None

    def forget(self) -> None:
        """What follows is another face."""
        self._past.clear()
        self._left.clear()


def _close_up(luma: Image, box: Box) -> Floats:
    x, y, width, height = box
    across, down = width / _FACE, height / _FACE
    if max(across, down) > 1:  # what a photograph has of detail must not alias, or a pixel of trembling changes it
        sigmas = _sigma(across), _sigma(down)
        rows = _reached(y, height, 3 * sigmas[1], len(luma))
        columns = _reached(x, width, 3 * sigmas[0], luma.shape[1])
        luma = cast(Image, cv2.GaussianBlur(luma[rows, columns], (0, 0), sigmaX=sigmas[0], sigmaY=sigmas[1]))
        x, y = x - columns.start, y - rows.start
    shift = 0.5 - _ABOUT
    matrix = np.array([[across, 0, x + shift * across - 0.5], [0, down, y + shift * down - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(luma, matrix, (_SIDE, _SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return cast(Floats, cv2.GaussianBlur(seen.astype(np.float32), (0, 0), _BLUR))


def _sigma(scale: float) -> float:
    """Of the Gaussian that leaves a picture as smooth as one that is this many times smaller, pixels."""
    return _SMOOTH * math.sqrt(max(min(scale, _SMALLER) ** 2 - 1, 0.04))


def _reached(start: float, length: float, more: float, size: int) -> slice:
    """What a close-up takes in of a picture's side of that size, and some more."""
    more += _ABOUT * length / _FACE + 2
    first = min(max(0, int(start - more)), size - 1)
    return slice(first, max(first + 1, min(size, int(start + length + more) + 1)))


_INNER: Final = slice(_ABOUT, _SIDE - _ABOUT)
_PLACES: Final = np.mgrid[0:_FACE, 0:_FACE].astype(np.float32) - (_FACE - 1) / 2
# A box's corners show what is behind a face.
_ROUND: Final = np.hypot(*_PLACES) <= 0.46 * _FACE


def unexplained(face: Floats, before: Floats) -> float:
    """What is left of `before` once it has been moved over `face`, as a share of that one's contrast."""
    down, across = _slope(face, 0), _slope(face, 1)
    rows, columns = _PLACES
    inner = face[_INNER, _INNER]
    parts = (across * columns, across * rows, across, down * columns, down * rows, down, inner, np.ones_like(inner))
    slopes = np.stack([part[_ROUND] for part in parts], axis=1).astype(np.float64)
    solve = np.linalg.solve(slopes.T @ slopes + _RIDGE * np.eye(8), slopes.T)
    moved, least = np.array([[1.0, 0, 0], [0, 1, 0]]), np.inf
    for _ in range(_STEPS):
        seen = _moved(before, moved)
        found = solve @ seen
        gain = max(float(found[6]), 0.2)
        left = float((seen - slopes @ found).std()) / gain
        least = min(least, left)
        moved = moved - (found[:6] / gain).reshape(2, 3)
        if np.abs(moved[:, :2] - np.eye(2)).max() > _FARTHEST or np.abs(moved[:, 2]).max() > _ABOUT:
            break
    return max(0.0, least - _GREY) / (float(inner[_ROUND].std()) + 1.0)


def _slope(picture: Floats, axis: int) -> Floats:
    return cast(Floats, np.gradient(picture, axis=axis))[_INNER, _INNER]


def _moved(picture: Floats, by: Floats) -> Floats:
    """The inner part of a close-up, seen through a map of places from its middle, where it is round."""
    middle = (_SIDE - 1) / 2
    matrix = by.copy()
    matrix[:, 2] += middle - by[:, :2] @ (middle - _ABOUT, middle - _ABOUT)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(picture, matrix, (_FACE, _FACE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return cast(Floats, seen[_ROUND])
