"""Draws a scene's world as its camera sees it."""

import math
from statistics import NormalDist
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frame import Image, Size
from .geometry import UNIT, Box, Floats, clip, corners_of, frustum, plane, rotation, slabs, window
from .scenes import SKY, Pose, Scene, Stage
from .textures import Texture


class _Level:
    """One level of detail of a texture: samples, cut-out, and width and height."""

    def __init__(self, image: Image, alpha: Image | None) -> None:
        self.image, self.alpha = image, alpha
        self.size = image.shape[1], image.shape[0]

    def half(self) -> "_Level":
        """The level of half as many samples each way."""
        return _Level(_halve(self.image), None if self.alpha is None else _halve(self.alpha))


def _halve(image: Image) -> Image:
    size = max(1, image.shape[1] // 2), max(1, image.shape[0] // 2)
    return cast(Image, cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def _levels(texture: Texture, colour: bool) -> list[_Level]:
    image = texture.image
    if colour:
        image = np.clip(image[:, :, None] * np.array([*texture.tint, 0]), 0, 255).astype(np.uint8)
    levels = [_Level(image, texture.alpha)]
    while min(levels[-1].size) > 8:
        levels.append(levels[-1].half())
    return levels


class Renderer:
    """Draws a stage as a camera of a given picture size sees it."""

    def __init__(self, scene: Scene, stage: Stage, size: Size, colour: bool, seed: list[int]) -> None:
        self._scene, self._seed, self._size = scene, seed, size
        self._patches = patches = stage.patches
        self._textures = [_levels(texture, colour) for texture in stage.textures]
        self._corners = np.array([corners_of(p.origin, p.u, p.v) for p in patches])
        self._velocity = np.array([p.course.velocity for p in patches])
        self._phase = np.array([p.course.phase for p in patches])
        self._period = np.array([p.course.period for p in patches])
        self._layer = np.array([p.layer for p in patches])
        self._normal = np.array([np.cross(p.u, p.v) for p in patches])
        # Colour has a fourth, idle channel: cv2 warps four channels in half the time of three.
        shape = (size[1], size[0], 4) if colour else (size[1], size[0])
        self._blank = np.full(shape, 215, np.uint8)
        self._mask, self._open = np.zeros(shape[:2], np.uint8), np.zeros(shape[:2], np.uint8)
        self._grain = np.array(
            [round(NormalDist(128, scene.noise).inv_cdf((n + 0.5) / 256)) for n in range(256)], np.uint8
        )
        self._hood = _hood(self._blank, scene.hood, np.random.default_rng([*seed, 3]))

    def picture(self, index: int, t: float, pose: Pose) -> Image:
        """The picture at media time t: shape (height, width) or (height, width, 3) in BGR, uint8."""
        canvas = self._blank.copy()
        self._draw_world(canvas, t, pose)
        if self._hood is not None:
            cv2.copyTo(self._hood[0], self._hood[1], canvas)
        if canvas.ndim == 3:
            canvas = cv2.cvtColor(canvas, cv2.COLOR_BGRA2BGR)
        return self._expose(cv2.GaussianBlur(canvas, (3, 3), 0), index, t)

    def _expose(self, picture: cv2.typing.MatLike, index: int, t: float) -> Image:
        """Gain and sensor noise; drawn as random bytes, which a table of quantiles makes normal."""
        chance = np.random.default_rng([*self._seed, 4, index]).bytes(picture.size)
        grain = cv2.LUT(np.frombuffer(chance, np.uint8).reshape(picture.shape), self._grain)
        gain = 1 + self._scene.exposure * math.sin(math.tau * t / 9)
        return cast(Image, cv2.addWeighted(picture, gain, grain, 1.0, -128.0))

    def _draw_world(self, canvas: Image, t: float, pose: Pose) -> None:
        """From near to far, each patch only where the picture is still open: nothing is drawn twice."""
        self._open[:] = 255
        eye = np.where(self._layer == SKY, 0.0, 1.0)[:, None] * (pose.x, pose.y, pose.z)
        moved = self._velocity * np.mod(t + self._phase, self._period)[:, None]
        corners = self._corners + (moved - eye)[:, None, :]
        seen = corners @ rotation(pose)
        planes = frustum(self._size, pose.zoom)
        inside: NDArray[np.bool] = seen @ planes[:, :3].T + planes[:, 3] >= 0
        faces_us = (corners[:, 0] * self._normal).sum(axis=1) > 0
        visible = np.flatnonzero(inside.any(axis=1).all(axis=-1) & faces_us)
        depth = seen[:, :, 2].mean(axis=1)
        for n in visible[np.lexsort((depth[visible], -self._layer[visible]))]:
            self._draw_patch(canvas, int(n), seen[n], planes[~inside[n].all(axis=0)], t, pose.zoom)

    def _draw_patch(self, canvas: Image, n: int, corners: Floats, cuts: Floats, t: float, zoom: float) -> None:
        patch = self._patches[n]
        step = int(t * 7.2) + n  # four phases of a stride at 1.8 steps a second
        levels = self._textures[patch.texture + step % patch.frames]
        polygon = np.empty((4, 5))
        polygon[:, :2], polygon[:, 2:] = UNIT * patch.repeats, corners
        for cut in cuts:
            polygon = clip(polygon, cut)
        if len(polygon) < 3:
            return
        width, height = self._size
        camera = np.array([[zoom * width, 0, (width - 1) / 2], [0, zoom * width, (height - 1) / 2], [0, 0, 1]])
        for piece in slabs(polygon):
            outline = piece[:, 2:] @ camera.T
            outline = (outline[:, :2] / outline[:, 2:]).astype(np.float32)
            box = self._open_box(outline)
            if not self._mask[box].size:
                continue
            level = _level_for(levels, piece[:, :2], outline)
            wraps = patch.repeats != (1.0, 1.0)
            # Whole repeats are taken off: cv2 keeps texture coordinates in 16 bits.
            shift = np.floor(piece[:, :2].min(axis=0)) if wraps else np.zeros(2)
            self._paste(canvas, box, level, camera @ plane(corners, patch.repeats, level.size, shift), wraps)

    def _open_box(self, outline: NDArray[np.float32]) -> Box:
        """Marks in the mask what is still open within an outline; the rows and columns that hold it."""
        x, y, width, height = cv2.boundingRect(outline)
        left, right = max(x - 1, 0), max(min(x + width + 1, self._size[0]), 0)
        top, bottom = max(y - 1, 0), max(min(y + height + 1, self._size[1]), 0)
        box = slice(top, bottom), slice(left, right)
        mask = self._mask[box]
        if not mask.size:
            return box
        mask[:] = 0
        cv2.fillConvexPoly(mask, np.rint((outline - (left, top)) * 16).astype(np.int32), 255, shift=4)
        cv2.bitwise_and(mask, self._open[box], mask)
        return _shrink(mask, box)

    def _paste(self, canvas: Image, box: Box, level: _Level, homography: Floats, wraps: bool) -> None:
        if level.alpha is not None:
            mask = self._mask[box]
            alpha = cv2.warpPerspective(level.alpha, *window(homography, box), flags=cv2.INTER_NEAREST)
            cv2.bitwise_and(mask, cv2.threshold(alpha, 127, 255, cv2.THRESH_BINARY)[1], mask)
            box = _shrink(mask, box)
        mask, still_open = self._mask[box], self._open[box]
        if not mask.size:
            return
        border = cv2.BORDER_WRAP if wraps else cv2.BORDER_REPLICATE
        drawn = cv2.warpPerspective(level.image, *window(homography, box), flags=cv2.INTER_LINEAR, borderMode=border)
        cv2.copyTo(drawn, mask, canvas[box])
        cv2.subtract(still_open, mask, still_open)


def _shrink(mask: Image, box: Box) -> Box:
    """The rows and columns of a box that hold all of its mask."""
    x, y, width, height = cv2.boundingRect(mask)
    top, left = box[0].start + y, box[1].start + x
    return slice(top, top + height), slice(left, left + width)


def _level_for(levels: list[_Level], texture: Floats, outline: NDArray[np.float32]) -> _Level:
    """The level whose samples are about as dense as the picture's pixels under the piece."""
    samples = cv2.contourArea((texture * levels[0].size).astype(np.float32))
    octave = math.log2(max(samples, 1e-6) / max(cv2.contourArea(outline), 1e-6)) / 2
    return levels[min(max(round(octave), 0), len(levels) - 1)]


def _hood(blank: Image, share: float, rng: np.random.Generator) -> tuple[Image, Image] | None:
    """What a car's bonnet adds to every picture, and where."""
    if not share:
        return None
    height, width = blank.shape[:2]
    image, mask = np.zeros_like(blank), np.zeros((height, width), np.uint8)
    image[:] = np.linspace(150, 40, height)[(slice(None),) + (None,) * (blank.ndim - 1)]
    top, centre = round(height * share), (width // 2, height)
    cv2.ellipse(mask, centre, (width * 3 // 5, top), 0, 180, 360, 255, cv2.FILLED)
    cv2.ellipse(image, centre, (width * 3 // 5, top), 0, 180, 360, (105, 105, 105), max(2, height // 90), cv2.LINE_AA)
    for x in rng.uniform(0.15, 0.85, 14):
        spot = round(x * width), height - round(top * float(rng.uniform(0.1, 0.75)))
        cv2.circle(image, spot, max(1, height // 120), (70, 70, 70), cv2.FILLED)
    for side in (0.32, 0.68):
        cv2.line(image, (round(side * width), height), (width // 2, height - top), (20, 20, 20), max(1, height // 120))
    return image, mask
