"""TensorFlow Lite models, run with LiteRT on one thread."""

# LiteRT has no stubs.
# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from ..layout import may_take_picture
from ..model import Array, Layer, Run, Slot, Unrunnable, first_line, is_vector, worth_tapping


class TfliteModel:
    """A TFLite model; see `Model`."""

    format = "tflite"

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        self._content = content
        try:
            self._interpreter = _interpreter(content)
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"no TFLite model that LiteRT reads: {first_line(error)}") from error
        self.inputs = tuple(map(_slot, self._interpreter.get_input_details()))
        makers = {int(one): step["op_name"] for step in self._interpreter._get_ops_details() for one in step["outputs"]}
        details = self._interpreter.get_output_details()
        self.outputs = tuple(Layer(makers.get(int(one["index"]), "").title(), _slot(one)) for one in details)
        self.notes = (f"{len(makers)} steps",)
        pictures = may_take_picture(self.inputs)
        branches = pictures and any(step["op_name"] == "IF" for step in self._interpreter._get_ops_details())
        served = sorted(self._interpreter.get_signature_list())
        self.rest = f"it serves {', '.join(served[:4])}, of which one is tried" if len(served) > 1 else ""
        self.rest = self.rest or "it has a branch that may not have been taken" * branches

    def weights(self) -> Iterator[Array]:
        """Convolutions with their axes as ONNX has them: output, input, height, width."""
        for detail in self._interpreter.get_tensor_details():
            if "float" in np.dtype(detail["dtype"]).name:
                try:
                    array = self._interpreter.get_tensor(detail["index"])
                    yield array.transpose(0, 3, 1, 2) if array.ndim == len("OHWI") else array
                except ValueError:  # no constant
                    continue

    @property
    def unread(self) -> int:
        return len(self._content) - sum(array.nbytes for array in self.weights())

    def runner(self, inputs: Sequence[Slot]) -> Run:
        interpreter = _interpreter(self._content)
        places = [detail["index"] for detail in interpreter.get_input_details()]
        try:
            for place, slot in zip(places, inputs, strict=True):
                interpreter.resize_tensor_input(place, slot.shape)
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise Unrunnable(f"LiteRT refuses it: {first_line(error)}") from error
        outputs = [detail["index"] for detail in interpreter.get_output_details()]
        wanted = outputs + _vectors_inside(interpreter, outputs)

        def run(arrays: Sequence[Array]) -> list[Array]:
            try:
                for place, array in zip(places, arrays, strict=True):
                    interpreter.set_tensor(place, array)
                interpreter.invoke()
                return [np.array(interpreter.get_tensor(place)) for place in wanted]
            except (ValueError, RuntimeError) as error:
                raise Unrunnable(f"LiteRT cannot run it: {first_line(error)}") from error

        return run


def _interpreter(content: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that keeping what is inside takes memory
        return Interpreter(model_content=content, num_threads=1, experimental_preserve_all_tensors=True)


def _slot(detail: dict[str, Any]) -> Slot:
    signature = detail["shape_signature"] if len(detail["shape_signature"]) else detail["shape"]
    return Slot(tuple(int(side) if side > 0 else None for side in signature), np.dtype(detail["dtype"]).name)


def _vectors_inside(interpreter: Any, outputs: list[int]) -> list[int]:
    made = [int(one) for step in interpreter._get_ops_details() for one in step["outputs"]]
    slots = {int(detail["index"]): _slot(detail) for detail in interpreter.get_tensor_details()}
    inside = [place for place in made if place not in outputs and is_vector(slots[place])]
    return worth_tapping(inside, lambda place: slots[place].shape)
