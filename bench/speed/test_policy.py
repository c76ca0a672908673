# pyright: standard
"""What a decision costs with all packs loaded, over the facts of the shipped vectors."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from facewarden.bench.speed.policy import facts_of, judging, timed
from facewarden.detector.calls import Call
from facewarden.detector.guard import Guard
from facewarden.detector.policy import Policy, load_packs
from facewarden.detector.policy.pack import shipped_packs

BUDGETS: dict[str, dict[str, float]] = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())["tests"][
    "decision"
]
ROUNDS = 30


@pytest.mark.parametrize("kind", ["anew", "remembered"])
def test_a_decision_costs_no_more_than_its_budget(
    benchmark: BenchmarkFixture, kind: str, slower: Callable[[], float]
) -> None:
    policy, facts = Policy(load_packs(shipped_packs())), facts_of()
    ask = policy if kind == "remembered" else judging(policy)
    (spent,) = timed([ask], [facts], ROUNDS)
    benchmark.extra_info["median_us"] = median(spent)
    benchmark(lambda: [ask(one) for one in facts])

    assert median(spent) <= BUDGETS[kind]["median_us"] * slower()


def test_a_call_of_a_kind_seen_before_costs_no_more_than_its_budget(
    benchmark: BenchmarkFixture, slower: Callable[[], float]
) -> None:
    guard, call = Guard(live=True), Call(source="cam", service="azure_openai")
    (spent,) = timed([guard.authorise], [[call] * 1000], ROUNDS)
    benchmark.extra_info["median_us"] = median(spent)
    benchmark(guard.authorise, call)

    assert median(spent) <= BUDGETS["call"]["median_us"] * slower()
