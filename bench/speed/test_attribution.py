# pyright: standard
"""What it costs to keep what a source has shown, and to find whose picture a call was given."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from time import thread_time
from typing import Any

import cv2
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from facewarden.detector.calls.attribution import Recent, match
from facewarden.streams.frame import Frame
from facewarden.streams.synthetic import SyntheticSource

BUDGETS: dict[str, float] = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())["tests"]["attribution"]
RATE = 30


@pytest.fixture(scope="module")
def played() -> dict[str, list[Frame]]:
    """Two seconds of four 1080p cameras, as luma."""
    cv2.setNumThreads(1)
    scenes = ("body", "fixed", "crowd", "pole")
    return {name: list(SyntheticSource(name, seed=1, seconds=2, fps=RATE, size=(1920, 1080))) for name in scenes}


@pytest.fixture(scope="module")
def recents(played: dict[str, list[Frame]]) -> dict[str, Recent]:
    kept = {name: Recent() for name in played}
    for name, frames in played.items():
        for frame in frames:
            kept[name].add(frame)
    return kept


def median_ms(benchmark: BenchmarkFixture, work: Callable[[], object], rounds: int = 30) -> float:
    """The median of the processor's time that a piece of work takes, milliseconds: others use the machine as well."""
    taken: list[float] = []

    def timed() -> None:
        started = thread_time()
        work()
        taken.append((thread_time() - started) * 1e3)

    benchmark.pedantic(timed, rounds=rounds, warmup_rounds=2)
    benchmark.extra_info["median_ms"] = float(np.median(taken))
    return benchmark.extra_info["median_ms"]


def test_keeping_what_a_source_has_shown_costs_little(
    benchmark: BenchmarkFixture, played: dict[str, list[Frame]], slower: Callable[[], float]
) -> None:
    def keep() -> None:
        recent = Recent()
        for frame in played["body"]:
            recent.add(frame)

    assert median_ms(benchmark, keep, rounds=10) / len(played["body"]) <= BUDGETS["add"] * slower()


def test_a_whole_picture_is_found_within_its_budget(
    benchmark: BenchmarkFixture, played: dict[str, list[Frame]], recents: dict[str, Recent], slower: Callable[[], float]
) -> None:
    picture: Any = cv2.resize(played["fixed"][-2].bgr(), (320, 320)).astype(np.float32) / 255
    found = match([picture], recents)

    assert found is not None
    assert found.source == "fixed"
    assert median_ms(benchmark, lambda: match([picture], recents)) <= BUDGETS["whole"] * slower()


def test_a_part_is_sought_among_four_sources_within_its_budget(
    benchmark: BenchmarkFixture, played: dict[str, list[Frame]], recents: dict[str, Recent], slower: Callable[[], float]
) -> None:
    part: Any = cv2.resize(played["fixed"][-2].bgr()[400:640, 800:1040], (112, 112)).astype(np.float32) / 255
    assert median_ms(benchmark, lambda: match([part], recents)) <= BUDGETS["part_of_four"] * slower()
