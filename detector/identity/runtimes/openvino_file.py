"""What OpenVINO reads: its own .xml file with the weights beside it, TensorFlow's SavedModel, and Paddle's networks."""

# OpenVINO's stubs leave its classes open.
# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import openvino

from ..layout import may_take_picture
from ..model import Array, Layer, Run, Slot, Unrunnable, first_line, is_vector, worth_tapping
from .beside import APART, beside, check_inside
from .tensorflow.saved_model import beside_default

_MOVES = ("Reshape", "Squeeze", "Unsqueeze", "Transpose", "Convert")
_CONFIG = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
_LOOPS = ("Loop", "TensorIterator")
_BODIES = 1 << 30  # bytes that may lie in the bodies of loops and branches, as many as weights may have
# ONNX's names, for what decides the function of a model.
_NAMES = {"SoftMax": "Softmax"}
_SAVED = "saved_model.pb"


class _Opened:
    """A model that OpenVINO has read; see `Model`."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        self._core = openvino.Core()
        try:
            self._model = read(self._core)
        except (RuntimeError, TypeError, OSError) as error:
            raise ValueError(f"no model that OpenVINO reads: {_said(error)}") from error
        self.inputs = tuple(map(_slot, self._model.inputs))
        if not self.inputs:
            raise Unrunnable("it does not say what it takes")
        self.outputs = tuple(Layer(_maker(one), _slot(one)) for one in self._model.outputs)
        steps = list(_kinds(self._model))
        self.notes = (f"{len(steps)} operations",)
        self.unread = _BODIES if any(kind in (*_LOOPS, "If") for kind in steps) else 0
        pictures = may_take_picture(self.inputs)
        self.rest = "it has a branch that may not have been taken" if pictures and "If" in steps else ""

    def weights(self) -> Iterator[Array]:
        for step in self._model.get_ordered_ops():
            if step.get_type_name() == "Constant" and step.get_element_type() != openvino.Type.string:
                data = np.array(step.data)
                # grouped: groups, outputs, inputs, height, width
                yield data.reshape(-1, *data.shape[2:]) if data.ndim == 5 else data

    def runner(self, inputs: Sequence[Slot]) -> Run:
        model = self._model.clone()
        try:
            model.reshape({place: list(slot.shape) for place, slot in enumerate(inputs)})
            model.add_outputs(_vectors_inside(model))
            compiled = self._core.compile_model(model, "CPU", _CONFIG)
        except RuntimeError as error:
            raise Unrunnable(f"OpenVINO refuses it: {first_line(error)}") from error
        request = compiled.create_infer_request()

        def run(arrays: Sequence[Array]) -> list[Array]:
            try:
                answer = request.infer(list(arrays))
            except RuntimeError as error:
                raise Unrunnable(f"OpenVINO cannot run it: {first_line(error)}") from error
            return [np.array(answer[output]) for output in compiled.outputs]

        return run


class OpenvinoModel(_Opened):
    """OpenVINO's own."""

    format = "openvino"

    def __init__(self, content: bytes, _folder: Path | None, path: Path | None) -> None:
        weights = beside(path, _with(path, ".bin")).read_bytes()
        super().__init__(lambda core: core.read_model(content, weights))


class SavedModel(_Opened):
    """TensorFlow's SavedModel: a folder, with the learned numbers in another below it."""

    format = "saved_model"

    def __init__(self, content: bytes, folder: Path | None, path: Path | None) -> None:
        if path is None or folder is None:
            raise Unrunnable(APART)
        if path.name != _SAVED:
            raise Unrunnable(f"OpenVINO reads it where it is called {_SAVED}")
        for one in (folder / "variables").glob("*"):
            check_inside(one, folder)
        with _as_refusal():
            super().__init__(lambda core: core.read_model(folder))
        if other := beside_default(content):
            self.rest = f"it serves {', '.join(other[:4])} besides, which OpenVINO does not show"


class PaddleModel(_Opened):
    """A network of Paddle: steps in one file, numbers in the other; whichever is looked at, it is the two of them."""

    format = "paddle"

    def __init__(self, _content: bytes, _folder: Path | None, path: Path | None) -> None:
        weights, steps = (beside(path, _with(path, ending)) for ending in (".pdiparams", ".pdmodel"))
        with _as_refusal():
            super().__init__(lambda core: core.read_model(steps, weights))


def _with(path: Path | None, ending: str) -> str:
    return path.with_suffix(ending).name if path else ""


@contextmanager
def _as_refusal() -> Generator[None]:
    """A format that is not OpenVINO's own may be in order, and hold what OpenVINO does not know."""
    try:
        yield
    except ValueError as error:
        raise Unrunnable(str(error)) from error


def _said(error: Exception) -> str:
    """What OpenVINO says, without the places in its own code that come before it."""
    lines = [line for line in str(error).splitlines() if not line.startswith(("Exception from", "Check '"))]
    return first_line(RuntimeError("\n".join(lines) or str(error)))


def _kinds(model: Any) -> Iterator[str]:
    """Of all steps, those in the bodies of loops too."""
    for step in model.get_ops():
        yield step.get_type_name()
        if step.get_type_name() in _LOOPS:
            yield from _kinds(step.get_function())


def _slot(port: Any) -> Slot:
    shape = tuple(int(side.get_length()) if side.is_static else None for side in port.partial_shape)
    return Slot(shape, np.dtype(port.element_type.to_dtype()).name)


def _maker(port: Any) -> str:
    """The operation that decides what an output is; it stands before those that only move values about."""
    step = port.node.input_value(0).get_node() if port.node.get_type_name() == "Result" else port.node
    while step.get_type_name() in _MOVES:
        step = step.input_value(0).get_node()
    name = str(step.get_type_name())
    return _NAMES.get(name, name)


def _vectors_inside(model: Any) -> list[Any]:
    steps = [
        step for step in model.get_ordered_ops() if step.get_type_name() not in ("Constant", "Result", "Parameter")
    ]
    before = {one.node.input_value(0).get_node().get_name() for one in model.outputs}
    ports = [step.output(0) for step in steps if step.get_output_size() and step.get_name() not in before]
    return worth_tapping([port for port in ports if is_vector(_slot(port))], lambda port: _slot(port).shape)
