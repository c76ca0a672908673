"""Programs of Core ML as its compiler writes them, in text, with their weights beside them."""

import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from helpers.broken import opened
from helpers.coreml import Program
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import numpy_helper

from facewarden.detector.errors import ModelError
from facewarden.detector.identity import Identity, identify, identify_bytes
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.runtimes.coreml.file import CoremlModel
from facewarden.detector.inventory import scan

HEAD = """program(1.0)
[buildInfo = dict<tensor<string, []>, tensor<string, []>>({{"coremlc-version", "3505.4.1"}})]
{
    func main<ios15>(tensor<fp32, [1, 3, 112, 112]> x) [Shapes = tuple<tensor<string, []>>((("x", {{"y", [1, 3]}})))] {
"""
WEIGHT = (
    'tensor<fp16, [32, 2352]> w = const()[name = tensor<string, []>("w"), val = tensor<fp16, [32, 2352]>(BLOBFILE('
    'path = tensor<string, []>("@model_path/weights/weight.bin"), offset = tensor<uint64, []>(64)))];'
)
BODY = f"""
        {WEIGHT}
        tensor<string, []> kind = const()[name = tensor<string, []>("kind"), val = tensor<string, []>("valid")];
        tensor<int32, [2]> four = const()[name = tensor<string, []>("four"), val = tensor<int32, [2]>([4, 4])];
        tensor<bool, []> no = const()[name = tensor<string, []>("no"), val = tensor<bool, []>(false)];
        tensor<int32, [2]> shape = const()[name = tensor<string, []>("shape"), val = tensor<int32, [2]>([1, -1])];
        tensor<fp32, [1, 3, 28, 28]> small = avg_pool(ceil_mode = no, kernel_sizes = four, pad_type = kind,
            strides = four, x = x)[name = tensor<string, []>("small")];
        tensor<fp32, [1, 2352]> flat = reshape(shape = shape, x = small)[name = tensor<string, []>("flat")];
        tensor<fp32, [1, 32]> t = linear(weight = w, x = flat)[name = tensor<string, []>("t")];
    }} -> (t);
}}
"""


def details(answer: Identity) -> str:
    return "\n".join(one.detail for one in answer.evidence)


def compiled(recogniser: bytes, folder: Path, text: str = HEAD + BODY) -> Path:
    """As an .mlmodelc has it."""
    (tensor,) = onnx.load_model_from_string(recogniser).graph.initializer
    made = Program(1, 3, 112, 112)
    made.held("w", numpy_helper.to_array(tensor).T.astype(np.float16), beside=True)
    (folder / "weights").mkdir(parents=True, exist_ok=True)
    (folder / "weights" / "weight.bin").write_bytes(made.weights)
    (folder / "model.mil").write_text(text)
    return folder / "model.mil"


def shortened(text: str) -> str:
    """As newer compilers write numbers and words alone."""
    for kind in ("string", "bool", "uint64"):
        text = text.replace(f"tensor<{kind}, []>", kind)
    return text.replace("program(1.0)", "program(1.3)")


def made_of(body: str) -> bytes:
    return (HEAD.replace("112, 112", "4, 4") + body + "    } -> (y);\n}\n").encode()


@pytest.mark.parametrize("text", [HEAD + BODY, shortened(HEAD + BODY), (HEAD + BODY).replace(" = ", "=")])
def test_a_recogniser_is_told_by_what_it_does(text: str, recogniser: bytes, tmp_path: Path) -> None:
    answer = identify(compiled(recogniser, tmp_path, text), Knowledge())

    assert answer.recogniser is True, details(answer)


def test_so_is_one_in_an_app(recogniser: bytes, tmp_path: Path) -> None:
    compiled(recogniser, tmp_path)
    with zipfile.ZipFile(tmp_path / "app.ipa", "w") as archive:
        archive.write(tmp_path / "model.mil", "Payload/a.app/a.mlmodelc/model.mil")
        archive.write(tmp_path / "weights" / "weight.bin", "Payload/a.app/a.mlmodelc/weights/weight.bin")
    found = [one for one in scan(tmp_path / "app.ipa") if one.identity]

    assert [(one.format, one.identity.recogniser) for one in found if one.identity] == [("coreml", True)]


def test_what_older_compilers_write_is_not_looked_into_and_said(tmp_path: Path) -> None:
    (tmp_path / "model.espresso.net").write_text('{"storage" : "model.espresso.weights", "layers": []}')
    (found,) = scan(tmp_path)

    assert found.identity
    assert found.identity.recogniser is None
    assert "a model file of Core ML's compiler, not looked into" in details(found.identity)


def test_constants_are_read_as_they_are_written() -> None:
    halves = "tensor<fp16, [1, 3, 1, 1]>([[[[0x1p-1]], [[-0x1.8p+0]], [[2.5]]]])"
    text = f'tensor<fp32, [1, 3, 4, 4]> y = mul(x = x, y = {halves})[name = tensor<string, []>("y")];'
    model = CoremlModel(made_of(text), None, None)
    (given,) = model.runner(model.inputs)([np.ones((1, 3, 4, 4), np.float32)])[:1]

    assert np.asarray(given)[0, :, 0, 0].tolist() == [0.5, -1.5, 2.5]


def test_several_things_go_in_and_come_out() -> None:
    text = """
        tensor<fp32, [1, 1, 4, 4]> a, tensor<fp32, [1, 2, 4, 4]> b = split(axis = tensor<int32, []>(1),
            split_sizes = tensor<int32, [2]>([1, 2]), x = x)[name = tensor<string, []>("s")];
        tensor<fp32, [1, 3, 4, 4]> y = concat(axis = tensor<int32, []>(1), values = (b, a))[];
    """
    model = CoremlModel(made_of(text), None, None)
    (given,) = model.runner(model.inputs)([np.arange(48, dtype=np.float32).reshape(1, 3, 4, 4)])[:1]

    assert np.asarray(given)[0, :, 0, 0].tolist() == [16, 32, 0]


@pytest.mark.parametrize("text", [
    "tensor<fp32, [1, 3]> y = relu(x = z)[];", "tensor<fp32, [1]> y = relu(x = y)[];",
    'tensor<fp32, [1]> y = relu(x = tensor<fp32, [2]>(BLOBFILE(path = string("../a"), offset = uint64(0))))[];',
    'tensor<fp32, [1]> y = relu(x = tensor<fp32, [2]>(BLOBFILE(path = string("@model_path/'
    + "a" * 999 + '"), offset = uint64(0))))[];',
])  # fmt: skip
def test_a_program_that_cannot_be_is_undecided(text: str, tmp_path: Path) -> None:
    (tmp_path / "model.mil").write_bytes(made_of(text).replace(b"4, 4", b"112, 112"))

    assert identify(tmp_path / "model.mil", Knowledge()).recogniser is None


@pytest.mark.parametrize("text", [
    "tensor<fp32, [1]> y = ", "relu", "tensor<fp32, [9]> y = relu(x = tensor<fp32, [9]>([1.0]))[];",
    "tensor<fp32, [1]> y = relu(x = tensor<fp32, [1]>(" + "[" * 500 + "))[];", "tensor<fp32, [a]> y = relu()[];",
    "tensor<fp32, [1]> y = relu(x = " + "(" * 5000, '\\"' * 200_000, "1" * 200_000 + "_", "." * 200_000 + "_",
])  # fmt: skip
def test_a_broken_text_is_told_in_a_line(text: str) -> None:
    with pytest.raises(ModelError, match=r"^[^\n]+$"):
        identify_bytes(made_of(text), "a", Knowledge())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_broken_in_a_text_ends_in_a_line(recogniser: bytes, tmp_path: Path, data: st.DataObject) -> None:
    path = compiled(recogniser, tmp_path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(len(HEAD) - 60, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(HEAD), len(content)))
    model = opened(bytes(content[:cut]), path)
    assert model is None or model.format == "coreml"
