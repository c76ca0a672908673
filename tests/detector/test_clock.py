"""The clocks that are handed in."""

import math

from facewarden.detector.clock import ManualClock, Recorded, SystemClock, today


def test_the_machines_clock_never_runs_backwards_and_knows_the_day() -> None:
    clock = SystemClock()
    moments = [clock.now() for _ in range(100)]

    assert moments == sorted(moments)
    assert today(clock) >= "2026-11-25"


def test_a_clock_that_is_set_by_hand_stands_until_it_is_moved() -> None:
    clock = ManualClock(seconds=5.0, posix=86_399.0)
    assert (clock.now(), today(clock)) == (5.0, "1970-01-01")

    clock.advance(1.0)
    assert (clock.now(), today(clock)) == (6.0, "1970-01-02")


def test_to_a_recording_no_picture_is_ever_stale() -> None:
    assert Recorded().now() == -math.inf
