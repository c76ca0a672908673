"""When the next picture is due."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.pace import Pace


@pytest.mark.parametrize(("rate", "taken"), [(25, 10), (30, 10), (10, 10), (5, 5), (1, 1)])
def test_about_one_picture_a_period_is_taken_whatever_the_rate(rate: int, taken: int) -> None:
    pace = Pace()
    assert sum(pace.takes(number / rate, 0.1) for number in range(10 * rate)) == pytest.approx(10 * taken, abs=2)


def test_what_came_late_is_caught_up_with_by_one_picture_at_most() -> None:
    pace = Pace()
    assert pace.takes(0.0, 0.1)
    assert [pace.takes(time, 0.1) for time in (5.0, 5.01, 5.02, 5.1)] == [True, True, False, True]


def test_stamps_that_are_sums_of_floats_still_come_on_time() -> None:
    pace, time, taken = Pace(), 0.0, 0
    for _ in range(1000):
        taken += pace.takes(time, 0.1)
        time += 0.1
    assert taken == 1000


@given(st.lists(st.floats(0, 1), max_size=50), st.floats(0.05, 1))
def test_two_that_are_taken_are_never_nearer_than_half_a_period_on_average(steps: list[float], period: float) -> None:
    pace, time, taken = Pace(), 0.0, 0
    for step in steps:
        time += step
        taken += pace.takes(time, period)
    assert taken <= time / period + 2
