"""A network that ships, opened: ONNX Runtime on one thread."""

from importlib import import_module
from typing import Any

from .errors import ModelError


def opened(content: bytes, where: str) -> Any:
    """ONNX Runtime's session for an ONNX file, on one thread.

    Raises:
        ModelError: the file is no network.
    """
    runtime: Any = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own have no other base
        raise ModelError(f"{where}: is no ONNX network ({str(error).splitlines()[0]})") from error
