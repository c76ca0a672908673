"""Which kind of model file a stream of bytes is, by its content alone; names are never looked at."""

import re
import zipfile
import zlib
from contextlib import suppress
from typing import BinaryIO

from .protos import proto_format

_HEAD = 4096
_MAGICS = (
    (0, b"\x89HDF\r\n\x1a\n", "hdf5"),  # Keras
    (4, b"TFL3", "tflite"),
    (4, b"ORTM", "ort"),  # ONNX Runtime's own
    (0, b"ftrt", "tensorrt"),
    (0, b"ptrt", "tensorrt"),
    (0, b"GGUF", "gguf"),
    (0, b"RKNN", "rknn"),
    (0, b"7767517\n", "ncnn"),
    (0, b"7767517\r\n", "ncnn"),
    (0, (7767517).to_bytes(4, "little"), "ncnn"),  # the same in binary numbers
    (0, b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "torch_state"),  # torch.save before 1.6
    (0, b"\x12\x01\x00\x00\x00\x00\x00\x00", "mxnet"),
)
_SAFETENSORS = re.compile(rb".{8}\{\s*\"", re.DOTALL)
_OPENVINO = re.compile(rb"\s*(<\?xml[^>]*>\s*)?<net\s")
_DLIB = re.compile(rb"\x01[\x01-\x09]\x01[\x06-\x20]loss_[a-z_]")
_PADDLE = re.compile(rb"\s*\{\s*\"base_code\"\s*:\s*\{[^}]*\"magic\"\s*:\s*\"pir\"")  # of version 3
_PADDLE_WEIGHTS = re.compile(rb"\0{16}.\0\0\0\x08[\x04-\x06\x16]\x10", re.DOTALL)  # no levels; halves, reals, doubles
_TFJS = re.compile(rb"\"weightsManifest\"\s*:|^\s*\[\s*\{\s*\"(weights|paths)\"\s*:\s*\[")  # the latter: face-api.js
_PROGRAM = re.compile(rb"program\(\d+\.\d+\)\s*[\[{]")  # of Core ML, as its compiler writes it
_ESPRESSO = re.compile(rb"\"storage\"\s*:\s*\"[^\"]*\.espresso\.weights\"")  # a network, likewise
_JSON = 1 << 24  # bytes of a JSON file that are looked through
_FOUR_AXES = re.compile(rb"'descr': '[<>|]f\d'.*'shape': \(\d+, \d+, \d+, \d+\)")
_ARRAYS, _ARRAY_HEADER, _CONVOLUTIONS = 64, 256, 3


def format_of(stream: BinaryIO, size: int) -> str | None:
    """Name the format, or None for a file that is no model: reads a few kilobytes wherever the file is large."""
    head = stream.read(_HEAD)
    for offset, magic, name in _MAGICS:
        if head[offset : offset + len(magic)] == magic:
            return name
    if head.startswith(b"PK\x03\x04"):
        return _zip_format(stream)
    if head.lstrip()[:1] in (b"{", b"[") and _TFJS.search(head + _rest(stream, size)):
        return "tfjs"
    if _PROGRAM.match(head):
        return "coreml"
    if _ESPRESSO.search(head):
        return "espresso"
    if _PADDLE.match(head) or _PADDLE_WEIGHTS.match(head):
        return "paddle"
    if _DLIB.match(head):
        return "dlib"
    if _OPENVINO.match(head):
        return "openvino"
    if _SAFETENSORS.match(head) and int.from_bytes(head[:8], "little") < size:
        return "safetensors"
    return proto_format(stream, size)


def _rest(stream: BinaryIO, size: int) -> bytes:
    """What follows the head of a JSON file; nothing of one that is longer than any graph is."""
    return stream.read() if size <= _JSON else b""


def _zip_format(stream: BinaryIO) -> str | None:
    try:
        names = [name.lower() for name in zipfile.ZipFile(stream).namelist()]  # as torch's reader takes them
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
        return None
    if any(name.endswith("model.weights.h5") for name in names):
        return "keras"
    if any(name.endswith("/archive_format") for name in names):
        return "pt2"  # torch.export
    if names and all(name.endswith(".npy") for name in names):
        return "npz" if _holds_convolutions(stream) else None
    if not any(name.endswith("/data.pkl") for name in names):
        return None
    return "torchscript" if any("/code/" in name for name in names) else "torch_state"


def _holds_convolutions(stream: BinaryIO) -> bool:
    """Whether some of its arrays have the four axes of a convolution's weights; other arrays are data."""
    with zipfile.ZipFile(stream) as archive:
        headers: list[bytes] = []
        for member in archive.infolist()[:_ARRAYS]:
            with suppress(zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError, zlib.error):
                headers.append(archive.open(member).read(_ARRAY_HEADER))
    return sum(bool(_FOUR_AXES.search(header)) for header in headers) >= _CONVOLUTIONS
