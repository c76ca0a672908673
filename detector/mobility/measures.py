"""What a meter measures in half a second: every number by its name, grouped by what it was measured on.

A number that could not be measured is NaN; so a misspelt name is an error and not a zero. `NAMES` is the one list of
them all, in the order in which `flat` hands them to the head that was learned.
"""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple, TypeVar

import numpy as np

from .view import Matrix

NONE: Final = math.nan


class Compared(NamedTuple):
    """Two views block by block, as shares 0..1; `blocks.describe` says how each is counted.

    Attributes:
        still: textured blocks that did not move. near: those that look alike without moving. exact: of the blocks
            followed, those that are where they were. faint: cells of plain wall that still correlate.
        cover: cells that held; middle: of the two middle rows; rim: of the upper border; core: of the middle and below.
        sides: how far the held cells reach both ways. cells: cells that have texture.
        gone: textured cells where all moved or went; middle_gone, rim_gone, core_gone: of those parts.
    """

    still: float = NONE
    near: float = NONE
    exact: float = NONE
    faint: float = NONE
    cover: float = NONE
    middle: float = NONE
    rim: float = NONE
    core: float = NONE
    sides: float = NONE
    cells: float = NONE
    gone: float = NONE
    middle_gone: float = NONE
    rim_gone: float = NONE
    core_gone: float = NONE


class Stepped(NamedTuple):
    """The camera's steps from picture to picture, pixels of 160 a second; roll and zoom at the picture's edge.

    `agreeing` is the share of corners that the step explains, `agreeing_cells` the share of cells that have such.
    """

    agreeing: float = NONE
    agreeing_cells: float = NONE
    speed: float = NONE
    roll: float = NONE
    zoom: float = NONE


class Expansion(NamedTuple):
    """Motion out of one point over half a second; `expansion.expansion` says what each is."""

    outward: float = NONE
    astir: float = NONE
    depth: float = NONE


class Apart(NamedTuple):
    """Corners that stood and corners that moved over half a second; `apart.apart` says what each is."""

    standing: float = NONE
    standing_cells: float = NONE
    moving: float = NONE
    one: float = NONE
    one_cells: float = NONE
    one_rim: float = NONE
    mixed: float = NONE
    bent: float = NONE
    distance: float = NONE


class Tremor(NamedTuple):
    """How quick and how steady the last second's steps were; `Steps.tremor` says what each is."""

    pace: float = NONE
    quick: float = NONE
    quick_roll: float = NONE
    across_share: float = NONE
    roll_share: float = NONE
    zoom_share: float = NONE
    growth: float = NONE
    zooming: float = NONE


class Way(NamedTuple):
    """Where the view went over the last seconds; `path.describe_path` says what each is."""

    followed: float = NONE
    roam: float = NONE
    path: float = NONE
    zooms: float = NONE
    off_line: float = NONE
    off_roll: float = NONE
    drift: float = NONE
    swing: float = NONE


class Kept(NamedTuple):
    """What has stood since the beginning, as shares 0..1; `kept.Keeping` says how each is counted."""

    blocks: float = NONE
    cells: float = NONE
    rim: float = NONE
    core: float = NONE
    left: float = NONE
    sides: float = NONE


class Layered(NamedTuple):
    """What stands and what changes at one place, over two seconds; `layers.Layers` says how each is counted."""

    pure: float = NONE
    mixed: float = NONE
    gone: float = NONE
    pure_cells: float = NONE
    pure_rim: float = NONE
    pure_core: float = NONE
    avoids: float = NONE
    quiet: float = NONE
    around: float = NONE
    around_least: float = NONE
    whole: float = NONE
    broken: float = NONE


class Picture(NamedTuple):
    """The picture: its noise in grey levels^2, its mean and spread in grey levels, the share masked as overlay."""

    noise: float = NONE
    brightness: float = NONE
    contrast: float = NONE
    masked: float = NONE


class Measures(NamedTuple):
    """The means over one tick. Attributes are named after what was compared.

    `short` is with the view of half a second ago, `long` with one of up to four; `aligned` and `aligned_long` with
    those brought to where the camera is now; `revisited` with an older one that the camera has come back to; `mean` are
    the averages of two seconds.
    """

    short: Compared = Compared()
    long: Compared = Compared()
    aligned: Compared = Compared()
    aligned_long: Compared = Compared()
    revisited: Compared = Compared()
    mean: Compared = Compared()
    step: Stepped = Stepped()
    forward: Expansion = Expansion()
    apart: Apart = Apart()
    tremor: Tremor = Tremor()
    way: Way = Way()
    kept: Kept = Kept()
    picture: Picture = Picture()
    layered: Layered = Layered()
    behind: Apart = Apart()
    behind_forward: Expansion = Expansion()


NAMES: Final = tuple(f"{group}.{name}" for group, kind in Measures()._asdict().items() for name in kind._fields)

_Kind = TypeVar("_Kind", Compared, Stepped, Expansion, Apart)


def flat(measures: Measures) -> Matrix:
    """All numbers in the order of `NAMES`, shape (n,), float64, NaN where not measured."""
    return np.array([number for group in measures for number in group])


def mean_of(kind: type[_Kind], some: Iterable[_Kind]) -> _Kind:
    """The mean of each number over those in which it was measured."""
    table = np.array([tuple(one) for one in some]).reshape(-1, len(kind._fields))
    measured = ~np.isnan(table)
    counts = np.count_nonzero(measured, axis=0)
    sums = np.where(measured, table, 0.0).sum(axis=0)
    return kind(*np.where(counts > 0, sums / np.maximum(counts, 1), NONE).tolist())
