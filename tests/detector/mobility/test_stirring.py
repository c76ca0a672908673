"""Whether a camera that stood stands, by few pictures."""

import numpy as np

from facewarden.detector.mobility.stirring import Stirring
from facewarden.streams.frame import Image

WALL = np.random.default_rng(4).integers(0, 255, (12, 20), np.uint8).repeat(20, 0).repeat(20, 1)[:180, :320]
ELSEWHERE = np.random.default_rng(5).integers(0, 255, (12, 20), np.uint8).repeat(20, 0).repeat(20, 1)[:180, :320]


def behind(share: float) -> Image:
    """The wall, so much of it hidden by somebody."""
    picture = WALL.copy()
    picture[:, : round(320 * share)] = ELSEWHERE[:, : round(320 * share)]
    return picture


def lasting(picture: Image) -> tuple[bool, bool]:
    """Whether a glance takes it for a sign, and whether looking on finds that the camera has moved."""
    stirring = Stirring()
    stirring.glance(WALL, 0.0)
    stirs = stirring.glance(picture, 2.0)
    return stirs, any(stirring.moved(picture, 2.0 + number / 10) for number in range(30))


def test_somebody_who_passes_is_no_sign() -> None:
    assert lasting(behind(0.2)) == (False, False)


def test_somebody_who_hides_half_of_the_view_is_a_sign_and_no_motion() -> None:
    assert lasting(behind(0.5)) == (True, False)


def test_another_view_is_one_that_lasts() -> None:
    assert lasting(ELSEWHERE) == (True, True)


def test_a_view_that_is_there_again_was_hidden() -> None:
    stirring = Stirring()
    stirring.glance(WALL, 0.0)

    assert stirring.glance(ELSEWHERE, 2.0)
    assert not any(stirring.moved(ELSEWHERE, 2.0 + number / 10) for number in range(10))
    assert not any(stirring.moved(WALL, 3.0 + number / 10) for number in range(30))
