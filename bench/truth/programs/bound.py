"""ONNX Runtime's I/O binding."""

from importlib import import_module
from typing import Any

from .common import CAMERA, MODEL, Count, chosen, every, face

runtime: Any = import_module("onnxruntime")
session: Any = runtime.InferenceSession(MODEL, providers=["CPUExecutionProvider"])
count = Count()


def run(picture: Any) -> object:
    binding = session.io_binding()
    binding.bind_cpu_input("in", face(picture))
    binding.bind_output("out")
    session.run_with_iobinding(binding)
    return binding.copy_outputs_to_cpu()


for picture in chosen(every(CAMERA)):
    count.call(lambda picture=picture: run(picture))
count.tell()
