import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.budget import Budget, Latency

MOBILITY, ENVIRONMENT = 0.0, 0.5
MILLISECOND = 1_000_000

times = st.lists(st.integers(10_000, 4_000_000_000), min_size=1, max_size=300)


def measured(nanoseconds: list[int]) -> Latency:
    latency = Latency()
    for ns in nanoseconds:
        latency.add(ns)
    return latency


# --- what it did cost -------------------------------------------------------------------------------------------------


@given(times)
def test_percentiles_are_within_five_per_cent_of_the_true_ones(nanoseconds: list[int]) -> None:
    cost = measured(nanoseconds).summary()
    p50, p99 = np.percentile(nanoseconds, [50, 99], method="inverted_cdf") / MILLISECOND

    assert (cost.p50, cost.p99) == (pytest.approx(p50, rel=0.05), pytest.approx(p99, rel=0.05))


@given(times)
def test_mean_and_maximum_are_exact(nanoseconds: list[int]) -> None:
    cost = measured(nanoseconds).summary()

    assert cost.mean == pytest.approx(np.mean(nanoseconds) / MILLISECOND, abs=1e-4)
    assert cost.max == pytest.approx(max(nanoseconds) / MILLISECOND, abs=1e-4)


@given(times)
def test_percentiles_are_in_order(nanoseconds: list[int]) -> None:
    cost = measured(nanoseconds).summary()
    assert cost.p50 <= cost.p99 <= cost.max


def test_nothing_measured_costs_nothing() -> None:
    cost = Latency().summary()
    assert (cost.mean, cost.p50, cost.p99, cost.max) == (0, 0, 0, 0)


@pytest.mark.parametrize("ns", [0, 1, 10**12])
def test_no_time_is_too_short_or_too_long_to_be_counted(ns: int) -> None:
    latency = measured([ns])
    assert (latency.count, latency.summary().max) == (1, pytest.approx(ns / MILLISECOND, abs=1e-4))


# --- what it may cost -------------------------------------------------------------------------------------------------


def test_a_fresh_budget_lets_every_stage_run() -> None:
    budget = Budget(50.0)
    assert budget.allows(MOBILITY)
    assert budget.allows(ENVIRONMENT)


def test_the_environment_is_shed_before_mobility() -> None:
    budget = Budget(50.0)
    budget.spend(30.0)

    assert budget.allows(MOBILITY)
    assert not budget.allows(ENVIRONMENT)


def test_all_is_shed_when_the_budget_is_overdrawn() -> None:
    budget = Budget(50.0)
    budget.spend(51.0)
    assert not budget.allows(MOBILITY)


def test_an_overrun_is_made_up_for_as_the_stream_goes_on() -> None:
    budget = Budget(50.0)
    budget.spend(150.0)

    budget.earn(1.9)
    assert not budget.allows(MOBILITY)
    budget.earn(0.2)
    assert budget.allows(MOBILITY)


def test_at_most_one_second_is_saved_up() -> None:
    budget = Budget(50.0)
    budget.earn(3600.0)
    budget.spend(51.0)
    assert not budget.allows(MOBILITY)


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 1e6))))
def test_an_unlimited_budget_never_sheds(history: list[tuple[float, float]]) -> None:
    budget = Budget(None)
    for earned, spent in history:
        budget.earn(earned)
        budget.spend(spent)
    assert budget.allows(1.0)


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 1e3))), st.floats(0, 1), st.floats(0, 1))
def test_a_stage_with_the_smaller_reserve_is_never_shed_first(
    history: list[tuple[float, float]], one: float, other: float
) -> None:
    budget = Budget(50.0)
    for earned, spent in history:
        budget.earn(earned)
        budget.spend(spent)
    assert budget.allows(min(one, other)) >= budget.allows(max(one, other))
