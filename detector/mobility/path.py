"""The way that the view went over the kept views: how far, about one axis or freely, about one place or off it."""

from typing import Final, cast

import numpy as np

from .blocks import Measures
from .similarity import Complexes
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
    turns, shifts = now.since(past)
    rolls, zooms = np.angle(turns) * SIDE / 2, (np.abs(turns) - 1) * SIDE / 2
    roam = float((np.abs(shifts) + np.abs(turns.imag) * SIDE / 2 + np.abs(zooms)).max())
    way = {"followed": now.time - past[0].time, "roam": roam}
    return way | _axis(shifts[-_HALVES:], rolls[-_HALVES:], zooms[-_HALVES:]) | _drift(shifts)


def _axis(shifts: Complexes, rolls: Matrix, zooms: Matrix) -> Measures:
    """Turning about one axis, where the view is on its way says how far it is off a line (a conic) and its roll."""
    if len(shifts) < _LINE:
        return {}
    shifts, rolls, zooms = (np.append(values, 0) for values in (shifts, rolls, zooms))
    way = _turned(shifts)
    path = _range(way.real)
    # Orthogonal: the first column explains what is constant, two of them a line, all three a conic.
    terms = np.linalg.qr(np.vander(way.real / (path + 1e-6), 3, increasing=True))[0]
    off = {"off_line": _misfit(terms, way.imag), "off_roll": _misfit(terms[:, :2], rolls)}
    return {"path": path, "zooms": _range(zooms), **off}


def _turned(points: Complexes) -> Complexes:
    """Points along (the real part) and across the direction that they extend in most."""
    off = points - points.mean()
    return cast(Complexes, points * np.exp(-0.5j * np.angle((off * off).sum())))


def _range(values: Matrix) -> float:
    return float(values.max() - values.min())


def _misfit(terms: Matrix, values: Matrix) -> float:
    rest = values - terms @ (values @ terms)
    return float(np.sqrt(rest @ rest / (terms.shape[0] - terms.shape[1])))


def _drift(shifts: Complexes) -> Measures:
    if len(shifts) < _HALVES:
        return {}
    early, late = shifts[: (len(shifts) + 1) // 2], shifts[(len(shifts) + 1) // 2 :]
    return {
        "drift": float(abs(early.mean() - late.mean())),
        "swing": float(np.sqrt(early.var() + late.var())),
    }
