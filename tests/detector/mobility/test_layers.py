import numpy as np
import pytest

from facewarden.detector.mobility.blocks import Grid
from facewarden.detector.mobility.layers import Layers, Told
from facewarden.detector.mobility.view import View
from facewarden.streams.frame import Image

RNG = np.random.default_rng(0)
WALL = np.kron(RNG.integers(40, 220, (30, 50)), np.ones((6, 8)))[:180, :320]
WIRES = np.kron((RNG.random((45, 80)) < 0.25), np.ones((4, 4))) > 0


def grain(picture: np.ndarray) -> Image:
    return np.clip(picture + RNG.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)


def told(*pictures: np.ndarray) -> Told:
    views = [View(grain(picture), position / 10) for position, picture in enumerate(pictures)]
    layers = Layers(Grid((views[0].energy.shape[0], views[0].energy.shape[1])))
    for view in views:
        layers.add(view)
    return layers.measure(4.0)


def drift(pictures: int = 20, step: int = 3) -> list[np.ndarray]:
    return [np.roll(WALL, step * number, axis=1) for number in range(pictures)]


def test_three_pictures_say_nothing() -> None:
    assert np.isnan(told(*[WALL] * 3).layered.pure)


def test_a_wall_stands_purely_everywhere_and_all_around_its_structure() -> None:
    layered = told(*[WALL] * 20).layered

    assert (layered.pure, layered.gone, layered.pure_cells) == (1.0, 0.0, 1.0)
    assert layered.around > 0.95
    assert layered.broken == 0.0


def test_a_view_that_drifts_stands_nowhere_and_moves_as_one_up_to_the_rim() -> None:
    layered, behind, _ = told(*drift())

    assert layered.pure == 0.0
    assert behind.one > 0.9
    assert behind.one_rim == pytest.approx(1.0, abs=0.15)


def test_behind_wires_the_view_moves_and_what_stands_is_broken_and_mixed() -> None:
    layered, behind, _ = told(*[np.where(WIRES, 20, picture) for picture in drift()])

    assert layered.mixed > layered.pure
    assert layered.around < 0.6
    assert layered.avoids < 1
    assert behind.one > 0.6


def test_someone_before_a_wall_leaves_what_is_beside_him_pure() -> None:
    pictures = [WALL.copy() for _ in range(20)]
    for picture, moved in zip(pictures, drift(), strict=True):
        picture[60:, 100:200] = moved[60:, 100:200]
    layered, behind, _ = told(*pictures)

    assert layered.pure > 0.6
    assert layered.pure_rim == 1.0
    assert behind.one_rim < 0.3


def test_what_does_not_stand_is_followed_at_every_second_tick() -> None:
    layers = Layers(Grid((11, 20)))
    moving: list[float] = []
    for number, picture in enumerate(drift(16)):
        layers.add(View(grain(picture[:176]), number / 10))
        if number % 5 == 0:
            moving.append(layers.measure(4.0).behind.moving)

    assert [not np.isnan(one) for one in moving] == [False, True, False, True]
