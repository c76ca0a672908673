"""What is OpenVINO's own: inputs that a request holds, and inputs that a call shares with it."""

import gc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.runtimes.openvino import OpenVinoTap
from facewarden.detector.calls.taps.scripted import ScriptedGate

ov: Any = pytest.importorskip("openvino", reason="openvino is not installed here: make taps")
X = np.random.default_rng(2).random((1, 3, 16, 16), np.float32)
MASK = np.ones((1, 1, 16, 16), np.float32)


@pytest.fixture
def watched(gate: ScriptedGate) -> Iterator[ScriptedGate]:
    """OpenVINO, watched."""
    taps = Taps(gate, [OpenVinoTap])
    taps.install()
    yield gate
    taps.remove()


def test_the_picture_that_a_request_holds_goes_in_beside_the_mask_that_is_shared_with_it(watched: ScriptedGate) -> None:
    picture, mask = (ov.opset13.parameter(array.shape, np.float32) for array in (X, MASK))
    model = ov.Model([ov.opset13.multiply(picture, mask)], [picture, mask], "masked")
    request = ov.Core().compile_model(model, "CPU").create_infer_request()
    request.set_tensor(model.input(0), ov.Tensor(X))
    request.infer({1: MASK}, share_inputs=True)

    ((_, inputs),) = watched.admitted
    assert any(np.array_equal(np.asarray(given), X) for given in inputs)


def doubling() -> Any:
    """A model in memory that doubles a picture."""
    given = ov.opset13.parameter(X.shape, np.float32)
    return ov.Model([ov.opset13.add(given, given)], [given], "doubled")


@pytest.mark.parametrize("shared", [False, True])
def test_the_picture_that_a_queue_is_given_goes_in_shared_or_copied(watched: ScriptedGate, shared: bool) -> None:
    queue = ov.AsyncInferQueue(ov.Core().compile_model(doubling(), "CPU"), 3)
    for number in range(1, 4):
        queue.start_async({0: X * number}, share_inputs=shared)
    queue.wait_all()

    given = [[np.asarray(one) for one in inputs] for _, inputs in watched.admitted]
    assert all(np.array_equal(one, X * number) for number, (one,) in enumerate(given, 1))


def test_a_model_can_be_tried_of_which_the_host_has_kept_a_request_alone(watched: ScriptedGate) -> None:
    request = ov.Core().compile_model(doubling(), "CPU").create_infer_request()
    gc.collect()
    _, run, _ = watched.opened_with[0]

    assert request is not None
    assert run is not None
    assert np.array_equal(run(X)[0], 2 * X)


@pytest.mark.parametrize("shared", [False, True])
def test_a_lone_picture_goes_in_as_one_by_name_does(watched: ScriptedGate, shared: bool) -> None:
    compiled = ov.Core().compile_model(doubling(), "CPU")
    compiled(X, share_inputs=shared)
    ov.AsyncInferQueue(compiled, 1).start_async(X, share_inputs=shared)

    given = [np.asarray(one) for _, inputs in watched.admitted for one in inputs]
    assert [np.array_equal(one, X) for one in given] == [True, True]
