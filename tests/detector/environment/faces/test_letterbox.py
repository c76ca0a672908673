import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.environment.faces.letterbox import Letterbox, shrunk
from facewarden.streams.frame import Image


def noise(height: int, width: int, seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(1, 256, (height, width), dtype=np.uint8)


@given(height=st.integers(1, 320), width=st.integers(1, 320))
def test_a_picture_that_fits_lies_unchanged_at_the_top_left_of_a_black_frame(height: int, width: int) -> None:
    picture = noise(height, width)
    frame, scale = Letterbox().put(picture)

    assert scale == (1.0, 1.0)
    assert all(side % 32 == 0 for side in frame.shape[2:])
    assert all(0 <= side - inner < 32 for side, inner in zip(frame.shape[2:], picture.shape, strict=True))
    assert np.array_equal(frame[0, 0, :height, :width], picture)
    assert np.count_nonzero(frame) == picture.size


@given(height=st.integers(1, 3000), width=st.integers(321, 3000))
def test_a_larger_one_is_scaled_to_320_and_its_corners_map_back_exactly(height: int, width: int) -> None:
    picture = noise(1, 1).repeat(height, 0).repeat(width, 1)
    frame, (across, down) = Letterbox().put(picture)
    rows, columns = (int(np.count_nonzero(frame[0, 0].any(axis=axis))) for axis in (1, 0))

    assert max(rows, columns) == 320
    assert (columns * across, rows * down) == (pytest.approx(width), pytest.approx(height))


def test_nothing_of_the_picture_before_is_left_in_the_frame() -> None:
    letterbox = Letterbox()
    letterbox.put(noise(180, 320))
    frame, _ = letterbox.put(noise(161, 300, seed=1))

    assert np.count_nonzero(frame) == 161 * 300


def test_pictures_of_one_size_share_one_frame() -> None:
    letterbox = Letterbox()

    assert letterbox.put(noise(180, 320)).frame is letterbox.put(noise(170, 310)).frame


def test_a_picture_that_fits_is_not_copied() -> None:
    picture = noise(180, 320)

    assert shrunk(picture) is picture
