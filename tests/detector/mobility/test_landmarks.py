import numpy as np

from facewarden.detector.mobility.landmarks import Landmarks
from facewarden.detector.mobility.similarity import Similarity
from facewarden.detector.mobility.view import View

WIDE = np.kron(np.random.default_rng(0).integers(0, 256, (11, 60)), np.ones((8, 8))).astype(np.uint8)


def seen(at: int, time: float, chain: int = 0) -> View:
    view = View(WIDE[:, at : at + 160], time)
    view.pose, view.chain = Similarity(shift=complex(-at)), chain
    return view


def swept(*places: int) -> Landmarks:
    landmarks = Landmarks()
    for second, at in enumerate(places):
        landmarks.add(seen(at, float(second)))
    return landmarks


def test_a_view_that_comes_back_is_brought_into_register_by_the_turning_alone() -> None:
    now = seen(5, 6.0)
    old = swept(0, 60, 120, 120, 60).revisited(now)

    assert old is not None
    inner = np.s_[8:-8, 16:-16]
    assert np.corrcoef(old.detail[inner].ravel(), now.detail[inner].ravel())[0, 1] > 0.9


def test_a_view_that_was_never_left_does_not_come_back() -> None:
    assert swept(0, 1, 2, 1, 0).revisited(seen(0, 6.0)) is None


def test_a_view_that_was_left_but_now_does_not_come_back_either() -> None:
    assert swept(0, 60).revisited(seen(0, 2.0)) is None


def test_where_the_way_was_lost_nothing_is_known() -> None:
    assert swept(0, 60, 120, 60).revisited(seen(0, 6.0, chain=1)) is None


def test_half_a_minute_is_remembered() -> None:
    assert swept(0, *[100] * 40).revisited(seen(0, 41.0)) is None
