import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.budget import (
    ENVIRONMENT,
    FACES,
    MOBILITY,
    Allowance,
    Budget,
    Latency,
    Stage,
    Unlimited,
    available_cores,
    of_the_machine,
)
from facewarden.detector.clock import ManualClock

STAGES = (MOBILITY, ENVIRONMENT, FACES)
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


def plenty() -> Allowance:
    return Allowance(1e9)


def budget_of(ms: float = 50.0, shared: Allowance | None = None) -> tuple[Budget, ManualClock]:
    clock = ManualClock()
    return Budget(ms, shared or plenty(), clock), clock


@pytest.mark.parametrize("decided", [False, True])
def test_a_fresh_budget_lets_every_stage_run(decided: bool) -> None:
    budget, _ = budget_of()
    assert all(budget.allows(stage, decided) for stage in STAGES)


def test_the_environment_is_shed_before_mobility() -> None:
    budget, _ = budget_of()
    budget.spend(30.0)

    assert [budget.allows(stage, False) for stage in STAGES] == [True, False, False]


def test_all_is_shed_when_the_budget_is_overdrawn() -> None:
    budget, _ = budget_of()
    budget.spend(51.0)
    assert not any(budget.allows(stage, False) for stage in STAGES)


def test_an_overrun_is_made_up_for_as_the_stream_goes_on() -> None:
    budget, _ = budget_of()
    budget.spend(150.0)

    budget.earn(1.9)
    assert not budget.allows(MOBILITY, False)
    budget.earn(0.2)
    assert budget.allows(MOBILITY, False)


def test_at_most_one_second_is_saved_up() -> None:
    budget, _ = budget_of()
    budget.earn(3600.0)
    budget.spend(51.0)
    assert not budget.allows(MOBILITY, False)


def test_where_the_process_is_short_of_time_sources_with_a_verdict_wait_for_those_without() -> None:
    shared = Allowance(1000.0)
    budget, _ = budget_of(shared=shared)
    shared.spend(650.0)

    assert [budget.allows(stage, False) for stage in STAGES] == [True, True, True]
    assert [budget.allows(stage, True) for stage in STAGES] == [False, False, False]


def test_what_one_source_takes_of_the_process_another_lacks_until_time_has_gone_by() -> None:
    shared, clock = Allowance(100.0), ManualClock()
    one, other = Budget(1e6, shared, clock), Budget(1e6, shared, clock)
    assert one.allows(MOBILITY, False)
    one.spend(200.0)

    assert not other.allows(MOBILITY, False)
    clock.advance(1.1)
    assert other.allows(MOBILITY, False)


def test_no_source_starves_whatever_the_others_take() -> None:
    shared = Allowance(0.0)
    shared.spend(1e9)
    budget, _ = budget_of(shared=shared)
    looked = 0
    for _ in range(100):
        budget.earn(0.1)
        looked += budget.allows(MOBILITY, True)

    assert looked == pytest.approx(10, abs=1)


def test_of_this_machine_a_part_stays_free() -> None:
    assert 0 < of_the_machine().ms_per_second < 1000 * available_cores()


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 1e6))), st.sampled_from(STAGES))
def test_a_replay_never_sheds(history: list[tuple[float, float]], stage: Stage) -> None:
    budget = Unlimited()
    for earned, spent in history:
        budget.earn(earned)
        budget.spend(spent)
    assert budget.allows(stage, False)


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 1e3))), st.booleans())
def test_stages_are_shed_in_their_order(history: list[tuple[float, float]], decided: bool) -> None:
    budget, _ = budget_of(shared=Allowance(200.0))
    for earned, spent in history:
        budget.earn(earned)
        budget.spend(spent)
    allowed = [budget.allows(stage, decided) for stage in STAGES]
    assert allowed == sorted(allowed, reverse=True)
