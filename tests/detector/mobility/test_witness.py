"""A small network is heard beside the trees: bounded, alike each time, and only while a verdict is open or young."""

import numpy as np
import pytest

from facewarden.detector.errors import ModelError
from facewarden.detector.mobility import MobilityEstimator
from facewarden.detector.mobility.evidence import NO_EVIDENCE
from facewarden.detector.mobility.tally import Tally, shipped_rates
from facewarden.detector.mobility.witness import AGES, SIZE, Heard, Looks, Statements, Witness, detail, shipped_witness
from facewarden.streams.frame import Image
from facewarden.streams.synthetic import SyntheticSource

STANDING = np.random.default_rng(3).integers(0, 256, (24, 40), np.uint8).repeat(8, 0).repeat(8, 1)[:180]


def pictures(seconds: float) -> list[Image]:
    with SyntheticSource("fixed", seed=3, seconds=seconds, fps=10, size=(320, 180)) as source:
        return [frame.luma for frame in source]


def looks_of(some: list[Image]) -> Looks:
    looks = Looks()
    for position, picture in enumerate(some):
        looks.add(picture, position / 10)
    return looks


def said(some: list[Image]) -> float:
    return shipped_witness().log_odds(looks_of(some).stacked())


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


def test_what_was_said_is_a_mean_of_all_and_of_the_last() -> None:
    statements = Statements()
    for log_odds in (-4.0, 0.0, 1.0, 3.0):
        statements.add(log_odds)

    assert statements.heard(2) == Heard(0.0, 2.0)
    statements.keep(1)
    assert statements.heard(2) == Heard(3.0, 3.0)
    statements.keep(0)
    assert statements.heard(2) == Heard(0.0, 0.0)


@pytest.mark.parametrize("loud", [-100.0, 100.0])
def test_however_sure_it_is_it_is_no_verdict_alone(loud: float) -> None:
    tally = Tally(shipped_rates())
    for tick in range(40):
        tally.weigh(NO_EVIDENCE, tick / 2, opinion=0.0, doubt=10.0, heard=Heard(loud, loud))

    assert tally.value == "unknown"


def test_it_does_not_overrule_a_clear_motion() -> None:
    tally = Tally(shipped_rates())
    for tick in range(4):
        tally.weigh(NO_EVIDENCE, tick / 2, opinion=6.0, heard=Heard(-100.0, -100.0))

    assert tally.value == "mobile"


def test_what_it_says_stands_in_the_evidence() -> None:
    estimator = MobilityEstimator()
    for position in range(12):
        estimator.update(STANDING, position / 10)

    assert estimator.belief.evidence["witness"] == round(said([STANDING] * 8), 3)


class Counting(Witness):
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def log_odds(self, looks: object) -> float:  # noqa: ARG002
        self.asked += 1
        return -3.0


def test_of_a_camera_that_has_clearly_stood_for_long_it_is_asked_no_more() -> None:
    witness = Counting()
    estimator = MobilityEstimator(witness=witness)
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
