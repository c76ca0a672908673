# pyright: standard
"""What the guard costs a host that hands it 1080p frames, 30 a second."""

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from facewarden.bench.speed import costs
from facewarden.detector import Guard
from facewarden.detector.environment import FaceDetector, load_detector
from facewarden.detector.environment.faces import Face
from facewarden.streams.frame import Frame, Image
from facewarden.streams.push import PushSource
from facewarden.streams.synthetic import SyntheticSource

BUDGETS: dict[str, dict[str, dict[str, float]]] = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())[
    "tests"
]
RATE, SECONDS, ROUNDS = 30, 2, 10


@pytest.fixture(autouse=True)
def one_thread() -> None:
    cv2.setNumThreads(1)


class AndSomebody:
    """The detector that ships, which finds a person besides whatever it finds: rendered scenes show no faces."""

    name = "and somebody"

    def __init__(self) -> None:
        self._detector = load_detector()

    def detect(self, luma: Image) -> list[Face]:
        points = np.array([(150, 70), (170, 70), (160, 82), (152, 92), (168, 92)], np.float32)
        return [*self._detector.detect(luma), Face((135, 50, 50, 62), 0.9, points)]


def recorded(scene: str, layout: Literal["gray", "bgr"]) -> list[Any]:
    source = SyntheticSource(scene, seed=1, seconds=SECONDS, fps=RATE, size=(1920, 1080), layout=layout)
    return [frame.luma if layout == "gray" else frame.bgr() for frame in source]


@pytest.mark.parametrize(
    ("scene", "layout", "find_faces", "budget"),
    [
        ("body", "gray", load_detector, "luma"),
        ("body", "bgr", load_detector, "bgr"),
        ("fixed", "gray", AndSomebody, "faces"),
    ],
)
def test_a_frame_costs_the_host_no_more_than_its_budget(
    benchmark: BenchmarkFixture,
    scene: str,
    layout: Literal["gray", "bgr"],
    find_faces: Callable[[], FaceDetector],
    budget: str,
    slower: Callable[[], float],
) -> None:
    pictures = recorded(scene, layout)
    guard, source = Guard(live=False, find_faces=find_faces), PushSource("bench", step=1 / RATE)
    handed = iter(range(RATE * SECONDS * (ROUNDS + 2)))

    def a_round() -> tuple[tuple[Sequence[Frame]], dict[str, Any]]:
        return ([source.frame(picture, next(handed) / RATE, layout) for picture in pictures],), {}

    def feed(frames: Sequence[Frame]) -> None:
        for frame in frames:
            guard.observe(frame)

    benchmark.pedantic(feed, setup=a_round, rounds=ROUNDS)
    cost = guard.watch("bench").cost.summary()
    benchmark.extra_info |= {"mean_ms": cost.mean, "p50_ms": cost.p50, "p99_ms": cost.p99, "max_ms": cost.max}

    grown = slower()
    assert cost.mean <= BUDGETS["guard"][budget]["mean"] * grown
    assert cost.p99 <= BUDGETS["guard"][budget]["p99"] * grown


@pytest.mark.parametrize(("layout", "budget"), [("gray", "luma"), ("bgr", "bgr")])
def test_mobility_alone_costs_no_more_than_its_budget(
    benchmark: BenchmarkFixture, layout: costs.Layout, budget: str, slower: Callable[[], float]
) -> None:
    pictures = recorded("body", layout)
    footage = costs.Footage(luma=pictures, bgr=pictures)  # of which one is used
    cost = benchmark.pedantic(costs.mobility_cost, (footage, layout, RATE * SECONDS * ROUNDS), rounds=1)
    benchmark.extra_info |= {"mean_ms": cost.mean, "p50_ms": cost.p50, "p99_ms": cost.p99, "max_ms": cost.max}

    grown = slower()
    assert cost.mean <= BUDGETS["mobility"][budget]["mean"] * grown
    assert cost.p99 <= BUDGETS["mobility"][budget]["p99"] * grown
