"""Other formats of an ONNX model, and what models are shipped in: `PACKED[name](content, folder)` writes there."""

# The libraries' stubs leave much open.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import bz2
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import onnx

Pack = Callable[[bytes, Path], object]


def external(content: bytes, folder: Path) -> None:
    """Weights in a file beside the model."""
    proto = onnx.load_model_from_string(content)
    onnx.save(proto, folder / "model.onnx", save_as_external_data=True, location="model.data", size_threshold=256)


def for_ort(content: bytes, folder: Path) -> None:
    """ONNX Runtime's own format."""
    runtime: Any = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.optimized_model_filepath = str(folder / "model.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def for_openvino(content: bytes, folder: Path) -> None:
    """OpenVINO's intermediate representation, its weights in 16 bits as its converter makes them."""
    openvino: Any = import_module("openvino")
    openvino.save_model(openvino.convert_model(BytesIO(content)), folder / "model.xml")


def compressed(pack: Callable[[bytes], bytes], ending: str) -> Pack:
    """One file, compressed."""
    return lambda content, folder: (folder / f"model.onnx{ending}").write_bytes(pack(content))


def in_package(name: str) -> Pack:
    """In a zip of this name, beside other files."""

    def pack(content: bytes, folder: Path) -> None:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("classes.dex", b"dex\n035\0")
            archive.writestr("assets/models/a.bin", content)

    return pack


def in_layers(content: bytes, folder: Path) -> None:
    """In a layer, compressed, of a saved image."""
    layer = BytesIO()
    with tarfile.open(fileobj=layer, mode="w:gz") as archive:
        _add(archive, "srv/model", content)
    with tarfile.open(folder / "image.tar", "w") as archive:
        _add(archive, "blobs/sha256/abc", layer.getvalue())


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, BytesIO(content))


PACKED: dict[str, Pack] = {
    "weights beside it": external,
    "ONNX Runtime's own format": for_ort,
    "OpenVINO": for_openvino,
    "gzip": compressed(gzip.compress, ".gz"),
    "bzip2": compressed(bz2.compress, ".bz2"),
    "xz": compressed(lambda content: lzma.compress(content, preset=0), ".xz"),
    "in an Android package": in_package("app.apk"),
    "in a wheel": in_package("a-1-py3-none-any.whl"),
    "in a layer of an image": in_layers,
}
