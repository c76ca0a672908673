"""What vectors show of the pictures they were made from: do they tell people apart?

Genuine pairs are two pictures of one person, impostor pairs two of different people (ISO/IEC 19795-1). A network that
recognises faces puts genuine pairs above impostor pairs whatever light and background do; one that was trained for
anything else does not. Most are trained to be compared by angle, some by distance: whichever tells more is taken.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from .model import Array
from .probes import NO_FACE

_TINY = 1e-9
_AUC, _SEPARATION = 0.95, 2.5  # networks for age come to 0.94 and 2.2, others to 0.8 and 1.2; recognisers to 0.99 and 4
_AUC_HINT, _SEPARATION_HINT = 0.85, 1.3
_AUC_WEAK, _SEPARATION_WEAK = 0.9, 1.6
_AUC_EVEN, _SEPARATION_EVEN = 0.75, 1.0  # each value on one scale: maps of what is no recogniser stay below 0.7 and 0.8
_CLEAR_SEPARATION = 3.5
_ALIKE = 0.95  # mean cosine from which all is nearly the same
_WIDE, _WIDEST = 64, 4096  # values of what may be a template
FEWEST = 8  # values; as many as the least that a vector needs to hold an identity
_UNIT = 0.02


class Signs(msgspec.Struct, frozen=True):
    """Measures of one output or internal vector over the probe pictures.

    Attributes:
        width: values in the vector.
        auc: chance that a genuine pair is more alike than an impostor pair, 0 to 1.
        separation: d', distance of the two means in pooled standard deviations.
        people: mean cosine between different people, -1 to 1.
        textures: mean cosine between textures, -1 to 1; None where none was tried.
        unit: whether all vectors are of length 1, as templates are before they are compared; a layer that normalises
            gives them another length.
        by: whether pairs were compared by `angle` or by `distance`.
        even: AUC and d' with each value on one scale over all pictures, so that a few large ones drown no others; of
            maps alone.
    """

    width: int
    auc: float
    separation: float
    people: float
    textures: float | None
    unit: bool
    by: str = "angle"
    even: tuple[float, float] = (0.0, 0.0)

    @property
    def promising(self) -> bool:
        """Worth more pictures."""
        return self.auc >= _AUC_HINT and self.separation >= _SEPARATION_HINT

    @property
    def strong(self) -> bool:
        """It tells people apart as only a recogniser does."""
        return self.width >= FEWEST and self.auc >= _AUC and self.separation >= _SEPARATION

    @property
    def weak(self) -> bool:
        """Not enough to call it a recogniser, and too much to say that it is none."""
        return self.width >= FEWEST and self.auc >= _AUC_WEAK and self.separation >= _SEPARATION_WEAK

    @property
    def hinting(self) -> bool:
        """It is as wide as templates are and tells people apart a little: the first half of a recogniser may."""
        return ((self.may_be_template and self.promising) or self.evened) and self.textures is not None

    @property
    def may_be_template(self) -> bool:
        """It is as wide as templates are."""
        return _WIDE <= self.width <= _WIDEST

    @property
    def evened(self) -> bool:
        """A map tells people apart a little once its values count alike: what a last matrix is laid on may."""
        auc, separation = self.even
        return auc >= _AUC_EVEN and separation >= _SEPARATION_EVEN

    @property
    def still(self) -> bool:
        """It may be a template, and is nearly the same for everybody."""
        return self.width >= _WIDE and self.people >= _ALIKE

    @property
    def numb(self) -> bool:
        """And for what is no face as well."""
        return self.still and self.textures is not None and self.textures >= _ALIKE

    @property
    def clear(self) -> bool:
        """So strong that more pictures would not change it."""
        return self.strong and self.separation >= _CLEAR_SEPARATION

    def __str__(self) -> str:
        alike = f"people {self.people:.2f} alike"
        if self.textures is not None:
            alike += f", textures {self.textures:.2f}"
        measured = f"AUC {self.auc:.3f}, d' {self.separation:.1f}{' by distance' * (self.by == 'distance')}"
        return f"{self.width} values, {measured}; {alike}"


def measure(vectors: Array, people: Sequence[int] | Array, *, map_: bool = False) -> Signs | None:
    """Measure vectors, [n, width], of pictures of these people; None where they cannot hold an identity.

    Probabilities are taken back to what they were made from: what a softmax or sigmoid squeezes still tells people
    apart, but no longer by angles. Of what may be the `map_` that a template is made from, values are also taken alike.
    """
    people = np.asarray(people)
    if vectors.shape[1] < 2 or not np.isfinite(vectors).all():
        return None
    units = _unsquash(vectors.astype(np.float64))
    products = units @ units.T
    lengths = np.maximum(np.sqrt(products.diagonal()), _TINY)
    cosines = np.asarray((products / np.outer(lengths, lengths)).round(9))  # what is equal is so on every machine
    pairs = _Pairs(people)
    if np.ptp(cosines[pairs.genuine | pairs.impostor]) < 1e-6:
        return None
    auc, separation, by = _best(pairs, cosines, _distances(products))
    evened = _evened(units) if map_ else units
    return Signs(
        width=vectors.shape[1],
        auc=auc,
        separation=separation,
        people=float(cosines[pairs.impostor].mean()),
        textures=float(cosines[pairs.textures].mean()) if pairs.textures.any() else None,
        unit=bool(np.ptp(lengths) < 1e-2 * lengths.mean() and abs(lengths.mean() - 1) < _UNIT),
        by=by,
        even=_told_apart(pairs, -_distances(evened @ evened.T)) if map_ else (0.0, 0.0),
    )


class _Pairs:
    """Which pairs of pictures are of one person, of two, of textures: masks, [n, n], of the upper triangle."""

    def __init__(self, people: Array) -> None:
        upper = np.triu(np.ones((len(people),) * 2, bool), 1)
        faces = people != NO_FACE
        same = people[:, None] == people[None]
        between = upper & faces[:, None] & faces[None]
        self.genuine, self.impostor = between & same, between & ~same
        self.textures = upper & ~faces[:, None] & ~faces[None]


def _best(pairs: _Pairs, cosines: Array, distances: Array) -> tuple[float, float, str]:
    """AUC and d' by angle or by distance, whichever separates more."""
    found = [(*_told_apart(pairs, alike), by) for alike, by in ((cosines, "angle"), (-distances, "distance"))]
    return max(found, key=lambda one: (one[0] >= _AUC, one[1]))


def _told_apart(pairs: _Pairs, alike: Array) -> tuple[float, float]:
    genuine, impostor = alike[pairs.genuine], alike[pairs.impostor]
    spread = np.sqrt((genuine.var() + impostor.var()) / 2) + _TINY
    return _auc(genuine, impostor), float((genuine.mean() - impostor.mean()) / spread)


def _distances(products: Array) -> Array:
    """Between all pairs, from the products of all with all, in units of the mean length; rounded as the cosines are."""
    squares = products.diagonal()
    apart = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * products, 0))
    return np.asarray(apart / max(np.sqrt(squares).mean(), _TINY)).round(9)


def _auc(genuine: Array, impostor: Array) -> float:
    """Area under the ROC curve as the Mann-Whitney statistic (Hanley and McNeil, 1982)."""
    above = (genuine[:, None] > impostor[None]).mean()
    return float(above + (genuine[:, None] == impostor[None]).mean() / 2)


def _evened(vectors: Array) -> Array:
    return (vectors - vectors.mean(0)) / np.maximum(vectors.std(0), _TINY)


def _unsquash(vectors: Array) -> Array:
    if vectors.min() < 0 or vectors.max() > 1:
        return vectors
    logs = np.log(vectors + 1e-12)
    if np.allclose(vectors.sum(1), 1, atol=0.02):  # softmax: the logits, up to a constant that is taken out
        return logs - logs.mean(1, keepdims=True)
    return vectors
