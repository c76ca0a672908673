import numpy as np
import pytest

from facewarden.detector.mobility.average import Averages
from facewarden.detector.mobility.view import View

RNG = np.random.default_rng(0)
SCENE = np.kron(RNG.integers(60, 200, (11, 20)), np.ones((16, 16)))


def view(shift: int = 0) -> View:
    grain = RNG.normal(0, 12, SCENE.shape)
    return View(np.clip(np.roll(SCENE, shift, axis=1) + grain, 0, 255).astype(np.uint8), 0.0)


def means(*seconds: list[View]) -> tuple[View, View]:
    averages, views = Averages(), None
    for second in seconds:
        for one in second:
            averages.add(one)
        views = averages.close(second[-1])
    assert views is not None
    return views


def likeness(one: View, other: View) -> float:
    return float(np.corrcoef(one.detail.ravel(), other.detail.ravel())[0, 1])


def test_one_average_has_nothing_to_be_compared_with() -> None:
    averages = Averages()
    averages.add(view())
    assert averages.close(view()) is None


def test_noise_goes_and_what_stands_stays() -> None:
    now, before = means(*[[view() for _ in range(5)] for _ in range(4)])

    assert likeness(now, before) > likeness(view(), view())
    assert likeness(now, before) > 0.97


def test_what_moves_blurs_away() -> None:
    now, _ = means(*[[view(16 * step) for step in range(8)] for _ in range(4)])

    assert now.energy.sum() < 0.4 * view().energy.sum()


def test_a_swing_about_one_place_leaves_the_mean_where_it_was() -> None:
    now, before = means(*[[view(shift) for shift in (0, 2, 0, -2, 0)] for _ in range(4)])

    assert likeness(now, before) == pytest.approx(1.0, abs=0.03)
