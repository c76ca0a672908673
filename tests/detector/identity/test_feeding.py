import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.identity import Slot
from facewarden.detector.identity.feeding import attempts

FACE = np.full((112, 112), 255, np.uint8)


@pytest.mark.parametrize(
    ("shape", "dtype", "fed", "highest"),
    [
        ((1, 3, 112, 112), "float32", (1, 3, 112, 112), 1.0),
        ((None, 3, 112, 96), "float16", (1, 3, 112, 96), 1.0),
        ((1, 224, 224, 3), "uint8", (1, 224, 224, 3), 255),
        ((1, 160, 160, 3), "int8", (1, 160, 160, 3), 127),
        ((None, 3, None, None), "float32", (1, 3, 112, 112), 1.0),
        ((None, None, None, None), "float32", (1, 3, 112, 112), 1.0),
        ((128, 128, 1), "float32", (128, 128, 1), 1.0),
    ],
)
def test_a_picture_is_fed_as_the_model_takes_it(
    shape: tuple[int | None, ...], dtype: str, fed: tuple[int, ...], highest: float
) -> None:
    (array,) = next(attempts([Slot(shape, dtype)])).arrays(FACE)

    assert (array.shape, array.dtype, array.max()) == (fed, dtype, highest)


def test_a_free_size_is_tried_at_those_that_recognisers_take() -> None:
    sizes = {attempt.size for attempt in attempts([Slot((1, 3, None, None))])}

    assert {(112, 112), (160, 160), (112, 96), (128, 128)} <= sizes


def test_a_second_input_gets_zeros() -> None:
    flag, picture = next(attempts([Slot((None, 4)), Slot((1, 3, 112, 112))])).arrays(FACE)

    assert (flag.shape, flag.any(), picture.any()) == ((1, 4), False, True)


@given(st.lists(st.one_of(st.none(), st.integers(1, 5000)), max_size=6))
def test_whatever_the_shape_an_attempt_fills_it(shape: list[int | None]) -> None:
    for attempt in attempts([Slot(tuple(shape))]):
        (slot,) = attempt.inputs
        assert all(want in (None, side) for want, side in zip(shape, slot.shape, strict=True))
