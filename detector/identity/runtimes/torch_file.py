"""PyTorch: TorchScript archives are run. State files, which hold weights and no graph, are `state_file`'s.

Nothing is ever unpickled: TorchScript is read by its own reader, which knows tensors and its own code. That code is not
Python, but it runs, and some of it while it is loaded. So these files are opened in a process that can write nothing
(see `sandbox`), after a look at the archive (`torch_archive`), and are run after a look at their graphs
(`torch_graph`).
"""

# torch's stubs leave much open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownParameterType=false

import warnings
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..model import Array, Layer, Run, Slot, Unrunnable, first_line
from ..shapes import along_one_axis
from .torch_archive import repacked
from .torch_graph import check_graphs

_DEPTH = 4
# TorchScript does not say what it takes: a picture, channels first, of a size that has to be tried.
_PICTURE = (Slot((1, 3, None, None)),)


class ScriptModel:
    """A TorchScript archive; see `Model`. What is inside is not looked at."""

    format = "torchscript"
    inputs = _PICTURE
    outputs = (Layer("", Slot((1, None))),)

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        archive = repacked(content)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # torch asks its users to move on
                self._module = torch.jit.load(BytesIO(archive), map_location="cpu")
        except (RuntimeError, ValueError) as error:
            raise ValueError(f"no TorchScript that torch reads: {first_line(error)}") from error
        check_graphs(self._module)
        self._module.eval()
        tensors = list(self.weights())
        others = [] if along_one_axis(tensor.shape for tensor in tensors) else _others(self._module)
        self.rest = f"it has {', '.join(others[:4])} besides, which is not tried" if others else ""
        self.notes = (f"{sum(tensor.size for tensor in tensors) / 1e6:.2f} million weights",)

    def weights(self) -> Iterator[Array]:
        for tensor in self._module.state_dict().values():
            yield from _floats(tensor)

    def runner(self, inputs: Sequence[Slot]) -> Run:  # noqa: ARG002 - it takes what it takes
        def run(arrays: Sequence[Array]) -> list[Array]:
            torch.manual_seed(0)  # noise in it is the same in every run
            with torch.inference_mode():
                try:
                    answer = self._module(*(torch.from_numpy(array) for array in arrays))
                except Exception as error:
                    raise Unrunnable(f"it cannot be run: {first_line(error)}") from error
            return [tensor.float().numpy() for tensor in _tensors(answer)] or [np.zeros((1, 0), np.float32)]

        return run


def _others(module: Any) -> list[str]:
    """Methods that take an array, but for the one that is tried, and settings of that one."""
    schemas = {name: module._c._get_method(name).schema for name in module._c._method_names()}
    settings = [one.name for one in schemas.pop("forward").arguments[2:]] if "forward" in schemas else []
    takes = (name for name, one in schemas.items() if any("Tensor" in str(each.type) for each in one.arguments[1:]))
    return sorted(takes) + settings


def _floats(tensor: Any) -> Iterator[Array]:
    if tensor.is_floating_point():
        yield tensor.detach().float().numpy()


def _tensors(value: Any, depth: int = _DEPTH) -> Iterator[Any]:
    """All tensors of a nested answer or file."""
    if isinstance(value, torch.Tensor):
        yield value
    elif depth and isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _tensors(one, depth - 1)
