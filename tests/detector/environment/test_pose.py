import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.environment import pose
from facewarden.detector.environment.pose import pose_of

angles = st.floats(-40, 40)


def seen(yaw: float, pitch: float, roll: float = 0.0, size: float = 0.5, distance: float | None = None) -> np.ndarray:
    """The mean face turned by these angles, in degrees, and seen from afar, or from `distance` millimetres."""
    y, p, r = np.radians((yaw, pitch, roll))
    about_y = np.array([(np.cos(y), 0, -np.sin(y)), (0, 1, 0), (np.sin(y), 0, np.cos(y))])
    about_x = np.array([(1, 0, 0), (0, np.cos(p), np.sin(p)), (0, -np.sin(p), np.cos(p))])
    about_z = np.array([(np.cos(r), -np.sin(r), 0), (np.sin(r), np.cos(r), 0), (0, 0, 1)])
    turned = pose._FACE @ (about_z @ about_y @ about_x).T  # pyright: ignore[reportPrivateUsage]
    nearness = 1.0 if distance is None else distance / (distance + turned[:, 2:])
    return (turned[:, :2] * nearness * size + 100).astype(np.float32)


@given(yaw=angles, pitch=angles, size=st.floats(0.05, 20))
def test_yaw_and_pitch_are_found_whatever_the_size(yaw: float, pitch: float, size: float) -> None:
    found = pose_of(seen(yaw, pitch, size=size))

    assert found is not None
    assert (found.yaw, found.pitch) == (pytest.approx(yaw, abs=0.5), pytest.approx(pitch, abs=0.5))


@given(roll=st.floats(-170, 170))
def test_a_face_that_is_tilted_in_the_picture_is_rolled_and_not_turned(roll: float) -> None:
    found = pose_of(seen(0, 0, roll))

    assert found is not None
    assert found == (pytest.approx(0, abs=0.5), pytest.approx(0, abs=0.5), pytest.approx(roll, abs=0.5))


@given(yaw=st.floats(-35, 35), pitch=st.floats(-25, 25))
def test_from_half_a_metre_the_error_stays_below_ten_degrees(yaw: float, pitch: float) -> None:
    found = pose_of(seen(yaw, pitch, distance=500))

    assert found is not None
    assert (found.yaw, found.pitch) == (pytest.approx(yaw, abs=10), pytest.approx(pitch, abs=10))


@pytest.mark.parametrize(
    "points",
    [
        np.zeros((5, 2)),
        np.array([(0, 0), (40, 0), (20, 90), (5, 10), (35, 10)]),
        np.array([(0, 0), (40, 0), (120, 20), (5, 40), (35, 40)]),
        np.full((5, 2), np.nan),
    ],
)
def test_points_that_no_face_has_are_refused(points: np.ndarray) -> None:
    assert pose_of(points.astype(np.float32)) is None
