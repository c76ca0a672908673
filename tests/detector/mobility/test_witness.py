"""A small network is heard by the trees: bounded, alike each time, and only while a verdict is open or young."""

import math

import numpy as np
import pytest

from facewarden.detector.errors import ModelError
from facewarden.detector.mobility import MobilityEstimator
from facewarden.detector.mobility.evidence import weigh
from facewarden.detector.mobility.head import (
    AGAINST,
    FEATURES,
    OF_WITNESS,
    Window,
    shipped_doubt,
    shipped_head,
    unheard,
)
from facewarden.detector.mobility.meter import TICK, Meter
from facewarden.detector.mobility.tally import shipped_rates
from facewarden.detector.mobility.view import Matrix
from facewarden.detector.mobility.witness import AGES, SIZE, Looks, Witness, detail, shipped_witnesses
from facewarden.streams.frame import Image
from facewarden.streams.synthetic import SyntheticSource

STANDING = np.random.default_rng(3).integers(0, 256, (24, 40), np.uint8).repeat(8, 0).repeat(8, 1)[:180]
BLANK = np.zeros((180, 320), np.uint8)


def pictures(seconds: float) -> list[Image]:
    with SyntheticSource("fixed", seed=3, seconds=seconds, fps=10, size=(320, 180)) as source:
        return [frame.luma for frame in source]


def nearly_alike(picture: Image, count: int) -> list[Image]:
    """The picture, with a pixel in a corner that is each time another: no sensor gives the same picture twice."""
    some = [picture.copy() for _ in range(count)]
    for position, one in enumerate(some):
        one[0, 0] = position
    return some


def looks_of(some: list[Image]) -> Looks:
    looks = Looks()
    for position, picture in enumerate(some):
        looks.add(picture, position / 10)
    return looks


def said(some: list[Image]) -> float:
    stacked = looks_of(some).stacked()
    return float(np.mean([witness.log_odds(stacked) for witness in shipped_witnesses()]))


def test_it_tells_a_view_that_goes_by_from_one_that_stands() -> None:
    wide = np.random.default_rng(3).integers(0, 256, (24, 80), np.uint8).repeat(8, 0).repeat(8, 1)[:180]
    going = [wide[:, 5 * step : 5 * step + 320] for step in range(40)]

    assert said(going) > said([STANDING] * 40) + 2


def test_it_says_the_same_each_time() -> None:
    assert said([STANDING] * 5) == said([STANDING] * 5)


def test_looks_go_back_as_far_as_they_are_asked_for_and_no_further() -> None:
    looks = looks_of([np.full((180, 320), level, np.uint8) + STANDING // 8 * (level % 2) for level in range(60)])
    ages = [59 - round(10 * age) for age in AGES]

    expected = [detail(np.full((180, 320), level, np.uint8) + STANDING // 8 * (level % 2)) for level in ages]
    assert (looks.stacked() == np.array(expected)).all()


def test_where_there_is_no_look_that_old_the_oldest_stands_for_it() -> None:
    stacked = looks_of([STANDING, STANDING[::-1]]).stacked()

    assert (stacked[1:] == detail(STANDING)).all()
    assert (stacked[0] == detail(STANDING[::-1])).all()


@pytest.mark.parametrize("shape", [(180, 320), (320, 180), (16, 16), (1, 1)])
def test_pictures_of_any_shape_become_looks_of_one(shape: tuple[int, int]) -> None:
    assert detail(np.zeros(shape, np.uint8)).shape == (SIZE[1], SIZE[0])


def test_light_alone_is_no_look() -> None:
    assert np.abs(detail(np.full((180, 320), 200, np.uint8))).max() < 1e-5


def measured(kind: str, said: float) -> Matrix:
    """What the trees are asked by after eight seconds of a synthetic camera, and a witness that is very sure."""
    meter, window = None, Window()
    with SyntheticSource(kind, seed=3, seconds=8, fps=10, size=(320, 180)) as source:
        for frame in source:
            meter = meter or Meter.of(frame.luma, frame.media_time)
            measures = meter.update(frame.luma, frame.media_time, TICK)
            if measures is not None:
                window.add(measures, weigh(measures), said)
    return window.features()


@pytest.mark.parametrize("loud", [-100.0, 100.0])
def test_however_sure_it_is_it_is_no_verdict_of_a_mobile_camera_nor_one_of_a_fixed_one_alone(loud: float) -> None:
    nothing, limits = np.full(len(FEATURES), np.nan), shipped_rates().limits
    nothing[list(OF_WITNESS)] = loud

    assert limits.fixed - limits.first < shipped_head().bounded(nothing) < limits.mobile


def test_it_undoes_no_clear_motion() -> None:
    moving = shipped_head().bounded(measured("body", -100.0))

    assert moving > shipped_rates().limits.fixed
    assert moving >= shipped_head().log_odds(unheard(measured("body", -100.0))) - AGAINST


def test_it_makes_no_mobile_camera_of_one_that_stands() -> None:
    assert shipped_head().bounded(measured("fixed", 100.0)) < 0


@pytest.mark.parametrize("kind", ["body", "fixed"])
def test_the_more_it_says_for_a_mobile_camera_the_more_the_trees_do(kind: str) -> None:
    for head in (shipped_head(), shipped_doubt()):
        said = [head.log_odds(measured(kind, log_odds)) for log_odds in (-4.0, -1.0, 1.0, 4.0)]
        assert said == sorted(said)


def test_where_it_has_said_nothing_the_trees_do_without() -> None:
    assert shipped_head().bounded(measured("body", math.nan)) > 1
    assert shipped_head().bounded(measured("fixed", math.nan)) < -1


def test_what_it_says_stands_in_the_evidence() -> None:
    estimator, shown = MobilityEstimator(), nearly_alike(STANDING, 12)
    for position, picture in enumerate(shown):
        estimator.update(picture, position / 10)

    first = shipped_witnesses()[0].log_odds(looks_of(shown[:8]).stacked())
    assert estimator.belief.evidence["witness"] == pytest.approx(first, abs=0.02)


def test_two_are_asked_by_turns() -> None:
    first, second = Counting(-1.0), Counting(3.0)
    estimator = MobilityEstimator(witnesses=[first, second])
    for position, picture in enumerate(nearly_alike(BLANK, 40)):
        estimator.update(picture, position / 10)

    assert first.asked - second.asked in (0, 1)
    assert second.asked


def test_what_it_said_last_stays_of_a_camera_that_stands_and_is_asked_of_no_more() -> None:
    estimator = MobilityEstimator(witnesses=[Counting()])
    for position, picture in enumerate(pictures(25)):
        estimator.update(picture, position / 10)

    assert estimator.belief.evidence["witness"] == -3.0


class Counting(Witness):
    """Says one thing, and counts how often it is asked."""

    def __init__(self, says: float = -3.0) -> None:
        self.asked, self._says = 0, says

    def log_odds(self, looks: object) -> float:  # noqa: ARG002
        self.asked += 1
        return self._says


@pytest.mark.parametrize(("says", "seems"), [(3.0, True), (-3.0, False)], ids=["carried", "stands"])
def test_a_camera_that_is_called_neither_seems_mobile_where_it_says_so(says: float, seems: bool) -> None:
    estimator = MobilityEstimator(witnesses=[Counting(says)])
    assert not estimator.seems_mobile
    for position, picture in enumerate(nearly_alike(BLANK, 12)):
        estimator.update(picture, position / 10)

    assert estimator.value == "unknown"
    assert estimator.seems_mobile is seems


def test_of_a_camera_that_has_clearly_stood_for_long_it_is_asked_no_more() -> None:
    witness = Counting()
    estimator = MobilityEstimator(witnesses=[witness])
    counts: list[int] = []
    for position, picture in enumerate(pictures(25)):
        estimator.update(picture, position / 10)
        counts.append(witness.asked)

    assert estimator.value == "fixed"
    assert 0 < counts[150] == counts[-1]


def test_a_file_that_is_none_is_an_error() -> None:
    with pytest.raises(ModelError, match=r"other\.onnx"):
        Witness(b"none", "other.onnx")


def test_another_network_is_an_error() -> None:
    from facewarden.detector.environment.faces.network import SHIPPED

    with pytest.raises(ModelError, match="is no witness of ours"):
        Witness(SHIPPED.read_bytes(), "faces.onnx")
