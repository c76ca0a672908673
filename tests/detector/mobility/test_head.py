import math

import numpy as np
import pytest

from facewarden.detector.mobility.evidence import NO_EVIDENCE
from facewarden.detector.mobility.head import (
    FEATURES,
    SHOWN,
    Head,
    Trees,
    Window,
    shipped_head,
    shipped_trees,
    shown,
    summary,
)
from facewarden.detector.mobility.measures import NAMES, Compared, Measures, Stepped, flat, mean_of

# Two trees: `mean:still` up to 0.5 or not, the unmeasured going left; and a leaf alone.
TREES = Trees(
    features=("mean:still",),
    roots=(0, 3),
    feature=(0, 0, 0, 0),
    limit=(0.5, 0.0, 0.0, 0.0),
    left=(1, 1, 2, 3),
    right=(2, 1, 2, 3),
    unmeasured=(True, False, False, False),
    value=(0.1, 2.0, -3.0, 0.25),
    base=0.5,
)


def asked(still: float) -> np.ndarray:
    features = np.full(len(FEATURES), math.nan)
    features[FEATURES.index("mean:still")] = still
    return features


@pytest.mark.parametrize(("still", "log_odds"), [(0.2, 2.75), (0.5, 2.75), (0.6, -2.25), (math.nan, 2.75)])
def test_the_log_odds_are_the_sum_of_the_leaves(still: float, log_odds: float) -> None:
    assert Head(TREES).log_odds(asked(still)) == log_odds


@pytest.mark.parametrize("seed", range(3))
def test_all_nodes_asked_at_once_lead_where_one_after_the_other_does(seed: int) -> None:
    rng, trees = np.random.default_rng(seed), shipped_trees().mobile
    features = 5 * rng.normal(size=len(FEATURES))
    features[rng.random(len(FEATURES)) < 0.3] = math.nan
    leaves = [leaf_of(trees, features, root) for root in trees.roots]

    assert Head(trees).log_odds(features) == np.array(trees.value)[leaves].sum() + trees.base


def leaf_of(trees: Trees, features: np.ndarray, node: int) -> int:
    while trees.left[node] != node:
        answer = features[FEATURES.index(trees.features[trees.feature[node]])]
        left = trees.unmeasured[node] if math.isnan(answer) else answer <= trees.limit[node]
        node = trees.left[node] if left else trees.right[node]
    return node


def test_an_opinion_names_what_changed_it() -> None:
    opinion = Head(TREES).explain(asked(0.9))

    assert opinion.log_odds == -2.25
    assert opinion.because == {"mean:still": pytest.approx(-3.1)}


def test_trees_that_ask_for_what_is_not_measured_are_refused() -> None:
    with pytest.raises(ValueError, match="not in"):
        Head(Trees(("mean:stil",), *TREES.__reduce__()[1][1:]))  # pyright: ignore


def test_a_window_sums_up_the_mean_the_least_and_the_most_of_what_was_measured() -> None:
    window = Window()
    for cover in (0.2, math.nan, 0.8):
        window.add(Measures(short=Compared(cover=cover)), NO_EVIDENCE)
    features = dict(zip(FEATURES, window.features().tolist(), strict=True))

    assert [features[f"{how}:short.cover"] for how in ("mean", "least", "most")] == [0.5, 0.2, 0.8]
    assert math.isnan(features["mean:long.cover"])
    assert features["ticks"] == 3
    assert window.lately(1)[FEATURES.index("mean:short.cover")] == 0.8


def test_what_the_witness_said_before_goes_on_to_count_but_not_in_what_was_seen_lately() -> None:
    window, mean = Window(), FEATURES.index("mean:witness")
    for said in (-3.0, math.nan, math.nan, 1.0):
        window.add(Measures(), NO_EVIDENCE, said, carried=-3.0)

    assert window.features()[mean] == -2.0
    assert (window.lately(1)[mean], window.lately(3)[mean]) == (1.0, 1.0)

    window.keep(2)
    assert (window.features()[mean], window.features()[-1]) == (1.0, 2)


def test_a_window_keeps_fifteen_seconds_and_can_be_cleared() -> None:
    window = Window()
    for cover in range(40):
        window.add(Measures(short=Compared(cover=cover)), NO_EVIDENCE)
    assert window.features()[FEATURES.index("least:short.cover")] == 10

    window.clear()
    window.add(Measures(), NO_EVIDENCE)
    assert window.features()[-1] == 1


def test_measures_have_one_list_of_names_and_a_misspelt_one_is_an_error() -> None:
    measures = Measures(step=Stepped(speed=3.0))

    assert flat(measures)[NAMES.index("step.speed")] == 3.0
    assert len(set(NAMES)) == len(NAMES) == len(flat(measures))
    with pytest.raises(AttributeError):
        _ = measures.step.sped  # pyright: ignore


def test_a_mean_leaves_out_what_was_not_measured() -> None:
    mean = mean_of(Stepped, [Stepped(speed=1.0), Stepped(speed=3.0, roll=2.0), Stepped()])

    assert (mean.speed, mean.roll) == (2.0, 2.0)
    assert math.isnan(mean.zoom)
    assert math.isnan(mean_of(Stepped, []).speed)


def test_the_shipped_trees_answer_to_nothing_measured_and_say_the_same_twice() -> None:
    features = summary([shown(Measures(), NO_EVIDENCE)])

    assert len(features) == 3 * len(SHOWN) + 1
    assert math.isfinite(shipped_head().log_odds(features))
    assert shipped_head().explain(features) == shipped_head().explain(features)
