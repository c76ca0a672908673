import numpy as np
import pytest

from facewarden.detector.mobility.apart import apart

SHAPE = (88, 160)
X, Y = np.meshgrid(np.linspace(5, 155, 12), np.linspace(5, 83, 8))
POINTS = np.stack((X.ravel(), Y.ravel()), 1).astype(np.float32)


def moved(where: np.ndarray, by: np.ndarray | tuple[float, float]) -> np.ndarray:
    return np.where(where[:, None], np.asarray(by), 0.0).astype(np.float32)


def test_behind_a_mesh_all_that_moves_moves_as_one_among_what_stands() -> None:
    every_other = np.arange(len(POINTS)) % 2 == 0
    seen = apart(POINTS, moved(every_other, (4.0, 1.0)), SHAPE)

    assert (seen.one, seen.one_cells, seen.one_rim, seen.mixed) == (1.0, 1.0, 1.0, 1.0)
    assert seen.standing == pytest.approx(0.5)
    assert seen.distance == pytest.approx(17**0.5)


def test_someone_in_the_middle_leaves_the_rim_alone() -> None:
    inside = (abs(POINTS[:, 0] - 80) < 38) & (POINTS[:, 1] > 24)
    seen = apart(POINTS, moved(inside, (4.0, 1.0)), SHAPE)

    assert seen.one == 1.0
    assert seen.one_rim == 0.0


def test_a_crowd_does_not_move_as_one() -> None:
    everywhere = np.full(len(POINTS), True)
    seen = apart(POINTS, moved(everywhere, np.random.default_rng(0).normal(0, 4, POINTS.shape)), SHAPE)

    assert seen.one < 0.3
    assert seen.bent > 0.5


def test_where_nothing_moves_nothing_moves_as_one() -> None:
    seen = apart(POINTS, np.zeros_like(POINTS), SHAPE)

    assert (seen.standing, seen.standing_cells, seen.moving) == (1.0, 1.0, 0.0)
    assert np.isnan(seen.one)
