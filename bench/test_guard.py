# pyright: standard
"""What the guard costs a host that hands it 1080p frames, 30 a second."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import cv2
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from facewarden.detector import Guard
from facewarden.streams.frame import Frame
from facewarden.streams.push import PushSource
from facewarden.streams.synthetic import SyntheticSource

BUDGETS: dict[str, dict[str, dict[str, float]]] = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())
RATE, SECONDS, ROUNDS = 30, 2, 10


@pytest.fixture(autouse=True)
def one_thread() -> None:
    cv2.setNumThreads(1)


def recorded(layout: Literal["gray", "bgr"]) -> list[Any]:
    source = SyntheticSource("body", seed=1, seconds=SECONDS, fps=RATE, size=(1920, 1080), layout=layout)
    return [frame.luma if layout == "gray" else frame.bgr() for frame in source]


@pytest.mark.parametrize(("layout", "budget"), [("gray", "luma"), ("bgr", "bgr")])
def test_a_frame_costs_the_host_no_more_than_its_budget(
    benchmark: BenchmarkFixture, layout: Literal["gray", "bgr"], budget: str
) -> None:
    pictures = recorded(layout)
    guard, source = Guard(live=False), PushSource("bench", step=1 / RATE)
    handed = iter(range(RATE * SECONDS * (ROUNDS + 2)))

    def a_round() -> tuple[tuple[Sequence[Frame]], dict[str, Any]]:
        return ([source.frame(picture, next(handed) / RATE, layout) for picture in pictures],), {}

    def feed(frames: Sequence[Frame]) -> None:
        for frame in frames:
            guard.observe(frame)

    benchmark.pedantic(feed, setup=a_round, rounds=ROUNDS)
    cost = guard.watch("bench").cost.summary()
    benchmark.extra_info |= {"mean_ms": cost.mean, "p50_ms": cost.p50, "p99_ms": cost.p99, "max_ms": cost.max}

    assert cost.mean <= BUDGETS["guard"][budget]["mean"]
    assert cost.p99 <= BUDGETS["guard"][budget]["p99"]
