"""What holds for any way to tell a mobile camera from a fixed one."""

import numpy as np
import pytest

from facewarden.detector.belief import MobilityBelief
from facewarden.detector.mobility import MobilityEstimator
from facewarden.streams.frame import Image
from facewarden.streams.synthetic import SyntheticSource

BLACK = np.zeros((180, 320), np.uint8)
NOISE = np.random.default_rng(1).integers(0, 256, (8, 180, 320), np.uint8)


def watched(*pictures: Image) -> MobilityEstimator:
    estimator = MobilityEstimator()
    for position, picture in enumerate(pictures):
        estimator.update(picture, position / 10)
    return estimator


def test_nothing_is_believed_before_the_first_picture() -> None:
    assert MobilityEstimator().belief == MobilityBelief()


def test_one_picture_shows_no_motion() -> None:
    assert watched(NOISE[0]).belief.value == "unknown"


def test_a_picture_without_texture_is_never_taken_for_travel() -> None:
    assert watched(*[BLACK] * 100).belief.value != "mobile"


@pytest.mark.parametrize("pictures", [[BLACK] * 30, [*NOISE] * 4, [NOISE[0]] * 30], ids=["black", "noise", "frozen"])
def test_confidence_is_a_share_and_an_undecided_camera_has_no_time_of_decision(pictures: list[Image]) -> None:
    belief = watched(*pictures).belief

    assert 0 <= belief.confidence <= 1
    assert (belief.decided_at is None) == (belief.value == "unknown")


def test_pictures_may_change_their_size_and_be_tiny() -> None:
    assert watched(BLACK, NOISE[0][:90, :160], NOISE[0][:9, :16], NOISE[0][:1, :1]).belief.value == "unknown"


def test_pictures_are_left_as_they_were() -> None:
    before = NOISE.copy()
    watched(*NOISE)
    assert (before == NOISE).all()


def test_a_belief_that_someone_holds_does_not_change() -> None:
    estimator = watched(NOISE[0])
    held = estimator.belief
    estimator.update(NOISE[1], 0.1)
    assert held == MobilityBelief()


def test_the_same_pictures_give_the_same_belief() -> None:
    assert watched(*NOISE).belief == watched(*NOISE).belief


def test_a_restart_is_no_evidence() -> None:
    estimator = watched(NOISE[0])
    estimator.restart()
    estimator.update(NOISE[1], 0.1)
    assert estimator.belief.value == "unknown"


def test_fewer_pictures_will_do_when_a_verdict_is_old_and_the_fewest_when_it_is_never_given_up() -> None:
    walk, room = (
        [frame.thumbnail(320) for frame in SyntheticSource(scene, seed=0, seconds=13, fps=10, layout="gray")]
        for scene in ("body", "fixed")
    )

    assert [watched(*room[:count]).spacing for count in (5, 60, 130)] == [1, 2, 2]
    assert [watched(*walk[:count]).spacing for count in (5, 60, 130)] == [1, 2, 4]
