"""When the next picture is due."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.pace import DrawnPace, Pace

# A thousand pictures a second, for three seconds.
FINELY = [number / 1000 for number in range(3000)]


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


@pytest.mark.parametrize("rate", [0.5, 5, 9, 10])
def test_of_a_slow_stream_a_drawn_pace_takes_every_picture(rate: float) -> None:
    assert len(drawn(number / rate for number in range(100))) == 100


@pytest.mark.parametrize("wary", [False, True])
@pytest.mark.parametrize("rate", [12, 23.976, 25, 30, 60, 120])
def test_a_drawn_pace_takes_as_many_as_an_even_one(rate: float, wary: bool) -> None:
    taken = drawn((number / rate for number in range(int(20 * rate))), wary=wary)

    assert len(taken) == pytest.approx(200, abs=2)


@pytest.mark.parametrize("seed", ["0/cam", "1/cam", "2/cam"])
def test_a_drawn_pace_is_even_from_the_second_on(seed: str) -> None:
    steps = [after - before for before, after in pairwise(drawn(FINELY, seed)[1:])]

    assert steps == pytest.approx([0.1] * len(steps), abs=2e-3)


def test_a_wary_one_draws_each_moment_within_its_own_period() -> None:
    steps = [after - before for before, after in pairwise(drawn(FINELY, wary=True)[1:])]

    assert min(steps) < 0.07
    assert max(steps) > 0.13


@pytest.mark.parametrize("wary", [False, True])
def test_the_same_seed_draws_the_same_moments_and_another_one_others(wary: bool) -> None:
    assert drawn(FINELY, "7/cam", wary=wary) == drawn(FINELY, "7/cam", wary=wary)
    assert drawn(FINELY, "7/cam", wary=wary) != drawn(FINELY, "8/cam", wary=wary)


def test_what_is_shown_at_each_tenth_of_a_second_is_not_what_most_seeds_take() -> None:
    """A still at every tenth, and the other pictures of thirty a second a hundredth after it."""
    times = sorted([number / 10 for number in range(30)] + [number / 30 + 0.01 for number in range(90)])
    fooled = sum(_is_tenth(drawn(times, f"{seed}/cam")[-1]) for seed in range(100))

    assert fooled < 50


def _is_tenth(time: float) -> bool:
    return abs(10 * time - round(10 * time)) < 1e-3


def drawn(times: Iterable[float], seed: str = "0/cam", *, wary: bool = False) -> list[float]:
    pace = DrawnPace(seed)
    pace.wary = wary
    taken: list[float] = []
    for time in times:
        if pace.has_come(time, 0.1):
            pace.step(time, 0.1)
            taken.append(time)
    return taken
