"""What was learned of mobile and fixed cameras: boosted trees over what the ticks so far have measured.

Gradient boosting (J. Friedman, Greedy Function Approximation, Annals of Statistics 29, 2001) over the mean, the least
and the most of each measure since the beginning, or over the last fifteen seconds, and the same of what the witness
said (D. Wolpert, Stacked Generalization, Neural Networks 5, 1992). They are learned by
`facewarden.models.training.mobility`; here they are a few arrays, and a verdict is a sum of leaves.
"""

import math
from collections import deque
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from ... import models
from ..belief import Mount
from .evidence import Evidence
from .measures import NAMES, Measures, flat
from .view import Matrix

# Ticks that are summed up: fifteen seconds.
WINDOW: Final = 30
# What a tick shows: the measures, the kinds of evidence that they are, and the witness's log-odds.
SHOWN: Final = (*NAMES, *Evidence.__struct_fields__, "witness")
# What the trees ask for, in order.
FEATURES: Final = (*(f"{how}:{name}" for how in ("mean", "least", "most") for name in SHOWN), "ticks")
# Where they ask for what the witness said.
OF_WITNESS: Final = tuple(FEATURES.index(f"{how}:witness") for how in ("mean", "least", "most"))
# How much what it said changes log-odds at most, for a fixed camera and for a mobile one.
AGAINST, TOWARDS = 1.65, 1.65


class Trees(msgspec.Struct, frozen=True):
    """Nodes of all trees, one after the other; a leaf is its own child.

    Attributes:
        features: names of what the nodes ask for.
        roots: the first node of each tree. feature: which of `features` a node asks for. limit: it goes left where that
            is no more. left, right: the next nodes. unmeasured: whether it goes left where that was not measured.
            value: log-odds that are known at the node.
        base: log-odds before the first tree.
    """

    features: tuple[str, ...]
    roots: tuple[int, ...]
    feature: tuple[int, ...]
    limit: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    unmeasured: tuple[bool, ...]
    value: tuple[float, ...]
    base: float


class Learned(msgspec.Struct, frozen=True):
    """All that was learned: trees for a mobile camera against a fixed one, and for each mount against the others.

    `doubt` are the same as `mobile`, learned mostly from views that move behind what stands over them: above 0 a camera
    may not be called fixed, whatever stands.
    """

    mobile: Trees
    doubt: Trees
    mounts: dict[Mount, Trees]


class Opinion(NamedTuple):
    """What the trees make of it: log-odds above 0 for a mobile camera, and what each feature added, by name."""

    log_odds: float
    because: dict[str, float]


class Head:
    """Trees ready to be asked.

    Args:
        trees: what was learned.

    Raises:
        ValueError: they ask for what is not measured.
    """

    def __init__(self, trees: Trees) -> None:
        self._names, self._base = trees.features, trees.base
        self._feature, self._roots = np.array(trees.feature), np.array(trees.roots)
        self._asked = np.array([FEATURES.index(name) for name in trees.features])[self._feature]
        self._limit, self._value = np.array(trees.limit), np.array(trees.value)
        self._left, self._right = np.array(trees.left), np.array(trees.right)
        self._unmeasured = np.array(trees.unmeasured)
        self._depth = _depth(trees)

    def log_odds(self, features: Matrix) -> float:
        """Log-odds by features of shape (len(FEATURES),)."""
        return float(self._value[self._path(features)[-1]].sum() + self._base)

    def bounded(self, features: Matrix) -> float:
        """Log-odds by features, as far as the witness may change them: it undoes no clear motion, nor is it one."""
        heard = self.log_odds(features)
        if math.isnan(features[OF_WITNESS[0]]):
            return heard
        alone = self.log_odds(unheard(features))
        return min(max(heard, alone - AGAINST), alone + TOWARDS)

    def explain(self, features: Matrix, most: int = 3) -> Opinion:
        """Log-odds, and the features that changed them most on the ways down (Saabas, 2014)."""
        path = self._path(features)
        values = self._value[np.array(path)]
        asked = self._feature[np.array(path[:-1], np.intp)]
        added = np.bincount(asked.ravel(), np.diff(values, axis=0).ravel(), minlength=len(self._names))
        order: list[int] = np.argsort(-np.abs(added), kind="stable")[:most].tolist()
        because = {self._names[position]: float(added[position]) for position in order if added[position]}
        return Opinion(float(self._value[path[-1]].sum() + self._base), because)

    def _path(self, features: Matrix) -> list[NDArray[np.intp]]:
        """The nodes on each tree's way down, until all are leaves.

        Every node is asked, whether the way leads there or not: at once that costs less than level by level.
        """
        asked = features.take(self._asked)
        left = (asked <= self._limit) | (np.isnan(asked) & self._unmeasured)
        after = np.where(left, self._left, self._right)
        path = [self._roots]
        for _ in range(self._depth):
            path.append(after[path[-1]])
        return path


def _depth(trees: Trees) -> int:
    """How many nodes the longest way down asks."""
    nodes, depth = set(trees.roots), 0
    while after := {child for node in nodes for child in (trees.left[node], trees.right[node]) if child != node}:
        nodes, depth = after, depth + 1
    return depth


class Window:
    """The last ticks, as the trees ask for them."""

    def __init__(self, ticks: int = WINDOW) -> None:
        self._shown: deque[Matrix] = deque(maxlen=ticks)
        self._said: deque[float] = deque(maxlen=ticks)

    def add(self, measures: Measures, evidence: Evidence, witness: float = math.nan, carried: float = math.nan) -> None:
        """Take in a tick, and what the witness said at it; what it had said until then, where it was not asked."""
        self._shown.append(shown(measures, evidence, witness))
        self._said.append(carried if math.isnan(witness) else witness)

    def clear(self) -> None:
        """Begin again."""
        self._shown.clear()
        self._said.clear()

    def keep(self, ticks: int) -> None:
        """Begin again with the last ticks, and with what the witness said at those that it was asked at."""
        for _ in range(len(self._shown) - ticks):
            self._shown.popleft()
        self._said.clear()
        self._said.extend(float(tick[-1]) for tick in self._shown)

    def features(self) -> Matrix:
        """The features of all ticks kept, shape (len(FEATURES),), NaN where nothing was measured."""
        table = np.array(self._shown)
        table[:, -1] = self._said
        return summary(table)

    def lately(self, ticks: int) -> Matrix:
        """The same of the last ticks alone: nothing that the witness had said before them goes on to count."""
        return summary(list(self._shown)[-ticks:])


def shown(measures: Measures, evidence: Evidence, witness: float = math.nan) -> Matrix:
    """What a tick shows, shape (len(SHOWN),)."""
    return np.concatenate((flat(measures), msgspec.structs.astuple(evidence), (witness,)))


def unheard(features: Matrix) -> Matrix:
    """The same features, shape (..., len(FEATURES)), as if the witness had said nothing."""
    other = features.copy()
    other[..., OF_WITNESS] = math.nan
    return other


def summary(ticks: Sequence[Matrix] | Matrix) -> Matrix:
    """The features of some ticks, at least one, each of shape (len(SHOWN),)."""
    table = np.asarray(ticks)
    measured = ~np.isnan(table)
    counts = np.count_nonzero(measured, axis=0)
    sums = np.where(measured, table, 0.0).sum(axis=0)
    mean = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    # Unlike their nan-namesakes, these two say nothing of what was never measured.
    return np.concatenate((mean, np.fmin.reduce(table), np.fmax.reduce(table), (len(table),)))


@cache
def shipped_trees() -> Learned:
    """The trees in `models/mobility_trees.json`, which `facewarden.models.training.mobility.train` makes."""
    return msgspec.json.decode(files(models).joinpath("mobility_trees.json").read_bytes(), type=Learned)


@cache
def shipped_head() -> Head:
    """What tells a mobile camera from a fixed one."""
    return Head(shipped_trees().mobile)


@cache
def shipped_doubt() -> Head:
    """What tells a camera that stands from a view that moves behind what stands over it."""
    return Head(shipped_trees().doubt)
