import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.identity.formats import format_of


def of(content: bytes) -> str | None:
    return format_of(BytesIO(content), len(content))


def archive(*names: str) -> bytes:
    with BytesIO() as content:
        with zipfile.ZipFile(content, "w") as packed:
            for name in names:
                packed.writestr(name, "x")
        return content.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x1c\0\0\0TFL3" + bytes(20), "tflite"),
        (b'<?xml version="1.0"?>\n<net name="x" version="11">', "openvino"),
        (b"GGUF\x03\0\0\0", "gguf"),
        (b"\x18\0\0\0ORTM" + bytes(20), "ort"),
        (b"ptrt" + bytes(20), "tensorrt"),
        (b'{"format": "graph-model",\n "weightsManifest": []}', "tfjs"),
        (b'{"weights": []}', None),
        (archive("net/archive_format", "net/models/model.json"), "pt2"),
        (archive("a.npy", "b.npy"), None),
        (b"7767517\n75 83\n", "ncnn"),
        (b"\x10\0\0\0\0\0\0\0" + b'{"a": 1}        ' + bytes(40), "safetensors"),
        (archive("net/data.pkl", "net/code/net.py"), "torchscript"),
        (archive("net/data.pkl", "net/data/0"), "torch_state"),
        (archive("config.json", "model.weights.h5"), "keras"),
        (archive("word/document.xml"), None),
        (b"<html><net></html>", None),
        (b"", None),
    ],
)
def test_a_format_is_told_by_content(content: bytes, name: str | None) -> None:
    assert of(content) == name


def test_an_onnx_model_is_told_and_one_cut_short_is_not(recogniser: bytes) -> None:
    assert (of(recogniser), of(recogniser[:-1])) == ("onnx", None)


@given(st.binary())
def test_any_bytes_have_a_format_or_none(content: bytes) -> None:
    assert of(content) is None or isinstance(of(content), str)
