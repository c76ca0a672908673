"""Every way that ONNX Runtime has to run a model."""

import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
from helpers.runtimes import means, native_ort, ort_options, written

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.runtimes.onnx_runtime import OnnxRuntimeTap
from facewarden.detector.calls.taps.scripted import ScriptedGate

X = np.random.default_rng(2).random((1, 3, 112, 112), np.float32)
MEANS = X.mean(axis=(2, 3))


@pytest.fixture
def taps(gate: ScriptedGate) -> Iterator[Taps]:
    taps = Taps(gate, [OnnxRuntimeTap])
    taps.install()
    yield taps
    taps.remove()


def session(threads: int = 1) -> Any:
    options = ort_options()
    options.intra_op_num_threads = threads
    return ort.InferenceSession(means(), options)


def values() -> dict[str, Any]:
    return {"x": ort.OrtValue.ortvalue_from_numpy(X)}


def run_async(session: Any) -> Any:
    answers, done = [], threading.Event()

    def told(results: Any, *_: object) -> None:
        answers.extend(results)
        done.set()

    session.run_async(None, {"x": X}, told, None)
    assert done.wait(10)
    return answers[0]


def run_bound(session: Any) -> Any:
    binding = session.io_binding()
    binding.bind_cpu_input("x", X)
    binding.bind_output("y")
    session.run_with_iobinding(binding)
    return binding.copy_outputs_to_cpu()[0]


def run_bound_value(session: Any) -> Any:
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", values()["x"])
    binding.bind_output("y")
    session.run_with_iobinding(binding)
    return binding.copy_outputs_to_cpu()[0]


def run_bound_address(session: Any) -> Any:
    """As on a GPU, after zeros that were bound by value to warm it up."""
    binding = session.io_binding()
    binding.bind_cpu_input("x", np.zeros_like(X))
    binding.bind_input("x", "cpu", 0, np.float32, X.shape, X.ctypes.data)
    binding.bind_output("y")
    session.run_with_iobinding(binding)
    return binding.copy_outputs_to_cpu()[0]


def run_vector(session: Any) -> Any:
    native: Any = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    feeds, fetches = native.OrtValueVector(), native.OrtValueVector()
    feeds.push_back(values()["x"]._ortvalue)
    cpu = native.OrtDevice(native.OrtDevice.cpu(), native.OrtDevice.default_memory(), 0)
    session.run_with_ortvaluevector(ort.RunOptions(), ["x"], feeds, ["y"], fetches, [cpu])
    return fetches[0].numpy()


WAYS: dict[str, Callable[[Any], Any]] = {
    "run": lambda session: session.run(None, {"x": X})[0],
    "run with values": lambda session: session.run(None, values())[0],
    "run_with_ort_values": lambda session: session.run_with_ort_values(None, values())[0].numpy(),
    "run_async": run_async,
    "run_with_iobinding": run_bound,
    "run_with_iobinding, a value": run_bound_value,
    "run_with_ortvaluevector": run_vector,
}


@pytest.mark.usefixtures("taps")
@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_run_is_admitted_once_with_its_picture(gate: ScriptedGate, way: str) -> None:
    answer = WAYS[way](session(threads=2))  # what runs asynchronously needs one to run on

    np.testing.assert_allclose(answer, MEANS, rtol=1e-4)
    ((_, inputs),) = gate.admitted
    assert np.array_equal(np.asarray(inputs[0]), X)


@pytest.mark.usefixtures("taps")
@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_run_can_be_refused(gate: ScriptedGate, way: str) -> None:
    gate.refusal = PermissionError("held")

    with pytest.raises(PermissionError, match="held"):
        WAYS[way](session(threads=2))


@pytest.mark.usefixtures("taps")
def test_a_model_from_bytes_is_handed_over_as_bytes(gate: ScriptedGate) -> None:
    session()
    assert gate.opened_with[0][0] == means()


def test_a_session_that_was_open_before_is_identified_by_its_file_or_its_bytes(
    gate: ScriptedGate, tmp_path: Path
) -> None:
    path = written(tmp_path, "a.onnx", means())
    sessions = [session(), ort.InferenceSession(path, ort_options())]
    taps = Taps(gate, [OnnxRuntimeTap])
    taps.install()
    try:
        for one in sessions:
            one.run(None, {"x": X})
        assert [content for content, _, _ in gate.opened_with] == [means(), Path(path)]
        assert taps.check()[0].early == 2
    finally:
        taps.remove()


def test_a_bound_method_that_the_host_took_before_the_tap_is_watched(gate: ScriptedGate) -> None:
    kept = session().run
    taps = Taps(gate, [OnnxRuntimeTap])
    taps.install()
    try:
        kept(None, {"x": X})
    finally:
        taps.remove()

    assert len(gate.admitted) == 1


@pytest.mark.usefixtures("taps")
def test_subclasses_and_sessions_that_switch_their_providers_are_watched(gate: ScriptedGate) -> None:
    class Own(ort.InferenceSession):
        def run(self, *args: Any, **kwargs: Any) -> Any:
            return super().run(*args, **kwargs)

    own = Own(means(), ort_options())
    own.run(None, {"x": X})
    own.set_providers(["CPUExecutionProvider"])
    own.run(None, {"x": X})

    assert len(gate.admitted) == 2
    assert [content for content, _, _ in gate.opened_with] == [means()] * len(gate.models)


@pytest.mark.usefixtures("taps")
def test_a_session_that_does_not_open_is_no_model(gate: ScriptedGate) -> None:
    with pytest.raises(Exception, match=r"(?i)protobuf"):
        ort.InferenceSession(b"no model", ort_options())

    assert [model for model in gate.models if model.counted] == []


@pytest.mark.usefixtures("taps")
def test_the_docs_of_what_is_replaced_stay() -> None:
    assert "InferenceSession" in native_ort().run.__doc__
    assert native_ort().run.__name__ == "run"


@pytest.mark.usefixtures("taps")
def test_what_is_bound_by_its_address_takes_the_place_of_zeros_that_were_bound_before(gate: ScriptedGate) -> None:
    np.testing.assert_allclose(run_bound_address(session()), MEANS, rtol=1e-4)

    ((_, (given,)),) = gate.admitted
    assert not isinstance(given, np.ndarray)
