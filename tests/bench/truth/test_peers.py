"""The rules of thumb, and the comparison, on motion that is known."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from facewarden.bench.material.corpus import Clip
from facewarden.bench.speed import costs
from facewarden.bench.tools.rivals import MotionVectors, PlainFlow, Vectors
from facewarden.bench.truth import peers
from facewarden.bench.truth.peers import Scored
from facewarden.streams.frame import Image
from facewarden.streams.push import PushSource

SIZE = (512, 512)
_RECORD = [(name, "i4") for name in ("w", "h", "dst_x", "dst_y", "motion_x", "motion_y", "motion_scale")]


def clip(label: str) -> Clip:
    return Clip(name=label, path=Path(label), label=label, repo="a/a")


def scored(label: str, score: float | None) -> Scored:
    return Scored(clip(label), score)


def vectors(motion: float, right_half: float, at: float = 0.0) -> Vectors:
    """Blocks of 16 px that move by `motion` quarter pixels, or by `right_half` where they lie there."""
    records = [
        (16, 16, x, y, motion if x < SIZE[0] // 2 else right_half, 0, 4)
        for x in range(8, SIZE[0], 16)
        for y in range(8, SIZE[1], 16)
    ]
    return Vectors(at, SIZE, np.array(records, _RECORD))


# --- motion vectors ---------------------------------------------------------------------------------------------------


def test_a_field_that_moves_as_a_whole_scores_its_mean_length() -> None:
    rule = MotionVectors(10.0)
    rule.take(vectors(8, 8))

    assert rule.score() == pytest.approx(2 / sum(SIZE))  # 8 quarters of a pixel, in units of width plus height


def test_a_patch_that_stands_means_a_camera_that_stands() -> None:
    rule = MotionVectors(10.0)
    rule.take(vectors(40, 0))

    assert rule.score() == 0


def test_pictures_are_looked_at_twice_a_second_over_half_of_the_clip() -> None:
    rule = MotionVectors(30.0)
    for index in range(20):
        rule.take(vectors(8, 8, at=index / 2))
        rule.take(vectors(4000, 4000, at=index / 2 + 0.1))
    for index in range(20):
        rule.take(vectors(4000, 4000, at=15 + index / 2))

    assert rule.score() == pytest.approx((20 * 2 + 10 * 1000) / 30 / sum(SIZE))


@pytest.mark.parametrize("size", [(255, 1000), (1000, 255)])
def test_small_pictures_and_codecs_without_vectors_give_no_score(size: tuple[int, int]) -> None:
    small, silent = MotionVectors(10.0), MotionVectors(10.0)
    small.take(Vectors(0.0, size, vectors(8, 8).records))
    silent.take(Vectors(0.0, SIZE, None))

    assert (small.score(), silent.score()) == (None, None)


# --- plain flow -------------------------------------------------------------------------------------------------------


def texture() -> Image:
    noise = np.random.default_rng(4).integers(0, 256, (240, 400), np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 2), np.uint8)


def test_plain_flow_scores_the_pixels_between_two_pictures_a_tenth_of_a_second_apart() -> None:
    rule, source, wide = PlainFlow(), PushSource("flow"), texture()
    for index in range(30):
        left = index  # one pixel each thirtieth of a second
        rule.take(source.frame(np.ascontiguousarray(wide[:, left : left + 320]), index / 30, "gray"))

    assert rule.score() == pytest.approx(3, abs=0.1)


def test_plain_flow_has_no_score_without_corners() -> None:
    rule, source = PlainFlow(), PushSource("flow")
    for index in range(3):
        rule.take(source.frame(np.zeros((240, 320), np.uint8), index / 10, "gray"))

    assert rule.score() is None


# --- the comparison ---------------------------------------------------------------------------------------------------


def test_a_score_above_the_threshold_is_mobile_and_none_is_an_abstention() -> None:
    rows = peers.verdicts([scored("body", 2.0), scored("fixed", 1.0), scored("ptz", None)], threshold=1.0)

    assert [row.verdict for row in rows] == ["mobile", "fixed", "unknown"]


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        ([("fixed", 1.0), ("ptz", 2.0), ("body", 4.0), ("dash", 5.0)], 3.0),
        ([("fixed", 1.0), ("body", 2.0), ("fixed", 3.0), ("body", 4.0), ("body", 5.0)], 1.5),
        ([("body", 1.0), ("dash", 2.0)], 0.0),
        ([("fixed", 1.0), ("ptz", 2.0)], 2.0),
        ([("fixed", None)], 0.0),
    ],
)
def test_hindsight_takes_the_threshold_that_gets_most_clips_right(
    scores: list[tuple[str, float | None]], best: float
) -> None:
    assert peers.best_threshold([scored(label, score) for label, score in scores]) == best


def test_without_norfair_its_column_is_left_out_and_the_reader_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "norfair", None)
    monkeypatch.setitem(sys.modules, "norfair.camera_motion", None)

    assert not peers.has_norfair()
    assert "pip install --no-deps norfair filterpy scipy" in peers.report(peers.Field(), with_norfair=False)


# --- cost -------------------------------------------------------------------------------------------------------------


def test_footage_is_played_to_and_fro_without_a_jump() -> None:
    assert [costs.to_and_fro(index, 4) for index in range(9)] == [0, 1, 2, 3, 2, 1, 0, 1, 2]
    assert costs.to_and_fro(7, 1) == 0


def test_contestants_take_turns_forward_and_back_on_the_same_pictures() -> None:
    calls: list[tuple[str, int]] = []

    def contestant(name: str) -> costs.Contestant:
        return lambda index: calls.append((name, index))

    measured = costs.interleaved({name: contestant(name) for name in "ab"}, frames=4, turn=2)

    assert calls == [("a", 0), ("a", 1), ("b", 0), ("b", 1), ("b", 2), ("b", 3), ("a", 2), ("a", 3)]
    assert set(measured) == {"a", "b"}


def test_the_guards_own_account_runs_on_through_restarts() -> None:
    picture = np.zeros((90, 160), np.uint8)
    ours = costs.guard_cost(costs.Footage([picture], []), "gray", 12, undecided=True)

    assert ours.cost.mean > 0
    assert ours.decided_at is None
