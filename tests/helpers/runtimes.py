"""A small case for each runtime: a model made here, how a host opens it, and how it calls it."""

import importlib.util
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from facewarden.detector.calls.taps import Tap
from facewarden.detector.calls.taps.runtimes.dlib import DlibTap
from facewarden.detector.calls.taps.runtimes.face_recognition import FaceRecognitionTap
from facewarden.detector.calls.taps.runtimes.keras import KerasTap
from facewarden.detector.calls.taps.runtimes.litert import LiteRTTap
from facewarden.detector.calls.taps.runtimes.onnx_reference import OnnxReferenceTap
from facewarden.detector.calls.taps.runtimes.onnx_runtime import OnnxRuntimeTap
from facewarden.detector.calls.taps.runtimes.opencv import OpenCVTap
from facewarden.detector.calls.taps.runtimes.openvino import OpenVinoTap
from facewarden.detector.calls.taps.runtimes.pytorch import PyTorchTap

Arrays = Sequence[NDArray[Any]]


@dataclass(frozen=True)
class Case:
    """One way to run a model.

    Attributes:
        tap: the tap that has to see it.
        needs: the module without which it cannot run.
        open: opens the model in a folder that is its own, as a host would.
        call: calls it on a picture of shape (112, 112, 3), uint8, and gives its answer.
        wrong: calls it in a way that the runtime itself turns down.
        work: the class or module, and the function of it, that does the work.
        tapped: the one that the tap replaces, where that is another.
        threads: how many may call it at once in a test that has to end.
        content: whether the gate is told what the model is.
    """

    tap: type[Tap]
    needs: str
    open: Callable[[Path], Any]
    call: Callable[[Any, NDArray[np.uint8]], Arrays]
    wrong: Callable[[Any], object]
    work: Callable[[], tuple[Any, str]]
    tapped: Callable[[], tuple[Any, str]] | None = None
    content: bool = True
    threads: int = 16


def is_here(modules: str) -> bool:
    """Whether the packages of some modules, parted by blanks, are installed."""
    return all(importlib.util.find_spec(module.partition(".")[0]) is not None for module in modules.split())


# --- models -----------------------------------------------------------------------------------------------------------


def tensor(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def as_onnx(nodes: list[onnx.NodeProto], outputs: list[onnx.ValueInfoProto], side: int, *weights: Any) -> bytes:
    graph = helper.make_graph(nodes, "tiny", [tensor("x", 1, 3, side, side)], outputs, initializer=weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8).SerializeToString()


@cache
def means() -> bytes:
    """The mean of each colour, shape (1, 3)."""
    nodes = [helper.make_node("GlobalAveragePool", ["x"], ["p"]), helper.make_node("Flatten", ["p"], ["y"])]
    return as_onnx(nodes, [tensor("y", 1, 3)], 112)


@cache
def yunet(side: int = 32) -> bytes:
    """The inputs and outputs of OpenCV's face detector, with weights that find nothing."""
    nodes, outputs, weights = [], [], []
    for stride in (8, 16, 32):
        for kind, width in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
            name = f"{kind}_{stride}"
            shape = (width, 3, stride, stride)
            weights += [
                helper.make_tensor(f"w_{name}", TensorProto.FLOAT, shape, np.zeros(np.prod(shape), np.float32)),
                helper.make_tensor(f"s_{name}", TensorProto.INT64, [3], [1, (side // stride) ** 2, width]),
            ]
            nodes += [
                helper.make_node(
                    "Conv", ["x", f"w_{name}"], [f"c_{name}"], strides=[stride] * 2, kernel_shape=[stride] * 2
                ),
                helper.make_node("Transpose", [f"c_{name}"], [f"t_{name}"], perm=[0, 2, 3, 1]),
                helper.make_node("Reshape", [f"t_{name}", f"s_{name}"], [name]),
            ]
            outputs.append(tensor(name, 1, (side // stride) ** 2, width))
    return as_onnx(nodes, outputs, side, *weights)


def tflite(shape: tuple[int, ...] = (1, 112, 112, 3)) -> bytes:
    """Absolute values, as a flat buffer with one signature."""
    flatbuffers: Any = import_module("flatbuffers")
    schema: Any = import_module("ai_edge_litert.schema_py_generated")
    model, graph, operator = schema.ModelT(), schema.SubGraphT(), schema.OperatorT()
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.ABS
    graph.tensors = []
    for name in ("x", "y"):
        one = schema.TensorT()
        one.name, one.shape, one.type, one.buffer = name.encode(), list(shape), schema.TensorType.FLOAT32, 0
        graph.tensors.append(one)
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, [0], [1]
    graph.inputs, graph.outputs, graph.operators = [0], [1], [operator]
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = b"serve", 0
    signature.inputs, signature.outputs = [schema.TensorMapT()], [schema.TensorMapT()]
    signature.inputs[0].name, signature.inputs[0].tensorIndex = b"x", 0
    signature.outputs[0].name, signature.outputs[0].tensorIndex = b"y", 1
    model.version, model.buffers, model.subgraphs = 3, [schema.BufferT()], [graph]
    model.operatorCodes, model.signatureDefs = [code], [signature]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def written(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def blob(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.ascontiguousarray(picture.astype(np.float32).transpose(2, 0, 1)[None])


def batch(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    return picture.astype(np.float32)[None]


# --- ONNX Runtime -----------------------------------------------------------------------------------------------------


def ort_options() -> Any:
    options = import_module("onnxruntime").SessionOptions()
    options.intra_op_num_threads = 1
    return options


def open_ort(folder: Path) -> Any:
    return import_module("onnxruntime").InferenceSession(written(folder, "a.onnx", means()), ort_options())


def call_ort(session: Any, picture: NDArray[np.uint8]) -> Arrays:
    return session.run(None, {"x": blob(picture)})


def native_ort() -> Any:
    return import_module("onnxruntime.capi.onnxruntime_pybind11_state").InferenceSession


# --- OpenCV -----------------------------------------------------------------------------------------------------------


def cv2() -> Any:
    return import_module("cv2")


def open_recogniser(folder: Path) -> Any:
    return cv2().FaceRecognizerSF.create(written(folder, "a.onnx", means()), "")


def open_detector(folder: Path) -> Any:
    return cv2().FaceDetectorYN.create(written(folder, "a.onnx", yunet()), "", (32, 32))


def call_detector(detector: Any, picture: NDArray[np.uint8]) -> Arrays:
    found, faces = detector.detect(np.ascontiguousarray(picture[:32, :32]))
    return [np.array(found), np.array(faces is None)]


def open_net(folder: Path) -> Any:
    return cv2().dnn.readNetFromONNX(written(folder, "a.onnx", means()))


def call_net(net: Any, picture: NDArray[np.uint8]) -> Arrays:
    net.setInput(blob(picture))
    return [net.forward()]


def open_net_model(folder: Path) -> Any:
    model = cv2().dnn.ClassificationModel(written(folder, "a.onnx", means()))
    model.setInputParams(1.0, (112, 112))
    return model


# --- PyTorch ----------------------------------------------------------------------------------------------------------


def torch() -> Any:
    return import_module("torch")


def open_module(_: Path) -> Any:
    nn = torch().nn
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Sequential(nn.Flatten(), nn.ReLU())).eval()


def open_script(folder: Path) -> Any:
    path = str(folder / "a.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # deprecated, and in use
        torch().jit.save(torch().jit.trace(open_module(folder), torch().zeros(1, 3, 112, 112)), path)
        return torch().jit.load(path)


def call_module(module: Any, picture: NDArray[np.uint8]) -> Arrays:
    return [module(torch().from_numpy(blob(picture))).detach().numpy()]


# --- LiteRT -----------------------------------------------------------------------------------------------------------


def open_interpreter(folder: Path) -> Any:
    interpreter = import_module("ai_edge_litert.interpreter").Interpreter(
        model_path=written(folder, "a.tflite", tflite())
    )
    interpreter.allocate_tensors()
    return interpreter


def call_interpreter(interpreter: Any, picture: NDArray[np.uint8]) -> Arrays:
    interpreter.set_tensor(0, batch(picture))
    interpreter.invoke()
    return [interpreter.get_tensor(1)]


def open_signature(folder: Path) -> Any:
    return open_interpreter(folder).get_signature_runner("serve")


def native_litert() -> Any:
    return import_module("ai_edge_litert.interpreter")._interpreter_wrapper.InterpreterWrapper


def open_compiled_litert(folder: Path) -> Any:
    return compiled_litert().from_file(written(folder, "a.tflite", tflite()))


def call_compiled_litert(compiled: Any, picture: NDArray[np.uint8]) -> Arrays:
    inputs, outputs = compiled.create_input_buffers(0), compiled.create_output_buffers(0)
    inputs[0].write(batch(picture))
    compiled.run_by_index(0, inputs, outputs)
    return [outputs[0].read(picture.size, np.float32)]


def compiled_litert() -> Any:
    return import_module("ai_edge_litert.compiled_model").CompiledModel


# --- OpenVINO ---------------------------------------------------------------------------------------------------------


def openvino() -> Any:
    return import_module("openvino")


def open_compiled(folder: Path) -> Any:
    return openvino().Core().compile_model(written(folder, "a.onnx", means()), "CPU")


def call_compiled(compiled: Any, picture: NDArray[np.uint8]) -> Arrays:
    return list(compiled([blob(picture)]).values())


def open_request(folder: Path) -> Any:
    core = openvino().Core()
    return core.compile_model(core.read_model(written(folder, "a.onnx", means())), "CPU").create_infer_request()


def call_request(request: Any, picture: NDArray[np.uint8]) -> Arrays:
    request.start_async([blob(picture)])
    request.wait()
    return [request.get_output_tensor().data.copy()]


def open_queue(folder: Path) -> Any:
    return openvino().AsyncInferQueue(open_compiled(folder), 8)


def call_queue(queue: Any, picture: NDArray[np.uint8]) -> Arrays:
    answers: list[NDArray[Any]] = []
    queue.set_callback(lambda request, _: answers.append(request.get_output_tensor().data.copy()))
    queue.start_async([blob(picture)])
    queue.wait_all()
    return answers


# --- dlib and face_recognition ----------------------------------------------------------------------------------------


@cache
def dlib_weights() -> str:
    spec = importlib.util.find_spec("face_recognition_models")
    assert spec
    assert spec.origin
    return str(Path(spec.origin).parent / "models" / "dlib_face_recognition_resnet_model_v1.dat")


def open_dlib(_: Path) -> Any:
    return native_dlib()(dlib_weights())


def native_dlib() -> Any:
    return import_module("dlib").face_recognition_model_v1


def call_dlib(model: Any, picture: NDArray[np.uint8]) -> Arrays:
    return [np.array(model.compute_face_descriptor(np.ascontiguousarray(np.resize(picture, (150, 150, 3)))))]


def face_recognition() -> Any:
    """The package, whose models find their files through a module that setuptools has dropped."""
    if "face_recognition" in sys.modules or importlib.util.find_spec("pkg_resources"):
        return import_module("face_recognition")
    stand_in = sys.modules["pkg_resources"] = ModuleType("pkg_resources")
    stand_in.__dict__["resource_filename"] = lambda _, file: str(Path(dlib_weights()).parents[1] / file)
    try:
        return import_module("face_recognition")
    finally:
        del sys.modules["pkg_resources"]


def call_encodings(package: Any, picture: NDArray[np.uint8]) -> Arrays:
    return package.face_encodings(picture, known_face_locations=[(0, 112, 112, 0)])


def call_comparison(package: Any, picture: NDArray[np.uint8]) -> Arrays:
    one = picture[0, :64].reshape(-1)[:128].astype(float)
    return [package.face_distance([one, one + 1], one)]


# --- the reference evaluator of onnx, and Keras -----------------------------------------------------------------------


def evaluator() -> Any:
    return import_module("onnx.reference").ReferenceEvaluator


def open_evaluator(folder: Path) -> Any:
    return evaluator()(written(folder, "a.onnx", means()))


def keras() -> Any:
    os.environ.setdefault("KERAS_BACKEND", "torch")  # else it seeks TensorFlow
    return import_module("keras")


def open_keras(_: Path) -> Any:
    layers = keras().layers
    return keras().Sequential([layers.Input((112, 112, 3)), layers.GlobalAveragePooling2D()])


CASES: dict[str, Case] = {
    "onnx-reference": Case(
        OnnxReferenceTap,
        "onnx",
        open_evaluator,
        lambda model, picture: model.run(None, {"x": blob(picture)}),
        lambda model: model.run(None, {"x": "no picture"}),
        lambda: (evaluator(), "run"),
    ),
    "keras": Case(
        KerasTap,
        "keras torch",
        open_keras,
        lambda model, picture: [np.asarray(model(batch(picture)))],
        lambda model: model(1, 2, 3),
        lambda: (keras().Layer, "__call__"),
        content=False,
    ),
    "onnxruntime": Case(
        OnnxRuntimeTap, "onnxruntime", open_ort, call_ort, lambda s: s.run(None, {}), lambda: (native_ort(), "run")
    ),
    "opencv-recogniser": Case(
        OpenCVTap,
        "cv2",
        open_recogniser,
        lambda model, picture: [model.feature(picture)],
        lambda model: model.feature("no picture"),
        lambda: (cv2().FaceRecognizerSF, "feature"),
    ),
    "opencv-detector": Case(
        OpenCVTap,
        "cv2",
        open_detector,
        call_detector,
        lambda model: model.detect(np.zeros((5, 7, 3), np.uint8)),
        lambda: (cv2().FaceDetectorYN, "detect"),
    ),
    "opencv-net": Case(
        OpenCVTap, "cv2", open_net, call_net, lambda net: net.forward(1, 2, 3), lambda: (cv2().dnn.Net, "forward")
    ),
    "opencv-net-model": Case(
        OpenCVTap,
        "cv2",
        open_net_model,
        lambda model, picture: [np.array(model.classify(picture))],
        lambda model: model.classify(),
        lambda: (cv2().dnn.ClassificationModel, "classify"),
    ),
    "pytorch": Case(
        PyTorchTap,
        "torch",
        open_module,
        call_module,
        lambda module: module(1),
        lambda: (torch().nn.Module, "__call__"),
        content=False,
    ),
    "torchscript": Case(
        PyTorchTap,
        "torch",
        open_script,
        call_module,
        lambda module: module(1),
        lambda: (torch().nn.Module, "__call__"),
    ),
    "litert": Case(
        LiteRTTap,
        "ai_edge_litert.interpreter",
        open_interpreter,
        call_interpreter,
        lambda interpreter: interpreter.invoke(1),
        lambda: (native_litert(), "Invoke"),
    ),
    "litert-signature": Case(
        LiteRTTap,
        "ai_edge_litert.interpreter",
        open_signature,
        lambda runner, picture: [runner(x=batch(picture))["y"]],
        lambda runner: runner(z=np.zeros(1)),
        lambda: (native_litert(), "Invoke"),
    ),
    "litert-compiled": Case(
        LiteRTTap,
        "ai_edge_litert.compiled_model",
        open_compiled_litert,
        call_compiled_litert,
        lambda compiled: compiled.run_by_index(0),
        lambda: (compiled_litert(), "run_by_index"),
    ),
    "openvino": Case(
        OpenVinoTap,
        "openvino",
        open_compiled,
        call_compiled,
        lambda compiled: compiled([np.zeros((2, 2), np.float32)]),
        lambda: (openvino()._pyopenvino.InferRequest, "infer"),
    ),
    "openvino-request": Case(
        OpenVinoTap,
        "openvino",
        open_request,
        call_request,
        lambda request: request.start_async(inputs=[np.zeros((2, 2), np.float32)]),
        lambda: (openvino()._pyopenvino.InferRequest, "start_async"),
    ),
    "openvino-queue": Case(
        OpenVinoTap,
        "openvino",
        open_queue,
        call_queue,
        lambda queue: queue.start_async([np.zeros((2, 2), np.float32)]),
        lambda: (openvino()._pyopenvino.AsyncInferQueue, "start_async"),
    ),
    "dlib": Case(
        DlibTap,
        "face_recognition_models",
        open_dlib,
        call_dlib,
        lambda model: model.compute_face_descriptor(1),
        lambda: (native_dlib(), "compute_face_descriptor"),
        threads=2,
    ),
    "face_recognition": Case(
        FaceRecognitionTap,
        "face_recognition_models",
        lambda _: face_recognition(),
        call_encodings,
        lambda package: package.face_encodings(),
        lambda: (native_dlib(), "compute_face_descriptor"),
        lambda: (face_recognition(), "face_encodings"),
        content=False,
        threads=2,
    ),
    "face_recognition-comparison": Case(
        FaceRecognitionTap,
        "face_recognition_models",
        lambda _: face_recognition(),
        call_comparison,
        lambda package: package.face_distance(),
        lambda: (np.linalg, "norm"),
        lambda: (face_recognition(), "face_distance"),
        content=False,
    ),
}
