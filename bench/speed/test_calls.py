# pyright: standard
"""What the taps cost a host at each call."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from facewarden.bench.speed import calls

BUDGETS: dict[str, dict[str, float]] = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())["tests"][
    "calls"
]


@pytest.mark.parametrize("kind", ["unwatched", "watched"])
def test_a_call_costs_the_host_no_more_than_its_budget(
    benchmark: BenchmarkFixture, kind: str, slower: Callable[[], float]
) -> None:
    with calls.recognising() as recogniser:
        gate = calls.tapped(watching=False) if kind == "unwatched" else recogniser
        costs = benchmark.pedantic(calls.added, args=({kind: gate},), rounds=1)
    benchmark.extra_info |= {f"{name}_us": cost for name, cost in costs.items()}

    assert costs[kind] <= BUDGETS[kind]["added"] * slower()
