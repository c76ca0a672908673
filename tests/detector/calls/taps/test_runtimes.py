"""What single runtimes have of their own, besides the contract."""

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.runtimes import (
    CASES,
    batch,
    blob,
    call_encodings,
    cv2,
    face_recognition,
    is_here,
    means,
    open_compiled_litert,
    open_interpreter,
    open_keras,
    open_net,
    open_recogniser,
    openvino,
    written,
)
from numpy.typing import NDArray

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.scripted import ScriptedGate

Picture = NDArray[np.uint8]
Watching = Callable[..., AbstractContextManager[Taps]]


@pytest.fixture
def watching(gate: ScriptedGate) -> Watching:
    @contextmanager
    def tapped(*names: str) -> Any:
        taps = Taps(gate, [CASES[name].tap for name in names])
        taps.install()
        try:
            yield taps
        finally:
            taps.remove()

    return tapped


def needs(module: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not is_here(module), reason=f"{module} is not installed here: make taps")


# --- OpenCV -----------------------------------------------------------------------------------------------------------


def test_a_net_from_a_buffer_fed_with_a_passing_blob_is_known_and_its_picture_seen(
    watching: Watching, gate: ScriptedGate, picture: Picture
) -> None:
    with watching("opencv-net"):
        net = cv2().dnn.readNetFromONNX(np.frombuffer(means(), np.uint8))
        net.setInput(blob(picture))
        net.forward()

    assert gate.opened_with[0][0] == means()
    ((_, inputs),) = gate.admitted
    assert np.array_equal(np.asarray(inputs[0]), blob(picture))


def test_a_model_made_of_a_net_is_that_net(watching: Watching, gate: ScriptedGate, picture: Picture) -> None:
    with watching("opencv-net"):
        net = cv2().dnn.readNetFromONNX(np.frombuffer(means(), np.uint8))
        model = cv2().dnn.Model(net)
        model.setInputParams(1.0, (112, 112))
        model.predict(picture)

    assert [admitted for admitted, _ in gate.admitted] == gate.models


def test_the_interface_says_what_opencvs_face_classes_do(
    watching: Watching, gate: ScriptedGate, picture: Picture, tmp_path: Path
) -> None:
    with watching("opencv-recogniser"):
        recogniser = open_recogniser(tmp_path)
        template = recogniser.feature(picture)
        recogniser.match(template, template, 0)
        CASES["opencv-detector"].open(tmp_path)

    assert [task for _, _, task in gate.opened_with] == ["identification", "verification", "detection"]
    assert [model.name.rpartition("/")[2] for model, _ in gate.admitted] == ["a.onnx", "match"]


def test_opencv_is_patched_as_one_module_though_it_imports_itself_under_the_same_name(watching: Watching) -> None:
    with watching("opencv-net") as taps:
        assert taps.check()[0].state == "on"
        assert cv2().dnn_Net is cv2().dnn.Net


def test_a_blob_that_is_written_over_before_the_net_runs_is_seen_as_it_was_given(
    watching: Watching, gate: ScriptedGate, picture: Picture, tmp_path: Path
) -> None:
    with watching("opencv-net"):
        net, blob = open_net(tmp_path), batch(picture)
        net.setInput(blob)
        blob[:] = 0
        net.forward()

    ((_, (seen,)),) = gate.admitted
    assert np.array_equal(np.asarray(seen), batch(picture))


@needs("keras")
def test_how_a_network_is_called_is_no_input_of_it(watching: Watching, gate: ScriptedGate, tmp_path: Path) -> None:
    with watching("keras"):
        open_keras(tmp_path)(np.zeros((1, 112, 112, 3), np.float32), training=False)

    ((_, inputs),) = gate.admitted
    assert len(inputs) == 1


# --- LiteRT and OpenVINO ----------------------------------------------------------------------------------------------


@needs("ai_edge_litert")
def test_an_interpreter_may_allocate_again_while_the_gate_holds_its_picture(
    watching: Watching, gate: ScriptedGate, tmp_path: Path
) -> None:
    with watching("litert"):
        interpreter = open_interpreter(tmp_path)
        interpreter.invoke()
        interpreter.allocate_tensors()  # raises, if anybody holds a view of the runtime's memory
        interpreter.invoke()

    assert len(gate.admitted) == 2


@needs("ai_edge_litert")
def test_a_bound_invoke_that_the_host_took_before_the_tap_is_watched(
    watching: Watching, gate: ScriptedGate, tmp_path: Path
) -> None:
    kept = open_interpreter(tmp_path).invoke
    with watching("litert"):
        kept()

    assert len(gate.admitted) == 1


@needs("ai_edge_litert")
@pytest.mark.parametrize("by_name", [False, True])
def test_what_a_compiled_model_is_given_and_answers_is_seen_in_the_runtime_s_own_buffers(
    watching: Watching, gate: ScriptedGate, picture: Picture, tmp_path: Path, by_name: bool
) -> None:
    gate.learning = True
    with watching("litert-compiled"):
        compiled = open_compiled_litert(tmp_path)
        given, answer = compiled.create_input_buffers(0), compiled.create_output_buffers(0)
        given[0].write(-batch(picture))
        if by_name:
            compiled.run_by_name(signature_key="serve", input_map={"x": given[0]}, output_map={"y": answer[0]})
        else:
            compiled.run_by_index(0, given, answer)

    ((_, (seen,)),) = gate.admitted
    assert np.array_equal(np.asarray(seen), -batch(picture))
    ((_, _, (answered,)),) = gate.answers
    assert np.array_equal(np.asarray(answered), batch(picture))


@needs("openvino")
def test_a_model_that_was_read_first_is_known_by_its_file(
    watching: Watching, gate: ScriptedGate, picture: Picture, tmp_path: Path
) -> None:
    path = written(tmp_path, "a.onnx", means())
    with watching("openvino"):
        core = openvino().Core()
        compiled = core.compile_model(core.read_model(path), "CPU")
        compiled.infer_new_request([blob(picture)])
        compiled([blob(picture)])
        content, run, _ = gate.opened_with[0]
        assert run
        (answer,) = run(blob(picture))

    assert content == Path(path)
    assert [model for model, _ in gate.admitted[:2]] == gate.models * 2
    np.testing.assert_allclose(answer, blob(picture).mean(axis=(2, 3)), rtol=1e-4)


# --- face_recognition over dlib ---------------------------------------------------------------------------------------


@needs("face_recognition_models")
def test_a_face_encoding_is_judged_once_and_dlib_below_it_not_again(
    watching: Watching, gate: ScriptedGate, picture: Picture
) -> None:
    package = face_recognition()
    with watching("dlib", "face_recognition"):
        call_encodings(package, picture)
        assert [model.runtime for model, _ in gate.admitted] == ["face_recognition"]

        package.api.face_encoder.compute_face_descriptor(np.zeros((150, 150, 3), np.uint8))
        assert [model.runtime for model, _ in gate.admitted] == ["face_recognition", "dlib"]


@needs("face_recognition_models")
def test_what_was_extracted_by_a_call_that_was_judged_is_compared_without_another(
    watching: Watching, gate: ScriptedGate
) -> None:
    package = face_recognition()
    picture = np.random.default_rng(1).integers(0, 256, (160, 160, 3), np.uint8)
    with watching("face_recognition"):
        (found,) = package.face_encodings(picture, [(20, 140, 140, 20)])
        assert package.compare_faces([found], found) == [True]

    assert [model.name for model, _ in gate.admitted] == ["face_encodings"]


@needs("face_recognition_models")
def test_faces_are_compared_in_one_call(watching: Watching, gate: ScriptedGate) -> None:
    one = np.zeros(128)
    with watching("face_recognition"):
        assert face_recognition().compare_faces([one, one + 1], one) == [True, False]

    assert [model.name for model, _ in gate.admitted] == ["compare_faces"]
