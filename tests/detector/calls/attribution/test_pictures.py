from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from facewarden.detector.calls.attribution.pictures import MOST, SIDE, pictures

PICTURE = cv2.GaussianBlur(np.random.default_rng(5).integers(0, 256, (96, 128, 3), np.uint8), (0, 0), 4)
PLANE = PICTURE.astype(np.float32) @ np.array([0.25, 0.5, 0.25])

LAYOUTS: dict[str, Any] = {
    "HWC": lambda picture: picture,
    "CHW": lambda picture: picture.transpose(2, 0, 1),
    "NHWC": lambda picture: picture[np.newaxis],
    "NCHW": lambda picture: picture.transpose(2, 0, 1)[np.newaxis],
}


def alike(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    scale=st.floats(1 / 255, 2),
    offset=st.floats(-200, 200),
    dtype=st.sampled_from([np.float16, np.float32, np.float64]),
    rgb=st.booleans(),
)
def test_layout_normalisation_and_order_of_colours_make_no_difference(
    layout: str, scale: float, offset: float, dtype: type, rgb: bool
) -> None:
    coloured = PICTURE[:, :, ::-1] if rgb else PICTURE
    normalised = ((coloured.astype(np.float64) + offset) * scale).astype(dtype)
    (plane,) = pictures(LAYOUTS[layout](normalised))

    assert plane.shape == (96, 128)
    assert alike(plane, PLANE) > 0.99


@given(
    st.binary(max_size=300)
    | st.lists(st.integers(0, 9), max_size=5).map(lambda shape: np.zeros(shape))
    | st.sampled_from([None, "text", 5, [1, 2], np.zeros((1, 512)), np.zeros((2, 2, 2, 2, 2)), np.array(["a"])])
)
def test_what_holds_no_picture_gives_none_and_no_error(value: object) -> None:
    assert pictures(value) == []


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_an_encoded_picture_is_one(suffix: str) -> None:
    (plane,) = pictures(cv2.imencode(suffix, PICTURE)[1].tobytes())
    assert alike(plane, PLANE) > 0.95


def test_a_grey_picture_is_one() -> None:
    for grey in (PLANE, PLANE[np.newaxis], PLANE[np.newaxis, np.newaxis], PLANE[np.newaxis, :, :, np.newaxis]):
        assert [alike(plane, PLANE) for plane in pictures(grey)] == [pytest.approx(1.0)]


def test_every_picture_of_a_batch_is_taken_up_to_one_too_many() -> None:
    assert len(pictures(np.stack([PICTURE] * 3))) == 3
    assert len(pictures(np.stack([PICTURE] * 50))) == MOST + 1


def test_a_large_picture_is_brought_down() -> None:
    (plane,) = pictures(np.zeros((1080, 1920, 3), np.uint8))
    assert plane.shape == (90, SIDE)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_tensor_that_holds_no_numbers_is_no_picture(value: float) -> None:
    assert pictures(np.full((3, 64, 64), value, np.float32)) == []


def test_a_tensor_of_the_host_s_own_kind_is_asked_for_its_array_and_may_refuse() -> None:
    class Here:
        def __array__(self, dtype: object = None, copy: object = None) -> NDArray[Any]:
            return PICTURE

    class OnAnotherDevice:
        def __array__(self, dtype: object = None, copy: object = None) -> NDArray[Any]:
            raise TypeError("it is not here")

    assert len(pictures(Here())) == 1
    assert pictures(OnAnotherDevice()) == []
