"""The camera's own steps from picture to picture, from sparse corners.

Corners after J. Shi and C. Tomasi (Good Features to Track, CVPR 1994), followed by pyramidal Lucas-Kanade (J.-Y.
Bouguet, 2000); a similarity is fitted by RANSAC (M. Fischler and R. Bolles, 1981), seeded the same each time by OpenCV.
"""

import cmath
from collections import deque
from typing import Final, cast

import cv2
import numpy as np

from .apart import apart
from .blocks import CELLS, share
from .expansion import expansion
from .measures import Apart, Expansion, Stepped, Tremor
from .similarity import Similarity, complexes
from .view import SIDE, Floats, Mask, Matrix, View, median

_CORNERS: Final = 60
_FEW, _TOO_FEW = 20, 8
_RENEW: Final = 0.45  # seconds between new corners
_INLIER: Final = 0.6  # pixels
_SCALE: Final = 1e3  # and its inverse: steps add up over months, and must not come to nothing
_REMEMBERED: Final = 10  # steps
_TO_BE_SURE: Final = 6


class Steps:
    """Follows corners; speeds are pixels of 160 a second, roll and zoom at the picture's edge."""

    def __init__(self) -> None:
        self.last: View | None = None
        self._corners: Floats | None = None
        self._origins: Floats | None = None
        self._way: tuple[Floats, Floats] | None = None
        self._renewed = 0.0
        self._travels: list[Expansion] = []
        self._parts: list[Apart] = []
        self._past: deque[tuple[float, float, float, float]] = deque(maxlen=_REMEMBERED)

    def update(self, view: View, masked: Mask, *, busy: bool = False) -> Stepped:
        """Follow the camera to the next view, and set that view's pose; unmeasured where it could not be followed.

        On a `busy` picture the corners are not renewed while enough are left.
        """
        measures = Stepped()
        if self.last is not None:
            step, measures = self._step(self.last, view)
            pose = None if step is None else step.after(self.last.pose)
            kept = pose is not None and 1 / _SCALE < abs(pose.turn) < _SCALE
            view.pose = pose if pose is not None and kept else Similarity()
            view.chain = self.last.chain + (not kept)
        self._travelled(view)
        aged = view.time - self._renewed >= _RENEW and not busy
        if self._corners is None or aged or len(self._corners) < _FEW:
            self._keep_way(view)
            self._renew(view, masked)
        self.last = view
        return measures

    def take_ways(self) -> tuple[list[Expansion], list[Apart]]:
        """What the ways of corners have shown since the last time they were taken."""
        taken, self._travels, self._parts = (self._travels, self._parts), [], []
        return taken

    def tremor(self) -> Tremor:
        """How quick and how steady the last second's steps were: nothing before there are enough.

        `pace` is the median speed; `quick_*` the part of the motion that changes from step to step (second
        differences), `*_share` relative to the speed; `growth` the mean change of scale, `zooming` its mean size.
        """
        if len(self._past) < _TO_BE_SURE:
            return Tremor()
        steps = np.array(self._past)
        way = median(steps[:, :2])
        pace = float(np.hypot(*way))
        quick = (steps[2:] - 2 * steps[1:-1] + steps[:-2]) * 0.5
        across = quick[:, :2] @ (np.array((-way[1], way[0])) / (pace + 1e-6))
        x, y, roll, zoom = median(np.abs(quick))
        speed = float(np.hypot(steps[:, 0], steps[:, 1]).mean()) + 1.0
        return Tremor(
            pace=pace,
            quick=float(x + y),
            quick_roll=float(roll),
            across_share=float(median(np.abs(across))) / speed,
            roll_share=float(roll) / speed,
            zoom_share=float(zoom) / speed,
            growth=float(steps[:, 3].mean()),
            zooming=float(np.abs(steps[:, 3]).mean()),
        )

    def _keep_way(self, view: View) -> None:
        """Remember the corners' way since they were found; the next picture, which finds none, has time to read it."""
        if self._corners is not None and self._origins is not None and view.time - self._renewed >= 0.5 * _RENEW:
            origins = self._origins.reshape(-1, 2)
            self._way = origins, self._corners.reshape(-1, 2) - origins

    def _travelled(self, view: View) -> None:
        """What the way of the corners before these says of forward motion, and of what moves as one."""
        way, self._way = self._way, None
        if way is not None:
            self._travels.append(expansion(*way, view.grey.shape))
            self._parts.append(apart(*way, view.grey.shape))

    def _renew(self, view: View, masked: Mask) -> None:
        open_ = None
        if masked.any():
            size = view.grey.shape[::-1]
            open_ = cv2.resize((~masked).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        found = cv2.goodFeaturesToTrack(view.grey, _CORNERS, 0.01, 6, mask=open_, blockSize=3)
        corners = cast(Floats | None, found)
        self._corners = corners if corners is not None and len(corners) >= _TOO_FEW else None
        self._origins = self._corners
        self._renewed = view.time

    def _step(self, last: View, view: View) -> tuple[Similarity | None, Stepped]:
        """The similarity from the last view onto this one, where enough corners agree on it."""
        if self._corners is None:
            return None, Stepped()
        before, after = self._follow(last, view, self._corners)
        followed = len(after) / len(self._corners)
        self._corners = after[:, None] if len(after) >= _TOO_FEW else None
        if self._corners is None:
            return None, Stepped()
        # OpenCV would refine what RANSAC finds by an iteration; a similarity has its least squares in closed form.
        found = cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=_INLIER, maxIters=100, refineIters=0)
        rough, agreed = cast(tuple[Matrix | None, Floats], found)
        if rough is None:
            return None, Stepped()
        inliers = agreed.ravel().astype(np.bool_)
        step = Similarity.fitted(complexes(before[inliers]), complexes(after[inliers]))
        agreeing = share(inliers) * followed
        measures = self._measure(step, after[inliers], view, max(view.time - last.time, 0.02))
        return (step if agreeing > 0.3 else None), measures._replace(agreeing=agreeing)

    def _follow(self, last: View, view: View, corners: Floats) -> tuple[Floats, Floats]:
        criteria = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 8, 0.03)
        tracked = cv2.calcOpticalFlowPyrLK(
            last.grey, view.grey, corners, corners.copy(), winSize=(9, 9), maxLevel=3, criteria=criteria
        )
        moved, found, _ = cast(tuple[Floats, Floats, Floats], tracked)
        points, (height, width) = moved.reshape(-1, 2), view.grey.shape
        good = (found == 1).ravel() & ((points > 1) & (points < (width - 2, height - 2))).all(axis=1)
        self._origins = None if self._origins is None else self._origins[good]
        return corners.reshape(-1, 2)[good], points[good]

    def _measure(self, step: Similarity, agreed: Floats, view: View, seconds: float) -> Stepped:
        height, width = view.grey.shape
        middle = complex(width, height) / 2
        shift = (step.turn * middle + step.shift - middle) / seconds
        roll = cmath.phase(step.turn) * SIDE / 2 / seconds
        zoom = (abs(step.turn) - 1) * SIDE / 2 / seconds
        self._past.append((shift.real, shift.imag, roll, zoom))
        cells = (agreed[:, 1] * CELLS // height) * CELLS + agreed[:, 0] * CELLS // width
        return Stepped(
            agreeing_cells=len(set(cells.tolist())) / CELLS**2, speed=abs(shift), roll=abs(roll), zoom=abs(zoom)
        )
