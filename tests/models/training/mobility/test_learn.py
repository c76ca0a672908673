"""Trees learned from made-up ticks: what ships is what scikit-learn says, and what is left out teaches nothing."""

import math
from functools import cache
from itertools import islice

import msgspec
import numpy as np
import pytest

pytest.importorskip("sklearn", reason="trees are learned with scikit-learn")

from facewarden.detector.mobility import MobilityEstimator
from facewarden.detector.mobility.head import FEATURES, SHOWN, Head
from facewarden.detector.mobility.witness import shipped_witnesses
from facewarden.models.training.mobility import learn
from facewarden.models.training.mobility.examples import Example, features, watched
from facewarden.streams.synthetic import SyntheticSource

learned = cache(lambda: learn.learned(EXAMPLES))
SPEED = SHOWN.index("step.speed")


def example(repo: str, truth: str, speed: float, seed: int, mount: str = "dash") -> Example:
    table = np.random.default_rng(seed).normal(size=(8, len(SHOWN) - 1))
    table[:, SPEED] += speed
    table[:, 0] = np.nan
    ticks = [[None if number != number else number for number in row] for row in table.tolist()]
    times = [0.7 + 0.5 * tick for tick in range(8)]
    heard = np.random.default_rng(seed).normal(speed / 3 - 1, size=8).tolist()
    return Example(f"{repo}/{seed}", repo, truth, mount, "plain", False, times, [0] * 8, ticks, heard)  # pyright: ignore


EXAMPLES = [
    *[example(f"still/{n % 7}", "fixed", 0.0, n, "fixed") for n in range(28)],
    *[example(f"moving/{n % 7}", "mobile", 6.0, n + 50, "dash" if n % 2 else "body") for n in range(28)],
]


def test_the_trees_that_ship_say_what_those_said_that_were_learned() -> None:
    rows, shown = learn.Rows(EXAMPLES), [np.arange(320, 400), np.arange(350, 450)]
    boosted = [
        learn.Boosted(
            learn._booster(learn.Boost(5, 4, 1), seed, np.zeros(len(some), bool)).fit(  # pyright: ignore
                rows.features[:, some], rows.truth
            ),
            some,
        )
        for seed, some in enumerate(shown)
    ]
    head = Head(learn.exported(boosted))

    asked = np.random.default_rng(9).normal(size=(50, len(FEATURES))) * 3
    asked[:, 360] = np.nan
    said = np.mean([one.learner.decision_function(asked[:, one.asked]) for one in boosted], axis=0)
    assert [head.log_odds(row) for row in asked] == pytest.approx(said.tolist(), abs=1e-3)


def test_what_was_learned_tells_examples_of_repositories_that_were_left_out() -> None:
    for repos, trees in islice(learn.left_out(EXAMPLES), 2):
        head = Head(trees.mobile)
        for one in EXAMPLES:
            if one.repo in repos:
                assert (head.log_odds(features(one)[-1]) > 0) is (one.truth == "mobile")


def test_the_trees_ask_what_the_witness_said_and_do_without_where_it_said_nothing() -> None:
    some, silent = learn.Boost(20, 4, 6), [msgspec.structs.replace(one, heard=[]) for one in EXAMPLES]
    trees = learn.fitted(learn.Rows(EXAMPLES), some)

    assert "mean:witness" in trees.features
    assert "mean:witness" not in learn.fitted(learn.Rows(silent), some).features
    for one in silent:
        assert (Head(trees).bounded(features(one)[-1]) > 0) is (one.truth == "mobile")


def test_the_trees_of_mounts_are_not_told_what_the_witness_said() -> None:
    assert not any("witness" in name for trees in learned().mounts.values() for name in trees.features)


def test_learning_twice_gives_the_same_trees() -> None:
    assert learn.learned(EXAMPLES) == learned()


def test_each_repository_is_left_out_once() -> None:
    parts = learn.folds([one.repo for one in EXAMPLES])

    assert sorted(repo for part in parts for repo in part) == sorted({one.repo for one in EXAMPLES})


def test_features_end_at_each_tick_and_begin_at_a_cut() -> None:
    one = EXAMPLES[0]
    cut = Example(**{**{f: getattr(one, f) for f in one.__struct_fields__}, "begun": [0, 0, 0, 3, 3, 3, 3, 3]})

    assert features(cut)[:, -1].tolist() == [1, 2, 3, 1, 2, 3, 4, 5]
    assert features(cut, ends=(0, 4, 99))[:, -1].tolist() == [1, 2]


def test_a_mount_is_as_likely_as_it_is_taken_for_however_many_clips_show_it() -> None:
    mobile = [one for one in EXAMPLES if one.truth == "mobile"]
    crowded = [*mobile, *[example("one", "mobile", 6.0, n + 90, "body") for n in range(28)]]

    bases = [learn.of_mounts(some)["body"].base for some in (mobile, crowded)]

    assert bases == pytest.approx([math.log(0.08 / 0.25)] * 2, abs=0.4)


def test_the_trees_are_taught_by_what_the_estimator_asks_them() -> None:
    with SyntheticSource("fixed", seed=3, seconds=4, fps=10, size=(320, 180)) as source:
        pictures = [(frame.luma, frame.media_time) for frame in source]
    estimator = MobilityEstimator()
    for picture, time in pictures:
        estimator.update(picture, time)

    taught = features(Example("a", "a", "fixed", "fixed", "plain", False, *watched(pictures, shipped_witnesses())))[-1]
    asked = estimator._features  # pyright: ignore[reportPrivateUsage]
    assert asked is not None
    assert asked == pytest.approx(taught, abs=1e-4, nan_ok=True)
