"""The same recogniser and the same files, through the other runtimes; each is skipped where it is not installed."""

import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from facewarden.detector.errors import ModelError
from facewarden.detector.identity import identify, identify_bytes
from facewarden.detector.identity.known import Knowledge, shipped
from facewarden.detector.identity.verdict import examine


@pytest.fixture
def mixer(recogniser: bytes) -> np.ndarray:
    (weights,) = onnx.load_model_from_string(recogniser).graph.initializer
    return numpy_helper.to_array(weights)


def test_a_recogniser_in_openvino_s_format_is_found(
    recogniser: bytes, tmp_path: Path, nothing_known: Knowledge
) -> None:
    openvino = pytest.importorskip("openvino")
    (tmp_path / "model.onnx").write_bytes(recogniser)
    openvino.save_model(openvino.convert_model(tmp_path / "model.onnx"), tmp_path / "model.xml", compress_to_fp16=False)

    assert identify(tmp_path / "model.xml", nothing_known).recogniser is True


def test_openvino_s_graph_without_its_weights_is_undecided(tmp_path: Path, nothing_known: Knowledge) -> None:
    pytest.importorskip("openvino")
    (tmp_path / "model.xml").write_text('<?xml version="1.0"?><net name="x" version="11"></net>')
    answer = identify(tmp_path / "model.xml", nothing_known)

    assert answer.recogniser is None
    assert any("a part of it is missing: model.bin" in one.detail for one in answer.evidence)


def scripted(mixer: np.ndarray, form: str, path: Path) -> None:
    """The recogniser of these tests as TorchScript, in such a form."""
    torch = pytest.importorskip("torch")
    linear = torch.nn.Linear(*mixer.shape, bias=False)
    linear.weight.data = torch.from_numpy(mixer.T.copy())
    network = torch.nn.Sequential(torch.nn.AvgPool2d(4), torch.nn.Flatten(), linear)
    unit, cosine = torch.nn.functional.normalize, torch.nn.functional.cosine_similarity

    class Form(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, *x: Any) -> Any:
            picture = x[0].permute(0, 3, 1, 2) if form == "channels last" else x[0]
            given = self.network(x[0].permute(2, 0, 1).unsqueeze(0) if form == "rows of pixels" else picture)
            if form == "forty steps behind it":
                alike = unit(given)[:, :20]
                for _ in range(40):
                    alike = alike.sin()
                return alike.amax(1)
            if form == "who of three":
                return unit(given)[:, :3].argmax(1)
            if form == "two pictures":
                return cosine(given, self.network(x[1]))
            return (given.mean(1), (given,)) if form == "second of two" else given

    picture = torch.zeros(1, 3, 112, 112)
    tried = [picture, picture + 1][: 1 + (form == "two pictures")]
    tried = [picture.permute(0, 2, 3, 1)] if form == "channels last" else tried
    tried = [picture[0].permute(1, 2, 0)] if form == "rows of pixels" else tried
    module = Form().double() if form == "long numbers" else Form()
    with pytest.warns(DeprecationWarning, match="jit"):
        torch.jit.trace(module, [one.to(linear.weight.dtype) for one in tried]).save(path)


@pytest.mark.parametrize(
    "form",
    [
        *("as it is", "long numbers", "channels last", "who of three", "two pictures", "second of two"),
        *("rows of pixels", "forty steps behind it"),
    ],
)
def test_a_recogniser_in_torchscript_is_found(
    form: str, mixer: np.ndarray, tmp_path: Path, nothing_known: Knowledge
) -> None:
    scripted(mixer, form, tmp_path / "model.pt")
    answer = identify(tmp_path / "model.pt", nothing_known)

    assert answer.recogniser is True, answer.evidence


@pytest.mark.parametrize(
    ("name", "takes"),
    [
        ("Listed", [(1, 3, None, None)]), ("Words", [(1, None)]), ("Along", [(1, 3, None)]),
        ("Multiplied", [(1, 3, None, 30)]), ("Open", [(1, 3, None, None)]),
    ],
)  # fmt: skip
def test_torchscript_is_given_what_its_first_step_takes(name: str, takes: list[tuple[int | None, ...]]) -> None:
    model = script_model(name)

    assert [slot.shape for slot in model.inputs] == takes
    if name in ("Listed", "Multiplied"):
        assert len(model.runner(model.inputs)([np.ones((1, 3, 30, 30), np.float32)])) > 1


def test_torchscript_that_takes_words_or_rows_is_none(nothing_known: Knowledge) -> None:
    verdicts = {name: examine(script_model(name), nothing_known) for name in ("Words", "Along", "AlongAndAcross")}

    assert {name: one.recogniser for name, one in verdicts.items()} == {
        "Words": False, "Along": False, "AlongAndAcross": None
    }  # fmt: skip


def test_torchscript_that_can_do_more_than_is_tried_is_not_called_none(
    tmp_path: Path, nothing_known: Knowledge
) -> None:
    torch = pytest.importorskip("torch")

    class Two(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            return x.mean((2, 3))

        def embed(self, x: Any) -> Any:
            return x.flatten(1)

    picture = torch.zeros(1, 3, 112, 112)
    for name, tried in (("one", {"forward": picture}), ("two", {"forward": picture, "embed": picture})):
        with pytest.warns(DeprecationWarning, match="jit"):
            torch.jit.trace_module(Two(), tried).save(tmp_path / f"{name}.pt")

    assert identify(tmp_path / "one.pt", nothing_known).recogniser is False
    answer = identify(tmp_path / "two.pt", nothing_known)
    assert (answer.recogniser, answer.evidence[-1].detail) == (None, "it has embed besides, which is not tried")


@pytest.mark.parametrize("place", ["Open", "Conditional", "Repeated"])
def test_what_torchscript_makes_where_nobody_sees_it_is_not_called_none(place: str) -> None:
    assert bool(script_model(place).rest) is (place != "Open")


def test_what_torchscript_makes_inside_in_a_form_of_its_own_is_read() -> None:
    model = script_model("Formed")
    made = model.runner(model.inputs)([np.ones((1, 3, 112, 112), np.float32)])

    assert {one.shape for one in made} == {(1, 4)}


def script_model(name: str) -> Any:
    """A network of these tests, as it is read from TorchScript."""
    torch = pytest.importorskip("torch")
    from helpers import torch_scripts

    from facewarden.detector.identity.runtimes.pytorch.file import ScriptModel

    stream = BytesIO()
    with pytest.warns(DeprecationWarning, match="jit"):
        torch.jit.save(torch.jit.script(getattr(torch_scripts, name)().eval()), stream)
    return ScriptModel(stream.getvalue(), None, None)


def test_torchscript_that_writes_files_is_not_run(tmp_path: Path, nothing_known: Knowledge) -> None:
    path = tmp_path / "model.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/data.pkl", b"")
        archive.writestr("net/code/__torch__/net.py", "torch.save(x, '/tmp/elsewhere')")
    pytest.importorskip("torch")
    answer = identify(path, nothing_known)

    assert answer.recogniser is None
    assert any("reads or writes files" in one.detail for one in answer.evidence)


def test_a_file_of_weights_alone_is_undecided(tmp_path: Path, nothing_known: Knowledge) -> None:
    torch = pytest.importorskip("torch")
    torch.save({"w": torch.zeros(80, 40, 3, 3)}, tmp_path / "weights.pt")
    answer = identify(tmp_path / "weights.pt", nothing_known)

    assert answer.recogniser is None
    assert any("no graph" in one.detail for one in answer.evidence)


def test_a_file_that_would_run_code_when_unpickled_is_not_unpickled(tmp_path: Path, nothing_known: Knowledge) -> None:
    torch = pytest.importorskip("torch")

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (tmp_path / "sprung",)

    torch.save({"w": Trap()}, tmp_path / "trap.pt")
    answer = identify(tmp_path / "trap.pt", nothing_known)

    assert (answer.recogniser, (tmp_path / "sprung").exists()) == (None, False)


def test_weights_of_a_known_recogniser_are_told_without_a_graph(zoo: Path) -> None:
    pytest.importorskip("torch")
    answer = identify(zoo / "mbf_pt_foamliu.pt", Knowledge(weights=shipped().weights))

    assert (answer.recogniser, answer.family) == (True, "mbf_foamliu")


def test_tflite_models_of_the_zoo_are_no_recognisers(zoo: Path, nothing_known: Knowledge) -> None:
    pytest.importorskip("ai_edge_litert")
    for name in ("gender_lite_nonq_tflite", "mobilenet_v1_025_128_tflite", "mtcnn_onet_tflite"):
        assert identify(zoo / f"{name}.tflite", nothing_known).recogniser is False


def test_openvino_models_of_the_zoo_are_told_apart(zoo: Path, nothing_known: Knowledge) -> None:
    pytest.importorskip("openvino")
    recogniser = identify(zoo / "insightface_y1_openvino.xml", nothing_known)
    landmarks = identify(zoo / "mobilefacenet_landmark_openvino.xml", nothing_known)

    assert (recogniser.recogniser, landmarks.recogniser) == (True, False)


def test_a_format_without_a_runtime_is_unknown_with_the_reason(nothing_known: Knowledge) -> None:
    answer = identify_bytes(b"GGUF\x03\0\0\0" + bytes(64), "x", nothing_known)

    assert (answer.recogniser, answer.function) == (None, "unknown")
    assert "not looked into" in answer.evidence[0].detail


@pytest.mark.parametrize(
    "head", [b"\x1c\0\0\0TFL3", b'<?xml version="1.0"?><net name="x">', b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."]
)
def test_the_mark_of_a_format_alone_never_gives_a_traceback(head: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    path.write_bytes(head + bytes(50))
    path.with_suffix(".bin").write_bytes(b"")
    with suppress(ModelError):
        assert identify(path).recogniser is None


def test_onnx_runtimes_own_format_is_run(recogniser: bytes, nothing_known: Knowledge, tmp_path: Path) -> None:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "model.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    onnxruntime.InferenceSession(recogniser, options, providers=["CPUExecutionProvider"])
    answer = identify(tmp_path / "model.ort", nothing_known)

    assert answer.recogniser is True
    assert answer.evidence[0].detail.startswith("ort: takes 1x3x112x112")


def test_safetensors_are_looked_at_and_undecided(nothing_known: Knowledge) -> None:
    header = b'{"w": {"dtype": "F32", "shape": [40, 80, 3, 3], "data_offsets": [0, 115200]}}'
    answer = identify_bytes(len(header).to_bytes(8, "little") + header + bytes(115_200), "x", nothing_known)

    assert answer.recogniser is None
    assert answer.evidence[-1].detail.startswith(
        "not tried: it holds weights and no graph, of no network that is known"
    )
