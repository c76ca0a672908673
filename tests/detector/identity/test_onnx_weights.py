"""Large weights are taken out of an ONNX file without a copy of it, and the network answers as it did."""

from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as some
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from facewarden.detector.identity.runtimes.onnx.file import OnnxModel
from facewarden.detector.identity.runtimes.onnx.weights import taken_out

WIDE = np.random.default_rng(1).normal(size=(600, 600)).astype(np.float32)


def network(weights: Sequence[TensorProto]) -> onnx.ModelProto:
    nodes = [
        helper.make_node("MatMul", ["in", "wide"], ["across"]),
        helper.make_node("Add", ["across", "bias"], ["out"]),
    ]
    given, made = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 600]) for name in ("in", "out"))
    graph = helper.make_graph(nodes, "network", [given], [made], list(weights))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def weights(wide: TensorProto | None = None) -> list[TensorProto]:
    bias = numpy_helper.from_array(np.arange(600, dtype=np.float32), "bias")
    return [wide or numpy_helper.from_array(WIDE, "wide"), bias]


def test_what_is_large_is_taken_out_and_the_rest_stays() -> None:
    content = network(weights()).SerializeToString()

    rest, taken = taken_out(content)

    assert list(taken) == ["wide"]
    assert np.array_equal(taken["wide"], WIDE)
    assert len(rest) < 10_000
    stored = {one.name: one for one in onnx.load_model_from_string(rest).graph.initializer}
    assert (list(stored["wide"].dims), stored["wide"].raw_data) == ([600, 600], b"")
    assert numpy_helper.to_array(stored["bias"])[-1] == 599


def test_a_network_answers_as_the_runtime_does_and_shows_its_weights() -> None:
    content = network(weights()).SerializeToString()
    picture: NDArray[np.float32] = np.random.default_rng(2).normal(size=(1, 600)).astype(np.float32)
    model = OnnxModel(content, None, None)

    first, answer = (model.runner(model.inputs)([picture])[0] for _ in range(2))

    wanted = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"in": picture})[0]
    assert np.array_equal(first, answer)
    assert np.asarray(answer) == pytest.approx(np.asarray(wanted), abs=1e-3)
    assert [weight.shape for weight in model.weights()] == [(600, 600), (600,)]


def test_numbers_that_do_not_fill_their_shape_stay_where_they_are() -> None:
    short = numpy_helper.from_array(WIDE, "wide")
    short.dims[0] = 599
    content = network(weights(short)).SerializeToString()

    assert taken_out(content) == (content, {})


def test_numbers_that_are_no_raw_bytes_stay_where_they_are() -> None:
    listed = helper.make_tensor("wide", TensorProto.FLOAT, [600, 600], WIDE.ravel().tolist())
    content = network(weights(listed)).SerializeToString()

    assert taken_out(content) == (content, {})


def test_of_two_weights_of_one_name_the_second_stays() -> None:
    rest, taken = taken_out(network([*weights(), numpy_helper.from_array(WIDE + 1, "wide")]).SerializeToString())

    assert np.array_equal(taken["wide"], WIDE)
    assert len(rest) > WIDE.nbytes


@given(some.binary(max_size=200), some.integers(0, 1_440_000))
def test_what_is_no_model_comes_back_as_it_is(junk: bytes, at: int) -> None:
    content = network(weights()).SerializeToString()
    broken = content[:at] + junk

    rest, taken = taken_out(broken)

    assert rest == broken or taken


def test_large_weights_that_nothing_asks_for_are_no_hindrance() -> None:
    content = network([*weights(), numpy_helper.from_array(WIDE, "left over")]).SerializeToString()
    model = OnnxModel(content, None, None)

    answer = model.runner(model.inputs)([np.ones((1, 600), np.float32)])[0]

    assert np.asarray(answer).shape == (1, 600)


def test_shapes_that_were_noted_for_pictures_of_another_size_are_no_hindrance() -> None:
    proto = network(weights())
    proto.graph.value_info.append(helper.make_tensor_value_info("across", TensorProto.FLOAT, [1, 77]))
    model = OnnxModel(proto.SerializeToString(), None, None)

    answer = model.runner(model.inputs)([np.ones((1, 600), np.float32)])[0]

    assert np.asarray(answer).shape == (1, 600)
