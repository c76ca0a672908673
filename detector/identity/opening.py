"""Open a model file by what it holds."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from io import BytesIO
from pathlib import Path

from ...streams.errors import printable
from ..errors import ModelError
from .formats import format_of
from .model import Array, Layer, Model, Run, Slot, Unrunnable
from .remedies import unopened

LARGEST = 2_000_000_000  # bytes; a protocol buffer can hold no more
# Format -> our module and class, and what has to be installed for it.
READERS = {
    "onnx": ("onnx.file", "OnnxModel", "onnxruntime"),
    "ort": ("onnx.ort_file", "OrtModel", "onnxruntime"),
    "safetensors": ("weights.arrays_file", "SafetensorsModel", "numpy"),
    "npz": ("weights.arrays_file", "NpzModel", "numpy"),
    "tfjs": ("tensorflow.tfjs_file", "TfjsModel", "onnxruntime"),
    "hdf5": ("keras.file", "HdfModel", "h5py"),
    "keras": ("keras.file", "KerasModel", "h5py"),
    "tensorflow_graph": ("tensorflow.file", "GraphModel", "onnxruntime"),
    "tflite": ("tflite_file", "TfliteModel", "ai-edge-litert"),
    "openvino": ("openvino_file", "OpenvinoModel", "openvino"),
    "saved_model": ("openvino_file", "SavedModel", "openvino"),
    "paddle": ("openvino_file", "PaddleModel", "openvino"),
    "torchscript": ("pytorch.file", "ScriptModel", "torch"),
    "pt2": ("pytorch.export_file", "ExportModel", "torch"),
    "dlib": ("weights.dlib_file", "DlibModel", "onnxruntime"),
    "torch_state": ("pytorch.state_file", "StateModel", "numpy"),
    "caffe": ("caffe.file", "CaffeModel", "onnxruntime"),
    "ncnn": ("ncnn.file", "NcnnModel", "onnxruntime"),
    "coreml": ("coreml.file", "CoremlModel", "onnxruntime"),
}

# Formats of which the weights, or the size of the picture, may lie in files beside them.
IN_PARTS = ("openvino", "saved_model", "paddle", "tfjs", "caffe", "ncnn", "coreml")


class Closed:
    """A model that only its format is known of; see `Model`."""

    inputs: tuple[Slot, ...] = ()
    outputs: tuple[Layer, ...] = ()
    notes: tuple[str, ...] = ()

    def __init__(self, kind: str, reason: str) -> None:
        self.format = kind
        self._reason = reason

    def weights(self) -> Iterable[Array]:
        return ()

    def runner(self, inputs: Sequence[Slot]) -> Run:  # noqa: ARG002 - it cannot be run on anything
        raise Unrunnable(self._reason)


def kind_of(content: bytes, path: Path | None) -> str:
    """The format of a model file; raises `ModelError` where it is none that is known here."""
    kind = format_of(BytesIO(content), len(content))
    if kind is None:
        raise ModelError(f"{_shown(path)}: no model file (ONNX, TFLite, OpenVINO IR, TorchScript, PyTorch and others)")
    return kind


def open_model(content: bytes, path: Path | None) -> Model:
    """Read a model, in this process; files beside it are read only where `path` says where that is.

    Raises:
        ModelError: it is no model file of a kind known here, or is broken.
    """
    kind = kind_of(content, path)
    if kind not in READERS:
        return Closed(kind, unopened(kind))
    module, reader, package = READERS[kind]
    try:
        opener = getattr(import_module(f".runtimes.{module}", __package__), reader)
    except ImportError:
        return Closed(kind, f"its runtime is not installed: pip install {package}")
    try:
        return opener(content, path.parent if path else None, path)
    except Unrunnable as reason:
        return Closed(kind, str(reason))
    except ValueError as error:
        raise ModelError(f"{_shown(path)}: {error}") from error


def _shown(path: Path | None) -> str:
    return printable(str(path)) if path else "model"
