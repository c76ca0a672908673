"""What is OpenVINO's own: inputs that a request holds, and inputs that a call shares with it."""

from typing import Any

import numpy as np
import pytest

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.runtimes.openvino import OpenVinoTap
from facewarden.detector.calls.taps.scripted import ScriptedGate

ov: Any = pytest.importorskip("openvino", reason="openvino is not installed here: make taps")
X = np.random.default_rng(2).random((1, 3, 16, 16), np.float32)
MASK = np.ones((1, 1, 16, 16), np.float32)


def test_the_picture_that_a_request_holds_goes_in_beside_the_mask_that_is_shared_with_it(gate: ScriptedGate) -> None:
    picture, mask = (ov.opset13.parameter(array.shape, np.float32) for array in (X, MASK))
    taps = Taps(gate, [OpenVinoTap])
    taps.install()
    try:
        model = ov.Model([ov.opset13.multiply(picture, mask)], [picture, mask], "masked")
        request = ov.Core().compile_model(model, "CPU").create_infer_request()
        request.set_tensor(model.input(0), ov.Tensor(X))
        request.infer({1: MASK}, share_inputs=True)
    finally:
        taps.remove()

    ((_, inputs),) = gate.admitted
    assert any(np.array_equal(np.asarray(given), X) for given in inputs)
