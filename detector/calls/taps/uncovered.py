"""Runtimes that are in this process and that no tap covers: by imported modules, and by mapped libraries."""

import sys
from pathlib import Path

import msgspec

_MAPS = Path("/proc/self/maps")

# Python packages that run models, or look a face up among many, in a way no tap sees.
MODULES = {
    "MNN": "MNN",
    "annoy": "Annoy, a search among vectors",
    "coremltools": "Core ML",
    "CoreML": "Core ML",
    "degirum": "DeGirum",
    "faiss": "faiss, a search among vectors",
    "hailo_platform": "HailoRT",
    "hnswlib": "hnswlib, a search among vectors",
    "inspireface": "InspireFace",
    "jax": "JAX",
    "mediapipe.tasks": "MediaPipe tasks",
    "mindspore": "MindSpore",
    "mxnet": "MXNet",
    "ncnn": "ncnn",
    "onnxruntime_genai": "ONNX Runtime GenAI",
    "paddle": "Paddle",
    "paddlelite": "Paddle Lite",
    "pgvector": "pgvector, a search among vectors",
    "pycuda": "CUDA",
    "pymilvus": "Milvus, a search among vectors",
    "qdrant_client": "Qdrant, a search among vectors",
    "rknn": "RKNN",
    "rknnlite": "RKNN",
    "tensorflow": "TensorFlow",
    "tensorrt": "TensorRT",
    "tinygrad": "tinygrad",
    "tvm": "TVM",
}
# How the names of libraries begin, and the module whose tap covers the library; one that runs without that module is
# used from C or C++.
LIBRARIES: dict[str, tuple[str, str | None]] = {
    "libMNN": ("MNN", None),
    "libInspireFace": ("InspireFace", None),
    "libQnn": ("Qualcomm QNN", None),
    "libSNPE": ("Qualcomm SNPE", None),
    "libdlib": ("dlib", "_dlib_pybind11"),
    "libfaiss": ("faiss, a search among vectors", None),
    "libhailort": ("HailoRT", None),
    "libmediapipe": ("MediaPipe", None),
    "libLiteRt": ("LiteRT", "ai_edge_litert"),
    "libncnn": ("ncnn", None),
    "libnvinfer": ("TensorRT", None),
    "libonnxruntime.": ("ONNX Runtime", "onnxruntime"),
    "libopencv_dnn": ("OpenCV", "cv2"),
    "libopenvino.": ("OpenVINO", "openvino"),
    "libpaddle": ("Paddle", None),
    "librknn": ("RKNN", None),
    "libtensorflow.": ("TensorFlow", None),
    "libtensorflow_": ("TensorFlow", None),
    "libtensorflowlite": ("LiteRT", "tflite_runtime"),
    "libtorch_cpu": ("PyTorch", "torch"),
    "libtvm": ("TVM", None),
}


class Uncovered(msgspec.Struct, frozen=True, order=True):
    """A runtime that no tap covers.

    Attributes:
        runtime: what it is.
        seen: the imported module, or the file of the mapped library.
    """

    runtime: str
    seen: str


def uncovered(maps: Path = _MAPS) -> list[Uncovered]:
    """What runs, or could run, models in this process unseen by any tap.

    Libraries are read from `/proc/self/maps`; elsewhere than on Linux only modules are known. A library that is linked
    into another one, or that has been renamed, is not found.
    """
    modules = {Uncovered(runtime, f"module {name}") for name, runtime in MODULES.items() if name in sys.modules}
    return sorted(modules | {found for path in _mapped(maps) if (found := _library(path))})


def _mapped(maps: Path) -> set[str]:
    try:
        lines = maps.read_text(errors="replace").splitlines()
    except OSError:
        return set()
    return {fields[5] for line in lines if len(fields := line.split(maxsplit=5)) == 6}


def _library(path: str) -> Uncovered | None:
    name = path.rpartition("/")[2]
    for start, (runtime, covering) in LIBRARIES.items():
        if name.startswith(start) and (covering is None or covering not in sys.modules):
            return Uncovered(runtime, path)
    return None
