# pyright: standard
"""What the watch costs each Python process that a watched program starts and that makes no call."""

import os
import resource
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from facewarden.detector.watching.start import plan

BUDGET: float = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())["tests"]["start"]["added_s"]
_STARTS = 15


def spent(environment: dict[str, str]) -> float:
    """Processor time of one start, seconds, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "pass"], env=os.environ | environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def added(record: Path) -> float:
    """What watching adds, by the medians of starts taken in turns. The first pair, which compiles, does not count."""
    pairs = [(spent({}), spent(plan(None, record=record).environment())) for _ in range(_STARTS + 1)][1:]
    without, watched = zip(*pairs, strict=True)
    return statistics.median(watched) - statistics.median(without)


def test_a_process_that_makes_no_call_pays_no_more_than_its_budget(
    benchmark: BenchmarkFixture, tmp_path: Path, slower: Callable[[], float]
) -> None:
    cost = benchmark.pedantic(added, args=(tmp_path,), rounds=1)
    benchmark.extra_info["added_s"] = cost

    assert cost <= BUDGET * slower()
