# pyright: basic, reportMissingImports=false
"""Trees from examples, and what they say of repositories that they were not learned from."""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from copy import copy
from typing import Any, Final, NamedTuple, cast

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier  # pyright: ignore[reportMissingTypeStubs]

from ....detector.belief import Mount
from ....detector.mobility.head import FEATURES, OF_WITNESS, Learned, Trees
from ....detector.mobility.view import Mask, Matrix
from .examples import ENDS, OVER, TURNS, Example, features, later

FOLDS: Final = 6
# Boosting: a small step, some features a split.
_STEP, _RIDGE, _FEWEST, _SHARE, _BINS = 0.1, 5.0, 30, 0.4, 64
# The shares of the rows and of the features that trees are learned from at a time.
_ROWS, _FEATURES = 0.7, 0.3
# What an example counts that was made from a clip, and one whose label is in doubt; and a mobile one behind something,
# for there are eleven of each, and of those the doubt learns; and spans that begin later beside the others.
_MADE, _DOUBTFUL, _BEHIND = 0.3, 0.3, 0.03
_BEGUN_LATER: Final = 0.7
# The share of the rows in which the witness has said nothing: what is measured has to do without.
_UNHEARD: Final = 0.2
# What examples count where it is to be doubted that a camera stands: behind what stands over a view that moves most.
_OVER_MOBILE, _OVER_FIXED, _OTHER_FIXED, _TURNING = 2.0, 0.3, 0.5, 0.25
# What share of mobile cameras each mount is taken for, whatever share of the clips it has: one with most of its clips
# in one repository would else be likely or hardly so as that is left out or not.
_SHARES: Final[dict[str, float]] = {"body": 0.08, "dash": 0.25, "drone": 0.12, "handheld": 0.5, "vehicle": 0.05}
# Above all that is measured; JSON knows no infinity, by which the unmeasured are told from all else.
_HIGHEST: Final = 1e30
# Features with fewer values teach their chance.
_VALUES: Final = 20


class Boost(NamedTuple):
    """How much is learned: rounds of boosting, leaves of a tree, and how many times over, each from others."""

    rounds: int
    leaves: int
    seeds: int


class Boosted(NamedTuple):
    """A boosted classifier, and which of `FEATURES` it was shown."""

    learner: Any
    asked: NDArray[np.intp]


_BOOST: Final = Boost(60, 6, 6)
_DOUBT_BOOST: Final = Boost(70, 6, 6)
_MOUNT_BOOST: Final = Boost(20, 4, 6)


class Rows:
    """The examples as rows of features.

    Args:
        examples: each after some of its ticks.
        weigh: how much one counts.

    Attributes:
        features: shape (n, len(FEATURES)). truth: what is to be told, by default whether it is mobile. weight: shape
            (n,).
    """

    def __init__(self, examples: Sequence[Example], weigh: Callable[[Example], float] | None = None) -> None:
        tables = [[features(example, ends=ENDS), later(example)] for example in examples]
        self._counts = [sum(len(table) for table in pair) for pair in tables]
        self.features = np.concatenate([table for pair in tables for table in pair])
        shares = [
            np.full(len(table), share / max(len(table), 1))
            for pair in tables
            for table, share in zip(pair, (1.0, _BEGUN_LATER), strict=True)
        ]
        self.weight = np.concatenate(shares) * np.repeat([(weigh or _weight)(one) for one in examples], self._counts)
        self.truth = np.repeat([example.truth == "mobile" for example in examples], self._counts)

    def asking(self, truths: Sequence[bool]) -> "Rows":
        """The same rows, of which another truth is to be told, one an example."""
        other = copy(self)
        other.truth = np.repeat(truths, self._counts)
        return other


def _weight(example: Example) -> float:
    weight = (1.0 if example.kind == "plain" else _MADE) * (_DOUBTFUL if example.doubtful else 1.0)
    return weight * _BEHIND / _MADE if example.kind in OVER and example.truth == "mobile" else weight


def _doubt_weight(example: Example) -> float:
    sure, over = (_DOUBTFUL if example.doubtful else 1.0), example.kind in OVER
    if example.truth == "mobile":
        return sure * (_OVER_MOBILE if over else 1.0)
    other = _TURNING if example.kind in TURNS else _OTHER_FIXED
    return sure * (_OVER_FIXED if over else 1.0 if example.kind == "plain" else other)


def fitted(rows: Rows, boost: Boost) -> Trees:
    """Trees learned from the rows, several times over: each time from others, drawn by their weight, and from others
    of the features (T. K. Ho, The Random Subspace Method, PAMI 20, 1998), beside the witness, where that was heard.
    """
    asked = np.flatnonzero([_varies(column) for column in rows.features.T])
    heard, asked = np.intersect1d(asked, OF_WITNESS), np.setdiff1d(asked, OF_WITNESS)
    chance, count = rows.weight / rows.weight.sum(), len(rows.truth)
    boosted: list[Boosted] = []
    for seed in range(boost.seeds):
        rng = np.random.default_rng(seed)
        drawn = rng.choice(count, int(_ROWS * count), p=chance)
        some = np.sort(np.concatenate((rng.choice(asked, int(_FEATURES * len(asked)), replace=False), heard)))
        shown, of_witness = rows.features[np.ix_(drawn, some)], np.isin(some, heard)
        shown[np.ix_(rng.random(len(drawn)) < _UNHEARD, of_witness)] = np.nan
        learner = _booster(boost, seed, of_witness).fit(shown, rows.truth[drawn])
        boosted.append(Boosted(learner, some))
    return exported(boosted)


def _booster(boost: Boost, seed: int, rising: Mask) -> Any:
    """A booster, and in which of the features its log-odds may only rise."""
    return cast(Any, HistGradientBoostingClassifier)(
        max_iter=boost.rounds,
        max_leaf_nodes=boost.leaves,
        learning_rate=_STEP,
        l2_regularization=_RIDGE,
        min_samples_leaf=_FEWEST,
        max_features=_SHARE,
        max_bins=_BINS,
        early_stopping=False,
        random_state=seed,
        monotonic_cst=rising.astype(int),
    )


def _varies(column: Matrix) -> bool:
    return len(np.unique(column[~np.isnan(column)])) > _VALUES


def exported(boosted: Sequence[Boosted]) -> Trees:
    """The mean of boosted classifiers as plain numbers, with the names that they ask for."""
    every = [(trees[0].nodes, one.asked) for one in boosted for trees in one.learner._predictors]
    offsets = np.cumsum([0, *(len(nodes) for nodes, _ in every)])
    nodes, itself = np.concatenate([nodes for nodes, _ in every]), np.arange(offsets[-1])
    asked = np.concatenate([features[nodes["feature_idx"]] for nodes, features in every])
    leaf, shift = nodes["is_leaf"].astype(bool), np.repeat(offsets[:-1], [len(nodes) for nodes, _ in every])
    used, position = np.unique(asked[~leaf], return_inverse=True)
    feature = np.zeros(len(nodes), np.intp)
    feature[~leaf] = position
    return Trees(
        features=tuple(FEATURES[one] for one in used.tolist()),
        roots=tuple(offsets[:-1].tolist()),
        feature=tuple(feature.tolist()),
        limit=tuple(_rounded(np.where(leaf, 0.0, np.minimum(nodes["num_threshold"], _HIGHEST)), 6)),
        left=tuple(np.where(leaf, itself, nodes["left"] + shift).tolist()),
        right=tuple(np.where(leaf, itself, nodes["right"] + shift).tolist()),
        unmeasured=tuple(nodes["missing_go_to_left"].astype(bool).tolist()),
        value=tuple(_rounded(nodes["value"] / len(boosted), 5)),
        base=float(np.mean([np.ravel(one.learner._baseline_prediction)[0] for one in boosted])),
    )


def _rounded(values: Matrix, digits: int) -> list[float]:
    return [float(f"{value:.{digits}g}") for value in values.tolist()]


def folds(repos: Sequence[str], seed: int = 0) -> list[set[str]]:
    """The repositories in equal parts, drawn by the seed."""
    order = np.random.default_rng(seed).permutation(sorted(set(repos)))
    return [set(order[part::FOLDS].tolist()) for part in range(FOLDS)]


def learned(examples: Sequence[Example], without: Container[str] = ()) -> Learned:
    """All trees, from the examples of the other repositories."""
    used = [example for example in examples if example.repo not in without]
    plain = [one for one in used if one.truth == "mobile" and one.kind == "plain" and not one.doubtful]
    return Learned(
        mobile=fitted(Rows(used), _BOOST),
        doubt=fitted(Rows(used, _doubt_weight), _DOUBT_BOOST),
        mounts=of_mounts(plain),
    )


def of_mounts(examples: Sequence[Example]) -> dict[Mount, Trees]:
    """What tells each mount from the others, from mobile examples; the witness is not heard."""
    counts = Counter(example.mount for example in examples)
    rows = Rows(
        [msgspec.structs.replace(one, heard=[]) for one in examples],
        lambda example: _SHARES[example.mount] / counts[example.mount],
    )
    return {
        cast(Mount, mount): fitted(rows.asking([one.mount == mount for one in examples]), _MOUNT_BOOST)
        for mount in sorted(counts)
    }


def left_out(examples: Sequence[Example]) -> Iterator[tuple[set[str], Learned]]:
    """Each part of the repositories, and what was learned from all the others."""
    for part in folds([example.repo for example in examples]):
        yield part, learned(examples, part)
