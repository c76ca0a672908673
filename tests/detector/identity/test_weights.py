import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.identity.model import Array
from facewarden.detector.identity.weights import fingerprint, shared


def convolutions(seed: int) -> list[Array]:
    random = np.random.default_rng(seed)
    shapes = [(64, 32, 3, 3), (64, 64, 1, 1), (128, 1, 3, 3), (128, 64, 3, 3)]
    return [random.gamma(1 + place, size=shape) * random.choice([-1, 1], shape) for place, shape in enumerate(shapes)]


@given(st.permutations(range(4)), st.integers(0, 100))
def test_order_and_folded_normalisation_change_nothing(order: list[int], seed: int) -> None:
    weights = convolutions(1)
    gains = [np.random.default_rng(seed).uniform(0.1, 4, (len(one), 1, 1, 1)) for one in weights]
    exported = [weights[place] * gains[place] for place in order]

    assert shared(fingerprint(exported), fingerprint(weights)) == 1.0


def test_rounding_to_sixteen_bits_changes_nothing() -> None:
    weights = convolutions(1)

    assert shared(fingerprint([one.astype(np.float16) for one in weights]), fingerprint(weights)) == 1.0


def test_other_weights_of_the_same_shapes_are_not_the_same() -> None:
    random = np.random.default_rng(0)
    other = [one + random.standard_normal(one.shape) for one in convolutions(1)]

    assert shared(fingerprint(other), fingerprint(convolutions(1))) < 0.5


def test_half_of_a_network_is_half() -> None:
    weights = convolutions(1)
    sizes = [one.size for one in weights]

    assert shared(fingerprint(weights[:2]), fingerprint(weights)) == pytest.approx(sum(sizes[:2]) / sum(sizes))


def test_nothing_shares_nothing() -> None:
    assert shared((), ()) == 0.0
