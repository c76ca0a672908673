"""ONNX Runtime's own format (.ort), run as it is: what is inside cannot be reached, and its weights are not read."""

# ONNX Runtime has no stubs.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...model import Array, Layer, Run, Slot, Unrunnable
from .session import Apart, session_of

_DTYPES = {
    "float": "float32", "float16": "float16", "double": "float64", "uint8": "uint8", "int8": "int8", "int32": "int32",
    "int64": "int64", "bool": "bool",
}  # fmt: skip


class OrtModel:
    """A model in ONNX Runtime's format; see `Model`."""

    format = "ort"
    notes = ("its weights and what is inside are not looked at",)

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        self._apart = Apart()
        try:
            self._session: Any = self._apart.do(lambda: session_of(content))
        except Unrunnable as error:
            raise ValueError(str(error)) from error
        self.inputs = tuple(_slot(one) for one in self._session.get_inputs())
        self.outputs = tuple(Layer("", _slot(one)) for one in self._session.get_outputs())

    def weights(self) -> tuple[Array, ...]:
        return ()

    def runner(self, inputs: Sequence[Slot]) -> Run:  # noqa: ARG002 - it takes what it takes
        names = [one.name for one in self._session.get_inputs()]

        def run(arrays: Sequence[Array]) -> list[Array]:
            fed = dict(zip(names, arrays, strict=True))
            return [np.asarray(one) for one in self._apart.do(lambda: self._session.run(None, fed))]

        return run


def _slot(value: Any) -> Slot:
    sides = tuple(side if isinstance(side, int) and side > 0 else None for side in value.shape)
    return Slot(sides, _DTYPES.get(value.type.removeprefix("tensor(").removesuffix(")"), "other"))
