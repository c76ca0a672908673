"""The way that the view went over the kept views: how far, about one axis or freely, about one place or off it."""

import cmath
import math
from typing import Final

import numpy as np

from .measures import Way
from .similarity import Complexes
from .view import SIDE, Matrix, View

# Views that a line, and halves, can be told by.
_LINE: Final = 4
_HALVES: Final = 8


def describe_path(now: View, kept: list[View]) -> Way:
    """Where the views of one chain lay, seen from now; pixels at the picture's edge.

    `followed` is the seconds that the way is known for, `roam` how far it led. Of the last two seconds, `path` is its
    length, `off_line` and `off_roll` how far it is from that of a camera that turns about one axis, `zooms` how much
    its scale changed. `drift` is how far the first half's middle lies from the second's, `swing` the spread about them.
    """
    past = [view for view in kept if view.chain == now.chain]
    if len(past) < 2:
        return Way(followed=0.0)
    turns, shifts = now.since(past)
    rolls, zooms = np.arctan2(turns.imag, turns.real) * (SIDE / 2), (np.abs(turns) - 1) * (SIDE / 2)
    roam = float((np.abs(shifts) + np.abs(turns.imag) * SIDE / 2 + np.abs(zooms)).max())
    way = Way(followed=now.time - past[0].time, roam=roam)
    way = _axis(way, shifts[-_HALVES:], rolls[-_HALVES:], zooms[-_HALVES:])
    return _drift(way, shifts)


def _axis(way: Way, shifts: Complexes, rolls: Matrix, zooms: Matrix) -> Way:
    """Turning about one axis, where the view is on its way says how far it is off a line (a conic) and its roll."""
    if len(shifts) < _LINE:
        return way
    # The view now is on the way too.
    points, rolls, zooms = _turned(np.append(shifts, 0)), np.append(rolls, 0), np.append(zooms, 0)
    path = _range(points.real)
    place = points.real / (path + 1e-6)
    terms: list[Matrix] = []
    for power in (np.ones_like(place), place, place * place):
        terms.append(_rest(power, terms))
    off_line, off_roll = _misfit(points.imag, terms), _misfit(rolls, terms[:2])
    return way._replace(path=path, zooms=_range(zooms), off_line=off_line, off_roll=off_roll)


def _turned(points: Complexes) -> Complexes:
    """Points along (the real part) and across the direction that they extend in most."""
    off = points - points.mean()
    return points * cmath.exp(-0.5j * cmath.phase(complex(off @ off)))


def _range(values: Matrix) -> float:
    return float(values.max() - values.min())


def _rest(values: Matrix, terms: list[Matrix]) -> Matrix:
    """What terms that are orthogonal leave of values (Gram and Schmidt); all of shape (n,)."""
    for term in terms:
        values = values - term * (float(term @ values) / (float(term @ term) + 1e-12))
    return values


def _misfit(values: Matrix, terms: list[Matrix]) -> float:
    rest = _rest(values, terms)
    return math.sqrt(float(rest @ rest) / (len(rest) - len(terms)))


def _drift(way: Way, shifts: Complexes) -> Way:
    if len(shifts) < _HALVES:
        return way
    (early, swing), (late, sway) = (_spread(half) for half in np.array_split(shifts, 2))
    return way._replace(drift=abs(early - late), swing=math.sqrt(swing + sway))


def _spread(points: Complexes) -> tuple[complex, float]:
    """Their mean, and their mean squared distance from it."""
    middle = complex(points.mean())
    off = points - middle
    return middle, float(np.vdot(off, off).real) / len(off)
