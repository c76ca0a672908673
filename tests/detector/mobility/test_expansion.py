import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.mobility.expansion import expansion
from facewarden.detector.mobility.measures import Expansion

SHAPE = (88, 160)
RNG = np.random.default_rng(0)
POINTS = (RNG.uniform(0, 1, (60, 2)) * (160, 88)).astype(np.float32)
NEARNESS = RNG.uniform(0.02, 0.2, (60, 1))


def moved(moves: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> Expansion:
    return expansion(POINTS, moves.astype(np.float32), SHAPE)


@pytest.mark.parametrize("focus", [(80, 44), (50, 30), (110, 60)])
def test_a_drive_comes_out_of_one_point_near_things_faster(focus: tuple[int, int]) -> None:
    measures = moved((POINTS - focus) * NEARNESS)

    assert measures.outward > 0.9
    assert measures.depth > 0.5


def test_a_hood_that_stands_does_not_hide_it() -> None:
    hood = POINTS[:, 1:] > 60
    measures = moved(np.where(hood, 0, (POINTS - (80, 30)) * NEARNESS))

    assert measures.outward > 0.9
    assert 0.4 < measures.astir < 0.9


def test_a_zoom_has_no_depth() -> None:
    assert moved((POINTS - (80, 44)) * 0.05).depth == pytest.approx(0.0, abs=0.01)


def test_a_pan_has_no_point_and_a_picture_that_stands_no_motion() -> None:
    assert moved(np.tile((3.0, 0.1), (60, 1))).outward == 0.0
    assert moved(np.zeros((60, 2))) == Expansion(outward=0.0, astir=0.0, depth=0.0)


@given(st.integers(0, 200))
def test_a_crowd_agrees_on_no_point(seed: int) -> None:
    measures = moved(np.random.default_rng(seed).normal(0, 3, (60, 2)))
    assert measures.outward < 0.5
