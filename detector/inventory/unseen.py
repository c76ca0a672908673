"""Files that may be models and are not looked at: that is said of each, so that it never looks like "none"."""

import os
from pathlib import PurePosixPath

from .found import File

_LFS = b"version https://git-lfs.github.com/spec/"
_PICKLE = tuple(b"\x80" + bytes([version]) for version in range(2, 6))
_LEAST_GRAPH = 128  # bytes; no network of TensorFlow has fewer
_PICKLE_END = b"."
# Endings that only models have. They prove nothing; a file that has one and is not understood is worth a line.
_ENDINGS = frozenset(
    (
        ".caffemodel", ".ckpt", ".engine", ".joblib", ".keras", ".mlmodel", ".mnn", ".nb", ".om", ".onnx", ".ort",
        ".pb", ".pdiparams", ".pdmodel", ".plan", ".pt", ".pt2", ".pth", ".pkl", ".pickle", ".rknn", ".safetensors",
        ".tflite", ".tmfile", ".trt", ".uff", ".weights",
    )
)  # fmt: skip


def why_unseen(file: File) -> str | None:
    """Why a file of no known format is no proof of "no model here"; None where nothing speaks for a model."""
    name = PurePosixPath(file.label).name
    file.stream.seek(0)
    head = file.stream.read(256)
    if head.startswith(_LFS):
        return "a pointer of Git LFS: the file itself is not here"
    if head.startswith(_PICKLE) and _last(file) == _PICKLE_END:
        return "a pickle, which is never opened; picklescan or modelscan say what it would run"
    ending = PurePosixPath(name.lower()).suffix
    if not file.size or (ending == ".pb" and file.size < _LEAST_GRAPH):  # the fingerprint beside a SavedModel
        return None
    return f"named as a model ({ending}), and of no format that is known here" if ending in _ENDINGS else None


def _last(file: File) -> bytes:
    file.stream.seek(-1, os.SEEK_END)
    return file.stream.read(1)
