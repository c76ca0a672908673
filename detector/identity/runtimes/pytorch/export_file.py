"""What `torch.export` writes (`.pt2`, archives of version 0 and 1): steps in JSON, and each weight as its bare numbers.

torch's own reader evaluates words of the file as Python, and unpickles examples that lie in it. So the steps are read
here, and done one by one: those of torch's library of operators that calculate, and arithmetic with sizes.
"""

# torch's stubs leave much open, and a step holds what the file says.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownParameterType=false
# pyright: reportUnknownLambdaType=false

import operator
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any

import msgspec
import torch

from ...model import MOST_OUTPUTS, Array, Layer, Run, Slot, Unrunnable, first_line, is_vector, worth_tapping
from ...opening import LARGEST
from .graph import calculates

_STEPS = "/models/model.json"
_PROGRAMS = re.compile(r"(?:^|/)(?:models|data/aotinductor)/([^/]+)", re.IGNORECASE)  # torch's reader takes either case
_LISTS = ("/data/weights/model_weights_config.json", "/data/constants/model_constants_config.json")
# schema.py of torch/_export/serde: numbers of element types.
_TYPES = {
    1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64, 6: torch.float16, 7: torch.float32,
    8: torch.float64, 12: torch.bool, 13: torch.bfloat16,
}  # fmt: skip
_TARGET = re.compile(r"torch\.ops\.aten\.(\w+)\.(\w+)")
_SAYS_NOTHING = re.compile(r"torch\.ops\.aten\.(_assert\w*|sym_constrain_range\w*)\.\w+")
_OVERLOAD = type(torch.ops.aten.add.Tensor)
_OF_SIZES = ("add", "sub", "mul", "floordiv", "mod", "neg", "getitem", "eq", "ne", "lt", "le", "gt", "ge")
_ARITHMETIC = {f"_operator.{name}": getattr(operator, name) for name in _OF_SIZES}
_FORMS = {1: torch.contiguous_format, 2: torch.channels_last, 4: torch.preserve_format}
_BROKEN = (
    zipfile.BadZipFile, OSError, EOFError, KeyError, NotImplementedError, RuntimeError, msgspec.MsgspecError
)  # fmt: skip
_Values = dict[str, Any]


class _Named(msgspec.Struct):
    name: str
    arg: dict[str, Any]


class _Step(msgspec.Struct):
    target: str
    inputs: list[_Named]
    outputs: list[dict[str, Any]]


class _Meta(msgspec.Struct):
    dtype: int
    sizes: list[dict[str, Any]]
    strides: list[dict[str, Any]]
    storage_offset: dict[str, Any]

    def slot(self) -> Slot:
        kind = str(_TYPES.get(self.dtype, "other")).removeprefix("torch.")
        return Slot(tuple(side.get("as_int") for side in self.sizes), kind)


class _Stored(msgspec.Struct):
    path_name: str
    use_pickle: bool
    tensor_meta: _Meta


class _List(msgspec.Struct):
    config: dict[str, _Stored]


class _Signature(msgspec.Struct):
    input_specs: list[dict[str, dict[str, Any]]]
    output_specs: list[dict[str, dict[str, Any]]]


class _Graph(msgspec.Struct):
    nodes: list[_Step]
    tensor_values: dict[str, _Meta]


class _GraphModule(msgspec.Struct):
    graph: _Graph
    signature: _Signature


class _Program(msgspec.Struct):
    graph_module: _GraphModule


class ExportModel:
    """An exported program; see `Model`."""

    format = "pt2"

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        try:
            program, stored, others = _read(content)
        except _BROKEN as error:
            raise ValueError(f"no exported program of torch ({first_line(error)})") from error
        graph, signature = program.graph_module.graph, program.graph_module.signature
        self.rest = f"it holds {', '.join(others[:4])} besides, which is not tried" if others else ""
        self._steps, self._held = graph.nodes, dict(_held(signature, stored))
        self._takes = [_tensor(one["user_input"]["arg"]) for one in signature.input_specs if "user_input" in one]
        gives = [_tensor(one["user_output"]["arg"]) for one in signature.output_specs if "user_output" in one]
        if len(gives) > MOST_OUTPUTS:
            raise Unrunnable(f"it has {len(gives)} outputs, which nobody looks at")
        slots = {name: meta.slot() for name, meta in graph.tensor_values.items()}
        makers = {
            one["as_tensor"]["name"]: step.target for step in self._steps for one in step.outputs if "as_tensor" in one
        }
        self.inputs = tuple(slots[name] for name in self._takes)
        self.outputs = tuple(Layer(_words(makers.get(name, "")), slots[name]) for name in gives)
        inside = [name for name in makers if name not in gives and name in slots and is_vector(slots[name])]
        self._wanted = gives + worth_tapping(inside, lambda name: slots[name].shape)
        self.unread = sum(one.nbytes for one in self._held.values() if not one.is_floating_point())
        self.notes = (f"{sum(one.numel() for one in self._held.values()) / 1e6:.2f} million weights",)

    def weights(self) -> Iterator[Array]:
        for tensor in self._held.values():
            if tensor.is_floating_point():
                yield tensor.float().numpy()

    def runner(self, inputs: Sequence[Slot]) -> Run:  # noqa: ARG002 - it takes what it takes
        steps = [(_operator(step.target), step) for step in self._steps if not _SAYS_NOTHING.fullmatch(step.target)]

        def run(arrays: Sequence[Array]) -> list[Array]:
            torch.manual_seed(0)  # noise in it is the same in every run
            values: _Values = {**self._held, **dict(zip(self._takes, map(torch.from_numpy, arrays), strict=True))}
            with torch.inference_mode():
                try:
                    for does, step in steps:
                        _note(values, step.outputs, does(_arguments(values, step)))
                    return [
                        values[name].float().numpy().copy() for name in self._wanted
                    ]  # the next run may fill it again
                except Exception as error:
                    raise Unrunnable(f"it cannot be run: {first_line(error)}") from error

        return run


def _read(content: bytes) -> tuple[_Program, dict[str, torch.Tensor], list[str]]:
    """The steps, all weights and constants by name, and the names of other programs in it."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            raise Unrunnable(f"it unpacks to more than {LARGEST / 1e9:.0f} GB")
        steps = [name for name in archive.namelist() if name.endswith(_STEPS)]
        if len(steps) != 1:
            raise Unrunnable(f"it holds {len(steps)} programs")
        root = steps[0].removesuffix(_STEPS)
        program = msgspec.json.decode(archive.read(steps[0]), type=_Program)
        held: dict[str, torch.Tensor] = {}
        for place in (f"{root}{name}" for name in _LISTS if f"{root}{name}" in archive.namelist()):
            listed = msgspec.json.decode(archive.read(place), type=_List).config
            held |= {name: _filled(archive, place.rpartition("/")[0], one) for name, one in listed.items()}
        others = {one[1] for name in archive.namelist() if name != steps[0] and (one := _PROGRAMS.search(name))}
        return program, held, sorted(others)


def _filled(archive: zipfile.ZipFile, folder: str, stored: _Stored) -> torch.Tensor:
    meta, kind = stored.tensor_meta, _TYPES.get(stored.tensor_meta.dtype)
    if stored.use_pickle:
        raise Unrunnable("some of its weights are pickled, and no pickle is opened")
    if kind is None:
        raise Unrunnable(f"it has weights of a type that is not known here ({meta.dtype})")
    shape = [side["as_int"] for side in meta.sizes]
    if not prod(shape):
        return torch.zeros(shape, dtype=kind)
    flat = torch.frombuffer(bytearray(archive.read(f"{folder}/{stored.path_name}")), dtype=kind)
    return flat.as_strided(shape, [side["as_int"] for side in meta.strides], meta.storage_offset["as_int"])


def _held(signature: _Signature, stored: Mapping[str, torch.Tensor]) -> Iterator[tuple[str, torch.Tensor]]:
    """What goes in that is no input of the user's, under the names that steps have for it."""
    for one in signature.input_specs:
        ((kind, about),) = one.items()
        if kind != "user_input":
            known = next((value for key, value in about.items() if key.endswith("_name")), "")
            if known not in stored:
                raise Unrunnable(f"it takes a {kind} that it does not hold")
            yield about["arg"]["name"], stored[known]


def _tensor(argument: Mapping[str, Any]) -> str:
    if "as_tensor" not in argument:
        raise Unrunnable(f"it takes or gives something else than arrays ({next(iter(argument), 'nothing')})")
    return argument["as_tensor"]["name"]


def _words(target: str) -> str:
    """`torch.ops.aten.log_softmax.int` is LogSoftmax."""
    named = _TARGET.fullmatch(target)
    return "".join(map(str.title, named[1].split("_"))) if named else ""


def _operator(target: str) -> Callable[[_Values], Any]:
    """What does a step, from its arguments by name; raises `Unrunnable`."""
    if target in _ARITHMETIC:
        return lambda arguments: _ARITHMETIC[target](*arguments.values())
    named = _TARGET.fullmatch(target)
    found: Any = named and getattr(getattr(torch.ops.aten, named[1], None), named[2], None)
    if not named or not isinstance(found, _OVERLOAD) or not calculates(f"aten::{named[1]}"):
        raise Unrunnable(f"it has a step {target[:60]}, which is not run here")
    return partial(_called, found)


def _called(does: Callable[..., Any], arguments: _Values) -> Any:
    return does(**arguments)


def _arguments(values: _Values, step: _Step) -> _Values:
    return {one.name: _value(values, one.arg) for one in step.inputs}


def _value(values: _Values, argument: Mapping[str, Any]) -> Any:
    ((kind, held),) = argument.items()
    if kind not in _VALUES:
        raise Unrunnable(f"a step takes {kind}, which is not known here")
    return _VALUES[kind](values, held)


def _itself(_: _Values, held: Any) -> Any:
    return held


def _each(values: _Values, held: Any) -> list[Any]:
    return [_value(values, one) for one in held]


def _size(values: _Values, held: Any) -> Any:
    return values[held["as_name"]] if "as_name" in held else next(iter(held.values()))


def _note(values: _Values, places: Sequence[Mapping[str, Any]], made: Any) -> None:
    """Keep what a step has made under its names."""
    for place, one in zip(places, made if len(places) > 1 else (made,), strict=False):
        ((kind, held),) = place.items()
        if kind == "as_tensors":
            values.update(zip((each["name"] for each in held), one, strict=True))
        elif kind != "as_none":
            values[held.get("name", held.get("as_name"))] = one


_VALUES: dict[str, Callable[[_Values, Any], Any]] = {
    **dict.fromkeys(("as_int", "as_ints", "as_bool", "as_bools", "as_string", "as_int_lists"), _itself),
    "as_none": lambda _, __: None,
    "as_float": lambda _, held: float(held),  # JSON has no infinity; it comes as a word
    "as_floats": lambda _, held: list(map(float, held)),
    "as_tensor": lambda values, held: values[held["name"]],
    "as_tensors": lambda values, held: [values[one["name"]] for one in held],
    "as_optional_tensor": _value,
    "as_optional_tensors": _each,
    **dict.fromkeys(("as_sym_int", "as_sym_bool", "as_sym_float"), _size),
    "as_sym_ints": lambda values, held: [_size(values, one) for one in held],
    "as_scalar_type": lambda _, held: _TYPES[held],
    "as_memory_format": lambda _, held: _FORMS[held],
    "as_layout": lambda _, __: torch.strided,
    "as_device": lambda _, __: torch.device("cpu"),
}
