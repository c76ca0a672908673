import numpy as np
import pytest
from helpers.rooms import face

from facewarden.detector.audit.blur import blur

PICTURE = np.random.default_rng(0).integers(0, 256, (180, 320, 3), np.uint8)


def test_of_a_face_that_is_blurred_at_most_six_by_six_means_are_left() -> None:
    """Two pictures that differ in a face only, by less than a cell's mean tells, are the same afterwards."""
    one, other = PICTURE.copy(), PICTURE.copy()
    inside = (slice(70, 90), slice(150, 160))
    other[inside] = one[inside][::-1, ::-1]
    one_blurred, other_blurred = blur(one, [face(135, 50, 40)]), blur(other, [face(135, 50, 40)])

    assert not np.array_equal(one, other)
    left = np.abs(one_blurred[inside].astype(int) - other_blurred[inside]).mean()
    assert left < 0.15 * np.abs(one[inside].astype(int) - other[inside]).mean()
    assert one_blurred[55:95, 140:170].std() < 0.35 * one[55:95, 140:170].std()


def test_what_is_no_face_stays_and_the_picture_given_is_left_alone() -> None:
    before = PICTURE.copy()
    blurred = blur(PICTURE, [face(135, 50, 40)])

    assert np.array_equal(PICTURE, before)
    assert np.array_equal(blurred[:, :100], PICTURE[:, :100])
    assert not np.array_equal(blurred[60:80, 140:160], PICTURE[60:80, 140:160])


@pytest.mark.parametrize("place", [(-30.0, -30.0), (300.0, 170.0), (-500.0, 0.0), (400.0, 400.0)])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_a_face_over_the_edge_is_blurred_as_far_as_it_shows(
    place: tuple[float, float], channels: tuple[int, ...]
) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (180, 320, *channels), np.uint8)
    assert blur(picture, [face(*place)]).shape == picture.shape


def test_without_faces_a_picture_stays_as_it_is() -> None:
    assert np.array_equal(blur(PICTURE, []), PICTURE)
