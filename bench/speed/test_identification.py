# pyright: standard
"""What it costs to identify a model of 4 MB that is no recogniser: the dear case, where every way is tried."""

import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from pytest_benchmark.fixture import BenchmarkFixture

from facewarden.detector.identity import identify_bytes
from facewarden.detector.identity.known import Knowledge, shipped
from facewarden.detector.identity.probes import probes

BUDGETS: dict[str, dict[str, float]] = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())["tests"]
DEPTH, CHANNELS = 7, 128


def convolutional_network() -> bytes:
    """A million weights that were never trained, about 0.2 billion multiplications a picture, as MobileFaceNet has."""
    random = np.random.default_rng(0)
    shapes = [(CHANNELS, 3, 8, 8), *[(CHANNELS, CHANNELS, 3, 3)] * DEPTH]
    weights = [random.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape).astype(np.float32) for shape in shapes]
    steps, last = [], "in"
    for place in range(len(weights)):
        options: dict[str, Any] = {"strides": [8, 8]} if place == 0 else {"pads": [1, 1, 1, 1]}
        steps.append(helper.make_node("Conv", [last, f"w{place}"], [f"c{place}"], **options))
        steps.append(helper.make_node("Relu", [f"c{place}"], [f"r{place}"]))
        last = f"r{place}"
    steps.append(helper.make_node("GlobalAveragePool", [last], ["out"]))
    graph = helper.make_graph(
        steps,
        "g",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, [1, 3, 112, 112])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, CHANNELS, 1, 1])],
        [numpy_helper.from_array(weight, f"w{place}") for place, weight in enumerate(weights)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9).SerializeToString()


def test_identification_costs_no_more_than_its_budget(benchmark: BenchmarkFixture, slower: Callable[[], float]) -> None:
    content, known = convolutional_network(), Knowledge(weights=shipped().weights)
    probes()
    started = time.process_time()
    answer = benchmark.pedantic(identify_bytes, args=(content, "x", known), rounds=5)
    spent = (time.process_time() - started) * 1000 / 5
    benchmark.extra_info["processor_ms"] = spent

    assert answer.recogniser is False
    assert spent <= BUDGETS["identify"]["mean"] * slower()
