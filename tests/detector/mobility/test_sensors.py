import numpy as np

from facewarden.detector.mobility.sensors import travels
from facewarden.streams.telemetry import Motion

GRAVITY = np.array([0.0, -9.81, 0.0])
RNG = np.random.default_rng(0)


def at_rest(noise: float) -> Motion:
    return Motion(acceleration=GRAVITY + RNG.normal(0, noise, (200, 3)))


def test_a_camera_at_rest_says_nothing() -> None:
    assert not travels(at_rest(0.03))
    assert not travels(Motion())


def test_a_hand_s_tremor_and_a_drive_tell() -> None:
    assert travels(at_rest(0.4))
    assert travels(Motion(speed=np.full(18, 13.9)))


def test_a_satellite_fix_that_wanders_does_not() -> None:
    assert not travels(Motion(speed=np.abs(RNG.normal(0, 0.3, 18))))
