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
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...model import MOST_OUTPUTS, Array, Layer, Run, Slot, Unrunnable, first_line
from ...shapes import along_one_axis
from .archive import repacked, stored
from .graph import check_graphs, told_input
from .taps import Tapped, frozen, tapped

_DEPTH = 4
# The ways in which a picture is laid, the likelier first: as it is, its channels last, and both without a batch.
_WAYS: tuple[Callable[[Any], Any], ...] = (
    lambda picture: picture,
    lambda picture: picture.permute(0, 2, 3, 1),
    lambda picture: picture[0],
    lambda picture: picture[0].permute(1, 2, 0),
)
_MOST_INPUTS = 4
_WIDEST_INSIDE = 4096  # values
_NOTHING = np.zeros((1, 0), np.float32)
_LISTED = 4  # arrays of a list, of which nobody knows how long it is
# TorchScript does not say what it takes: a picture, channels first, of a size that has to be tried.
_PICTURE = (Slot((1, 3, None, None)),)
_ARRAYS = ("Tensor", "List[Tensor]")
_OF_WORDS = "int64"  # beside which no picture goes in: see `told_input`


class ScriptModel:
    """A TorchScript archive; see `Model`."""

    format = "torchscript"

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
        flat = along_one_axis(tensor.shape for tensor in tensors)
        taken = _taken(self._module)
        self._listed = [str(one.type) != _ARRAYS[0] for one in taken]
        graph = frozen(self._module)
        told = graph and told_input(graph)
        alone = len(taken) < 2 or (told and told.dtype == _OF_WORDS)  # what else goes in may be a picture
        self.inputs = (told,) if told and alone else _PICTURE * min(max(len(taken), 1), _MOST_INPUTS)
        self.outputs = (Layer("", Slot((1, None))),) * _given(self._module)
        does, whole = tapped(graph, _schema(self._module))
        self._does: Tapped = does or self._untapped
        held = self._module.state_dict().values()
        self._kind = next((one.dtype for one in held if one.is_floating_point()), None)
        self.rest = "" if flat else _untried(self._module, seen=whole)
        self.unread = stored(archive) - sum(one.nbytes for one in held if one.is_floating_point())
        self.notes = (f"{sum(tensor.size for tensor in tensors) / 1e6:.2f} million weights",)

    def weights(self) -> Iterator[Array]:
        for tensor in self._module.state_dict().values():
            yield from _floats(tensor)

    def runner(self, inputs: Sequence[Slot]) -> Run:  # noqa: ARG002 - it takes what it takes
        def run(arrays: Sequence[Array]) -> list[Array]:
            torch.manual_seed(0)  # noise in it is the same in every run
            pictures = [torch.from_numpy(array).to(self._kind) for array in arrays]
            with torch.inference_mode():
                answer, inside = self._answer(pictures)
                given = list(map(_array, _tensors(answer)))
                missing = [_NOTHING] * (len(self.outputs) - len(given))
                return given + missing + [_array(one) for one in inside if one.numel() <= _WIDEST_INSIDE]

        return run

    def _untapped(self, pictures: Sequence[Any]) -> tuple[Any, list[Any]]:
        return self._module(*pictures), []

    def _answer(self, pictures: Sequence[Any]) -> tuple[Any, list[Any]]:
        """What it gives, and makes inside, of pictures laid in the first of all ways that it does not refuse."""
        refusal: Unrunnable | None = None
        for way in _WAYS:
            laid = [way(picture) for picture in pictures]
            try:
                return self._does(
                    [
                        [one] if listed else one
                        for one, listed in zip(laid, chain(self._listed, repeat(False)), strict=False)
                    ]
                )
            except Exception as error:  # noqa: BLE001 - torch's errors have no common base
                refusal = refusal or Unrunnable(f"it cannot be run: {first_line(error)}")
        raise refusal or Unrunnable("it cannot be run")


def _taken(module: Any) -> list[Any]:
    """The arrays that it has to be given, alone or in a list."""
    arguments = _schema(module).arguments[1:] if _schema(module) else []
    return [one for one in arguments if str(one.type) in _ARRAYS and not one.has_default_value()]


def _given(module: Any) -> int:
    """How many arrays it gives, as far as it says so: of a list or a dictionary a few."""
    words = " ".join(str(one.type) for one in _schema(module).returns) if _schema(module) else ""
    several = _LISTED if any(one in words for one in ("List[", "[]", "Dict(")) else 1
    return min(max(words.count("Tensor"), 1) * several, MOST_OUTPUTS)


def _schema(module: Any) -> Any:
    """What its forward step takes and gives; None where it has none."""
    return module._c._get_method("forward").schema if "forward" in module._c._method_names() else None


def _untried(module: Any, *, seen: bool) -> str:
    """What it can do that is not tried, or seen."""
    if others := _others(module):
        return f"it has {', '.join(others[:4])} besides, which is not tried"
    return "" if seen else "what is made inside it cannot be seen"


def _others(module: Any) -> list[str]:
    """Methods that take an array, but for the one that is tried, and settings of that one."""
    schemas = {name: module._c._get_method(name).schema for name in module._c._method_names()}
    tried = {one.name for one in _taken(module)}
    arguments = schemas.pop("forward").arguments[2:] if "forward" in schemas else []
    settings = [one.name for one in arguments if one.name not in tried]
    takes = (name for name, one in schemas.items() if any("Tensor" in str(each.type) for each in one.arguments[1:]))
    return sorted(takes) + settings


def _array(tensor: Any) -> Array:
    """Its values as they are told apart: float32, none left out."""
    try:
        plain = tensor.dequantize() if tensor.is_quantized else tensor
        return (plain if plain.layout is torch.strided else plain.to_dense()).float().numpy()
    except (RuntimeError, TypeError, ValueError) as error:
        raise Unrunnable(f"what it makes cannot be read: {first_line(error)}") from error


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
