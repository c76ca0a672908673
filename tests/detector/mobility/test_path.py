import numpy as np
import pytest

from facewarden.detector.mobility.measures import Way
from facewarden.detector.mobility.path import describe_path
from facewarden.detector.mobility.similarity import Similarity
from facewarden.detector.mobility.view import View

GREY = np.zeros((88, 160), np.uint8)
TIMES = np.arange(16) * 0.25


def way(
    right: np.ndarray[tuple[int], np.dtype[np.floating]],
    down: float | np.ndarray[tuple[int], np.dtype[np.floating]] = 0.0,
    chain: int = 0,
) -> Way:
    views: list[View] = []
    for time, x, y in zip(TIMES, right, np.broadcast_to(down, right.shape), strict=True):
        view = View(GREY, float(time))
        view.pose = Similarity(shift=complex(x, y))
        views.append(view)
    views[-1].chain = chain
    return describe_path(views[-1], views)


def test_how_far_and_how_long_the_view_went() -> None:
    measures = way(8 * TIMES)

    assert measures.roam == pytest.approx(8 * TIMES[-1])
    assert measures.followed == pytest.approx(TIMES[-1])


def test_turning_about_one_axis_is_a_line_also_where_it_speeds_up() -> None:
    measures = way(3 * TIMES**2, 0.1 * 3 * TIMES**2)

    assert measures.off_line / measures.path < 0.005
    assert measures.zooms == pytest.approx(0.0)


def test_a_hand_is_off_the_line() -> None:
    measures = way(8 * TIMES, np.random.default_rng(0).normal(0, 0.5, 16))
    assert measures.off_line / measures.path > 0.02


def test_a_swing_stays_about_its_place_and_a_walk_leaves_it() -> None:
    swing, walk = way(3 * np.sin(9 * TIMES)), way(3 * TIMES)

    assert swing.drift < 0.4 * swing.swing
    assert walk.drift > walk.swing


def test_a_way_that_could_not_be_followed_is_unknown() -> None:
    measures = way(8 * TIMES, chain=1)

    assert measures.followed == 0.0
    assert np.isnan(measures.roam)
