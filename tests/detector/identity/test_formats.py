import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.identity import identify_bytes
from facewarden.detector.identity.formats import format_of
from facewarden.detector.identity.known import Knowledge


def of(content: bytes) -> str | None:
    return format_of(BytesIO(content), len(content))


def archive(*names: str) -> bytes:
    with BytesIO() as content:
        with zipfile.ZipFile(content, "w") as packed:
            for name in names:
                packed.writestr(name, "x")
        return content.getvalue()


def field(number: int, content: bytes | int) -> bytes:
    """A field of a protocol buffer, of a number below 2,048 and a length below 128."""
    key = number << 3 | (0 if isinstance(content, int) else 2)
    head = bytes([key]) if key < 0x80 else bytes([key & 0x7F | 0x80, key >> 7])
    return head + (bytes([content]) if isinstance(content, int) else bytes([len(content)]) + content)


NODE = field(1, field(1, b"input") + field(2, b"Placeholder"))
META = field(1, field(4, b"serve"))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (field(1, 1) + field(2, META), "saved_model"),
        (field(1, b"\x08\x00\x10" + b"\xff" * 9 + b"\x01" + bytes(9)) + field(4, b"\x08\x01"), "paddle"),
        (bytes(16) + b"\x04\0\0\0\x08\x05\x10\x10" + bytes(64), "paddle"),
        (b'{"base_code": {"magic": "pir", "version": 1}}', "paddle"),
        (field(1, 1) + field(2, b"something"), None),
        (NODE + NODE + field(4, b"\x08\x1b"), "tensorflow_graph"),
        (field(1, b"a name") + field(4, b""), None),
        (field(1, 5) + field(2, b"about") + field(500, b"layers"), "coreml"),
        (field(1, 5) + field(2, b"about"), None),
        (field(1, b"net") + field(100, b"layer") + field(100, b"layer"), "caffe"),
        (field(100, field(1, b"conv") + field(2, b"Convolution")) + field(100, b""), "caffe"),
        (field(1, b"net") + field(2, field(2, b"data") + field(3, b"conv") + field(4, b"conv") + field(5, 4)), "caffe"),
        (field(100, b"something"), None),
        (field(1, b"net") + field(2, b"something"), None),
        (b'[\n {\n "weights":\n [{"name": "fc"}], "paths": []}]', "tfjs"),
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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GGUF\3\0\0\0" + bytes(64), "told by its hash alone"),
        (b"RKNN" + bytes(64), "convert the network it was made from to ONNX"),
    ],
)
def test_a_file_that_is_not_looked_into_is_named_with_what_to_do(content: bytes, said: str) -> None:
    answer = identify_bytes(content, "a", Knowledge())

    assert answer.recogniser is None
    assert any("not looked into" in one.detail and said in one.detail for one in answer.evidence)
