import cmath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.mobility.similarity import Similarity, complexes, since

NUMBERS = st.floats(-100, 100)
TURNS = st.builds(cmath.rect, st.floats(0.5, 2.0), st.floats(-3, 3))
STEPS = st.builds(Similarity, TURNS, st.builds(complex, NUMBERS, NUMBERS))
POINTS = np.random.default_rng(0).uniform(0, 160, (20, 2)).astype(np.float32)


@given(STEPS)
def test_the_similarity_that_moved_points_is_found_from_them(step: Similarity) -> None:
    before = complexes(POINTS)
    found = Similarity.fitted(before, step.turn * before + step.shift)

    assert found.turn == pytest.approx(step.turn, abs=1e-9)
    assert found.shift == pytest.approx(step.shift, abs=1e-6)


@given(STEPS, STEPS)
def test_what_led_from_a_past_pose_to_the_one_now_is_found_again(past: Similarity, step: Similarity) -> None:
    (turn,), (shift,) = since(step.after(past), [past])

    assert turn == pytest.approx(step.turn, abs=1e-9)
    assert shift == pytest.approx(step.shift, abs=1e-6)


@given(STEPS)
def test_its_matrix_takes_points_to_the_same_place(step: Similarity) -> None:
    matrix = step.matrix()
    moved = POINTS @ matrix[:, :2].T + matrix[:, 2]

    assert moved[:, 0] + 1j * moved[:, 1] == pytest.approx(step.turn * complexes(POINTS) + step.shift)
