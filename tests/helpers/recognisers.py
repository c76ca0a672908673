"""One recogniser, a pooling and a matrix, as each runtime would run it, and the ways in which it may answer."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from facewarden.detector.calls.taps import Tap
from facewarden.detector.calls.taps.runtimes.litert import LiteRTTap
from facewarden.detector.calls.taps.runtimes.onnx_runtime import OnnxRuntimeTap
from facewarden.detector.calls.taps.runtimes.opencv import OpenCVTap
from facewarden.detector.calls.taps.runtimes.openvino import OpenVinoTap
from facewarden.detector.calls.taps.runtimes.pytorch import PyTorchTap

from .runtimes import written

Blob = NDArray[np.float32]
_POOL, _SIDE = 4, 28


@dataclass(frozen=True)
class Way:
    """A way to run the recogniser.

    Attributes:
        tap: the tap that has to see it.
        needs: the module without which it cannot run.
        open: opens it in a folder, given its ONNX file, and gives what runs it on a batch, float32, [1, 3, 112, 112].
    """

    tap: type[Tap]
    needs: str
    open: Callable[[Path, bytes], Callable[[Blob], object]]


def _matrix(content: bytes) -> Blob:
    (weights,) = onnx.load_model_from_string(content).graph.initializer
    return numpy_helper.to_array(weights)


def _session(folder: Path, content: bytes) -> Any:
    return import_module("onnxruntime").InferenceSession(written(folder, "a.onnx", content))


def run_session(folder: Path, content: bytes) -> Callable[[Blob], object]:
    session = _session(folder, content)
    return lambda blob: session.run(None, {"in": blob})


def run_values(folder: Path, content: bytes) -> Callable[[Blob], object]:
    session, value = _session(folder, content), import_module("onnxruntime").OrtValue
    return lambda blob: session.run_with_ort_values(None, {"in": value.ortvalue_from_numpy(blob)})


def run_binding(folder: Path, content: bytes) -> Callable[[Blob], object]:
    session = _session(folder, content)

    def run(blob: Blob) -> object:
        binding = session.io_binding()
        binding.bind_cpu_input("in", blob)
        binding.bind_output("out")
        session.run_with_iobinding(binding)
        return binding.copy_outputs_to_cpu()

    return run


def run_net(*names: object) -> Callable[[Path, bytes], Callable[[Blob], object]]:
    def opened(folder: Path, content: bytes) -> Callable[[Blob], object]:
        net = import_module("cv2").dnn.readNetFromONNX(written(folder, "a.onnx", content))

        def run(blob: Blob) -> object:
            net.setInput(blob)
            return net.forward(*names)

        return run

    return opened


def _module(content: bytes, head: Any = None) -> Any:
    torch: Any = import_module("torch")
    matrix = _matrix(content)
    linear = torch.nn.Linear(*matrix.shape, bias=False)
    linear.weight.data = torch.from_numpy(matrix.T.copy())
    return torch.nn.Sequential(
        torch.nn.AvgPool2d(_POOL), torch.nn.Flatten(), linear, *([head()] if head else [])
    ).eval()


def run_module(answer: Callable[[Any], object] | None = None) -> Callable[[Path, bytes], Callable[[Blob], object]]:
    def opened(_: Path, content: bytes) -> Callable[[Blob], object]:
        torch: Any = import_module("torch")

        class Head(torch.nn.Module):
            def forward(self, vectors: object) -> object:
                return answer(vectors) if answer else vectors

        module = _module(content, Head)
        return lambda blob: module(torch.from_numpy(blob))

    return opened


def run_script(folder: Path, content: bytes) -> Callable[[Blob], object]:
    torch: Any = import_module("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # deprecated, and in use
        torch.jit.save(torch.jit.trace(_module(content), torch.zeros(1, 3, 112, 112)), folder / "a.pt")
        module = torch.jit.load(str(folder / "a.pt"))
    return lambda blob: module(torch.from_numpy(blob))


def run_compiled(folder: Path, content: bytes) -> Callable[[Blob], object]:
    compiled = import_module("openvino").Core().compile_model(written(folder, "a.onnx", content), "CPU")
    return lambda blob: compiled([blob])


def run_request(folder: Path, content: bytes) -> Callable[[Blob], object]:
    compiled = import_module("openvino").Core().compile_model(written(folder, "a.onnx", content), "CPU")
    request = compiled.create_infer_request()
    return lambda blob: request.infer([blob])


def run_interpreter(folder: Path, content: bytes) -> Callable[[Blob], object]:
    made: Any = import_module("ai_edge_litert.interpreter")
    interpreter = made.Interpreter(model_path=written(folder, "a.tflite", _tflite(content)))
    interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()

    def run(blob: Blob) -> object:
        interpreter.set_tensor(taken["index"], blob.transpose(0, 2, 3, 1))
        interpreter.invoke()
        return interpreter.get_tensor(given["index"])

    return run


def run_signature(folder: Path, content: bytes) -> Callable[[Blob], object]:
    made: Any = import_module("ai_edge_litert.interpreter")
    runner = made.Interpreter(model_path=written(folder, "a.tflite", _tflite(content))).get_signature_runner("serve")
    return lambda blob: runner(x=blob.transpose(0, 2, 3, 1))


def _tflite(content: bytes) -> bytes:
    """AVERAGE_POOL_2D and FULLY_CONNECTED, as a flat buffer with one signature."""
    flatbuffers: Any = import_module("flatbuffers")
    schema: Any = import_module("ai_edge_litert.schema_py_generated")
    matrix = _matrix(content)
    width = matrix.shape[1]
    last = matrix.reshape(3, _SIDE, _SIDE, width).transpose(1, 2, 0, 3).reshape(-1, width).T  # channels last
    shapes = {"x": (1, 112, 112, 3), "small": (1, _SIDE, _SIDE, 3), "matrix": last.shape, "y": (1, width)}
    buffers = [schema.BufferT(), schema.BufferT()]
    buffers[1].data = np.frombuffer(np.ascontiguousarray(last, np.float32).tobytes(), np.uint8)
    model, graph = schema.ModelT(), schema.SubGraphT()
    graph.tensors = []
    for name, shape in shapes.items():
        one = schema.TensorT()
        one.name, one.shape, one.type = name.encode(), list(shape), schema.TensorType.FLOAT32
        one.buffer = int(name == "matrix")
        graph.tensors.append(one)
    pool, dense = schema.OperatorT(), schema.OperatorT()
    pool.opcodeIndex, pool.inputs, pool.outputs = 0, [0], [1]
    pool.builtinOptionsType, pool.builtinOptions = schema.BuiltinOptions.Pool2DOptions, schema.Pool2DOptionsT()
    options = pool.builtinOptions
    options.strideW = options.strideH = options.filterWidth = options.filterHeight = _POOL
    options.padding = schema.Padding.VALID
    dense.opcodeIndex, dense.inputs, dense.outputs = 1, [1, 2, -1], [3]
    dense.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
    dense.builtinOptions = schema.FullyConnectedOptionsT()
    model.operatorCodes = []
    for kind in (schema.BuiltinOperator.AVERAGE_POOL_2D, schema.BuiltinOperator.FULLY_CONNECTED):
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = kind
        model.operatorCodes.append(code)
    graph.inputs, graph.outputs, graph.operators = [0], [3], [pool, dense]
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = b"serve", 0
    signature.inputs, signature.outputs = [schema.TensorMapT()], [schema.TensorMapT()]
    signature.inputs[0].name, signature.inputs[0].tensorIndex = b"x", 0
    signature.outputs[0].name, signature.outputs[0].tensorIndex = b"y", 3
    model.version, model.buffers, model.subgraphs, model.signatureDefs = 3, buffers, [graph], [signature]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


WAYS: dict[str, Way] = {
    "onnxruntime": Way(OnnxRuntimeTap, "onnxruntime", run_session),
    "onnxruntime-values": Way(OnnxRuntimeTap, "onnxruntime", run_values),
    "onnxruntime-binding": Way(OnnxRuntimeTap, "onnxruntime", run_binding),
    "opencv-net": Way(OpenCVTap, "cv2", run_net()),
    "opencv-net-names": Way(OpenCVTap, "cv2", run_net(["out"])),
    "pytorch-tensor": Way(PyTorchTap, "torch", run_module()),
    "pytorch-tuple": Way(PyTorchTap, "torch", run_module(lambda vectors: (vectors.mean(), vectors))),
    "pytorch-dict": Way(PyTorchTap, "torch", run_module(lambda vectors: {"score": vectors.mean(), "vectors": vectors})),
    "torchscript": Way(PyTorchTap, "torch", run_script),
    "openvino": Way(OpenVinoTap, "openvino", run_compiled),
    "openvino-request": Way(OpenVinoTap, "openvino", run_request),
    "litert": Way(LiteRTTap, "ai_edge_litert.interpreter", run_interpreter),
    "litert-signature": Way(LiteRTTap, "ai_edge_litert.interpreter", run_signature),
}
