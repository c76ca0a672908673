"""The way that the view went over the kept views: how far, about one axis or freely, about one place or off it."""

from typing import Final

import numpy as np

from .blocks import Measures
from .view import SIDE, Matrix, View

# Views that a line, and halves, can be told by.
_LINE: Final = 4
_HALVES: Final = 8


def describe_path(now: View, kept: list[View]) -> Measures:
    """Where the views of one chain lay, seen from now; pixels at the picture's edge.

    `followed` is the seconds that the way is known for, `roam` how far it led. Of the last two seconds, `path` is its
    length, `off_line` and `off_roll` how far it is from that of a camera that turns about one axis, `zooms` how much
    its scale changed. `drift` is how far the first half's middle lies from the second's, `swing` the spread about them.
    """
    past = [view for view in kept if view.chain == now.chain]
    if len(past) < 2:
        return {"followed": 0.0}
    steps = now.pose @ np.linalg.inv(np.array([view.pose for view in past]))
    height, width = now.grey.shape
    centre = np.array((width / 2, height / 2, 1.0))
    shift = steps[:, :2] @ centre - centre[:2]
    turn = np.abs(steps[:, 1, 0]) + np.abs(np.hypot(steps[:, 0, 0], steps[:, 1, 0]) - 1)
    roam = float((np.linalg.norm(shift, axis=1) + SIDE / 2 * turn).max())
    way = {"followed": now.time - past[0].time, "roam": roam}
    return way | _axis(shift[-_HALVES:], steps[-_HALVES:]) | _drift(shift)


def _axis(shift: Matrix, steps: Matrix) -> Measures:
    """Turning about one axis, where the view is on its way says how far it is off a line (a conic) and its roll."""
    if len(shift) < _LINE:
        return {}
    along, across = _turned(np.vstack((shift, (0, 0)))).T
    roll = np.append(np.arctan2(steps[:, 1, 0], steps[:, 0, 0]), 0) * SIDE / 2
    zoom = np.append(np.hypot(steps[:, 0, 0], steps[:, 1, 0]) - 1, 0) * SIDE / 2
    path = float(np.ptp(along))
    place = along / (path + 1e-6)
    off = {"off_line": _misfit(place, across, 2), "off_roll": _misfit(place, roll, 1)}
    return {"path": path, "zooms": float(np.ptp(zoom)), **off}


def _turned(points: Matrix) -> Matrix:
    """Points along and across the direction that they extend in most."""
    return points @ np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2].T


def _misfit(place: Matrix, values: Matrix, degree: int) -> float:
    terms = np.vander(place, degree + 1)
    rest = values - terms @ np.linalg.lstsq(terms, values, rcond=None)[0]
    return float(np.sqrt((rest**2).sum() / (len(values) - degree - 1)))


def _drift(shift: Matrix) -> Measures:
    if len(shift) < _HALVES:
        return {}
    early, late = np.array_split(shift, 2)
    off = early.mean(axis=0) - late.mean(axis=0)
    return {"drift": float(np.linalg.norm(off)), "swing": float(np.sqrt(_variance(early) + _variance(late)))}


def _variance(points: Matrix) -> float:
    return float(points.var(axis=0).sum())
