"""Small models made here: a face recogniser that was really trained, and networks that are none."""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportPrivateUsage=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facewarden.bench.truth.programs.recogniser import linear_recogniser
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.model import Array

ROOT = Path(__file__).parents[2]
Network = Callable[..., bytes]


@pytest.fixture(scope="session")
def nothing_known() -> Knowledge:
    return Knowledge()


@pytest.fixture(scope="session")
def zoo() -> Path:
    """The labelled models beside the checkout; the test is skipped where there are none."""
    folder = ROOT.parent / "shared" / "zoo"
    if not folder.is_dir():
        pytest.skip("no ../shared/zoo beside this checkout")
    return folder


@pytest.fixture(scope="session")
def network() -> Network:
    """Makes an ONNX model: steps from `in`, [1, 3, 112, 112], to `out` of the given shape."""

    def make(
        *steps: onnx.NodeProto, shape: tuple[int, ...], picture: tuple[int, ...] = (1, 3, 112, 112), **weights: Array
    ) -> bytes:
        graph = helper.make_graph(
            list(steps),
            "g",
            [helper.make_tensor_value_info("in", TensorProto.FLOAT, picture)],
            [helper.make_tensor_value_info("out", TensorProto.FLOAT, shape)],
            [numpy_helper.from_array(value, name) for name, value in weights.items()],
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9).SerializeToString()

    return make


@pytest.fixture(scope="session")
def recogniser() -> bytes:
    """A linear recogniser of the people in the probes, learned from other pictures of them than those of the probes."""
    return linear_recogniser()
