"""What stands around the view: a windscreen's frame, a cabin, a hood."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ....streams.frame import Image
from .pictures import Change, Stage, Transform, each
from .textures import burned_in, in_front, real, softened, speckle

Mask = NDArray[np.bool_]

_CORNERS = np.array([(-0.8, -1.0), (0.8, -1.0), (1.0, 1.0), (-1.0, 1.0)])  # of a windscreen, half widths and heights
_OPEN = 0.9  # the share of the picture that those corners enclose


def windscreen(stage: Stage) -> Change:
    """A frame around a windscreen's opening, over 20 to 60 % of the picture."""
    return _before(stage, _outside(stage, float(stage.rng.uniform(0.2, 0.6))))


def cabin(stage: Stage) -> Change:
    """Pillars, roof, dash board and a mirror, over 20 to 60 % of the picture."""
    return _before(stage, _pillars(stage, float(stage.rng.uniform(0.2, 0.6))))


def hood(share: float) -> Transform:
    """A hood with a curved edge over the lower `share` of the picture; the sky is mirrored in it at times."""

    def make(stage: Stage) -> Change:
        mask = _bulge(stage, share)
        still = _before(stage, mask)
        return _mirroring(stage, still, mask) if stage.rng.random() < 0.5 else still

    return each(make)


def banner(share: float) -> Transform:
    """A real picture burned into bands along the top and the bottom, `share` of the picture together."""

    def make(stage: Stage) -> Change:
        rows, upper = stage.shape[0], stage.rng.uniform(0, share)
        mask = np.ones(stage.shape, np.bool_)
        mask[round(rows * upper) : round(rows * (1 - share + upper))] = False
        return burned_in(real(stage), softened(mask, 0))

    return each(make)


def _before(stage: Stage, mask: Mask) -> Change:
    return in_front(stage, _shaded(stage), softened(mask, float(stage.rng.uniform(0.5, 4))))


def _shaded(stage: Stage) -> Image:
    """What a car's inside looks like: a little darker than the view, with a grain and the edges of its parts."""
    rng = stage.rng
    grain = rng.uniform(0, 25) * speckle(rng, stage.shape, rng.uniform(1, 4))
    picture = np.clip(real(stage) * rng.uniform(0.6, 1.0) + grain, 0, 255).astype(np.uint8)
    height, width = stage.shape
    for _ in range(int(stage.rng.integers(6, 20))):
        ends = (stage.rng.random((2, 2)) * (width, height)).astype(int).tolist()
        cv2.line(picture, ends[0], ends[1], int(stage.rng.integers(0, 256)), int(stage.rng.integers(1, 4)), cv2.LINE_AA)
    return picture


def _outside(stage: Stage, share: float) -> Mask:
    height, width = stage.shape
    size = np.sqrt((1 - share) / _OPEN)
    room = max(0.0, 1 - size)
    middle = 0.5 + 0.5 * room * stage.rng.uniform(-1, 1, 2)
    corners = (middle + 0.5 * size * _CORNERS) * (width, height)
    hole = np.zeros(stage.shape, np.uint8)
    cv2.fillPoly(hole, [np.rint(corners).astype(np.int32)], 1)
    return hole == 0


def _pillars(stage: Stage, share: float) -> Mask:
    """Bands at the four sides in drawn proportions, leaning, as wide as it takes to cover the share."""
    sides = stage.rng.dirichlet((2, 2, 1, 4))  # left, right, top, bottom
    lean = stage.rng.uniform(-0.4, 0.4, 2)
    y, x = np.mgrid[0 : stage.shape[0], 0 : stage.shape[1]].astype(np.float32)
    y, x = y / stage.shape[0], x / stage.shape[1]
    mirror = ((x - stage.rng.uniform(0.3, 0.7)) / 0.12) ** 2 + ((y - 0.08) / 0.07) ** 2 < 1
    near = np.minimum.reduce(
        [
            (x + lean[0] * (y - 0.5) * sides[0]) / sides[0],
            (1 - x + lean[1] * (y - 0.5) * sides[1]) / sides[1],
            y / sides[2],
            (1 - y) / sides[3],
        ]
    )
    near[mirror] = near.min()
    return near <= np.quantile(near, share)


def _bulge(stage: Stage, share: float) -> Mask:
    """The lower share of the picture, under an edge that is highest near the middle."""
    x = np.linspace(-1, 1, stage.shape[1]) - stage.rng.uniform(-0.3, 0.3)
    y = np.linspace(0, 1, stage.shape[0])[:, None]
    height = y - stage.rng.uniform(0.02, 0.15) * x * x
    return height >= np.quantile(height, 1 - share)


def _mirroring(stage: Stage, still: Change, mask: Mask) -> Change:
    """The hood with the view above it mirrored faintly in its paint."""
    alpha = softened(mask, 1.0) * np.float32(stage.rng.uniform(0.05, 0.3))
    clear = np.float32(1) - alpha

    def change(time: float, picture: Image) -> Image:
        mirrored = cv2.blur(cv2.flip(picture, 0), (9, 9))
        return np.asarray(cv2.blendLinear(still(time, picture), mirrored, clear, alpha), np.uint8)

    return change
