import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facewarden.detector.identity.probes import NO_FACE
from facewarden.detector.identity.signs import Signs, measure

PEOPLE = [0, 0, 1, 1, 2, 2, 3, 3, NO_FACE, NO_FACE]


def templates(noise: float) -> np.ndarray:
    random = np.random.default_rng(3)
    codes = random.standard_normal((5, 64))
    return np.stack([codes[who] + noise * random.standard_normal(64) for who in PEOPLE])


def test_templates_are_strong_and_clear() -> None:
    signs = measure(templates(0.2), PEOPLE)

    assert signs
    assert (signs.strong, signs.clear, signs.auc) == (True, True, 1.0)


@pytest.mark.parametrize(("auc", "separation"), [(0.94, 2.6), (0.96, 2.2), (0.94, 2.2)])
def test_who_is_told_apart_as_well_as_by_age_is_left_undecided(auc: float, separation: float) -> None:
    signs = Signs(256, auc, separation, people=0.6, textures=0.5, unit=False)

    assert (signs.strong, signs.weak) == (False, True)


def test_noise_is_nothing() -> None:
    signs = measure(np.random.default_rng(0).standard_normal((10, 64)), PEOPLE)

    assert signs
    assert (signs.strong, signs.weak, signs.promising) == (False, False, False)


def test_people_who_are_all_alike_by_angle_are_told_by_distance() -> None:
    signs = measure(templates(0.2) + 30, PEOPLE)

    assert signs
    assert (signs.people > 0.9, signs.strong, signs.by) == (True, True, "distance")


def test_a_layer_that_normalises_makes_no_template() -> None:
    vectors = templates(0.2)
    vectors = (vectors - vectors.mean(1, keepdims=True)) / vectors.std(1, keepdims=True)
    signs = measure(vectors, PEOPLE)

    assert signs
    assert (signs.strong, signs.unit) == (True, False)


def test_a_softmax_hides_nothing() -> None:
    exponents = np.exp(templates(0.2))
    signs = measure(exponents / exponents.sum(1, keepdims=True), PEOPLE)

    assert signs
    assert signs.strong


def test_templates_of_one_length_are_told() -> None:
    vectors = templates(0.2)
    unit, free = measure(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), PEOPLE), measure(vectors, PEOPLE)

    assert unit
    assert free
    assert (unit.unit, free.unit) == (True, False)


@pytest.mark.parametrize("vectors", [np.ones((10, 4)), np.ones((10, 1)), np.full((10, 4), np.nan)])
def test_vectors_that_hold_nothing_have_no_signs(vectors: np.ndarray) -> None:
    assert measure(vectors, PEOPLE) is None


@given(arrays(np.float32, (10, 6), elements=st.integers(-1_000_000, 1_000_000).map(float)), st.floats(0.5, 8))
def test_the_size_of_the_numbers_does_not_matter(vectors: np.ndarray, factor: float) -> None:
    vectors[0, 0] = -7  # so that they are not taken for probabilities
    before, after = measure(vectors, PEOPLE), measure(vectors * np.float32(2) ** round(factor), PEOPLE)

    assert (before is None) == (after is None)
    assert before is None or after is None or before.auc == pytest.approx(after.auc, abs=0.05)


def test_of_a_map_a_few_large_values_drown_no_others() -> None:
    random = np.random.default_rng(1)
    vectors = np.concatenate([templates(0.5), 100 * random.standard_normal((len(PEOPLE), 8))], 1)
    plain, map_ = measure(vectors, PEOPLE), measure(vectors, PEOPLE, map_=True)

    assert plain
    assert map_
    assert (plain.evened, plain.hinting) == (False, False)
    assert (map_.evened, map_.hinting, map_.strong) == (True, True, False)
