"""PyTorch's state files, old and new: the tensors in them, read without PyTorch and without unpickling anything."""

import pickletools
import zipfile
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...model import Array, Unrunnable
from ...opening import LARGEST
from ...shapes import hint
from ..weights.model import WeightsModel
from .pickle_codes import Call, Followed, Name, Stored

_MAKES_TENSOR = "torch._utils _rebuild_tensor"  # and its second version
_KINDS = {"FloatStorage": "<f4", "HalfStorage": "<f2", "DoubleStorage": "<f8", "BFloat16Storage": "<u2"}
_WIDTHS = {**_KINDS, "LongStorage": "<i8", "IntStorage": "<i4", "ShortStorage": "<i2"}  # others have one byte a value
_MAKES_PARAMETER = "torch._utils _rebuild_parameter"
_OF_MODULES = ("_modules", "_parameters", "_buffers")
_LEADING = 3  # pickles before the one that counts, in files of torch before 1.6: magic number, version, system
_LENGTH = 8
_LONGEST = 1024  # characters of a name: more than a network's has
_KNOWN = ("torch", "collections", "numpy", "_codecs", "__builtin__ set", "builtins set")


class _Tensor(NamedTuple):
    key: str
    kind: str
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def width(self) -> int:
        """Bytes of a value."""
        return np.dtype(self.kind).itemsize

    @property
    def reach(self) -> int:
        """Values from its first to its last."""
        steps = sum((side - 1) * stride for side, stride in zip(self.shape, self.strides, strict=True))
        return steps + 1 if prod(self.shape) else 0


class StateModel(WeightsModel):
    """Weights, and the network that they are known to be of; see `Model`."""

    format = "torch_state"

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        archive = zipfile.is_zipfile(BytesIO(content)) and content.startswith(b"PK")
        try:
            followed, self._storages = _new(content) if archive else _old(content)
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, StopIteration) as error:
            raise ValueError(f"a broken file of PyTorch ({error})") from error
        named = list(_tensors(followed))
        self._tensors = [one for one in named if self._holds(one)]
        count = sum(prod(one.shape) for one in self._tensors)
        read = Counter[str]()
        for one in self._tensors:
            read[one.key] += prod(one.shape) * one.width
        self.unread = sum(max(len(held) - read[key], 0) for key, held in self._storages.items())
        foreign = [name.replace(" ", ".") for name in followed.names if not name.startswith(_KNOWN)]
        self.notes = (
            f"{count / 1e6:.2f} million weights, no graph",
            *hint(one.shape for one in self._tensors),
            *(
                [f"{short} tensors are larger than what is stored of them"]
                if (short := len(named) - len(self._tensors))
                else ()
            ),
            *([f"its pickle would run {', '.join(foreign[:4])}; here nothing of it is run"] if foreign else ()),
        )
        by_name = [(name, one) for name, one in _named(followed.answer) if self._holds(one)]
        self._by_name = dict(by_name)
        kept = {(one.key, one.width) for one in self._by_name.values()}
        stored = sum(len(self._storages[key]) // width for key, width in kept)
        others = max(len(self._tensors), len(by_name)) - len(self._by_name)
        self.build({name: one.shape for name, one in self._by_name.items()}, stored, others)

    def named(self) -> Iterator[tuple[str, Array]]:
        return ((name, self._array(one)) for name, one in self._by_name.items())

    def weights(self) -> Iterator[Array]:
        return map(self._array, self._tensors)

    def _array(self, one: _Tensor) -> Array:
        """As it lies in what is stored, where another order than the usual may have been kept."""
        values = _real(np.frombuffer(self._storages[one.key], one.kind, one.reach, one.start * one.width))
        strides = [stride * values.itemsize for stride in one.strides]
        return np.asarray(as_strided(values, one.shape, strides, writeable=False), order="C")

    def _holds(self, one: _Tensor) -> bool:
        return (one.start + max(prod(one.shape), one.reach)) * one.width <= len(self._storages.get(one.key, b""))


def _real(values: Array) -> Array:
    """Numbers of bfloat16 are the upper halves of float32."""
    return (values.astype(np.uint32) << 16).view(np.float32) if values.dtype == np.uint16 else values


def _new(content: bytes) -> tuple[Followed, dict[str, bytes]]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            raise Unrunnable(f"it unpacks to more than {LARGEST / 1e9:.0f} GB")
        pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
        folder = f"{pickled.removesuffix('.pkl')}/"
        followed = Followed(BytesIO(archive.read(pickled)))
        data = {name.removeprefix(folder): name for name in archive.namelist() if name.startswith(folder)}
        return followed, {key: archive.read(name) for key, name in data.items()}


def _old(content: bytes) -> tuple[Followed, dict[str, bytes]]:
    """Several pickles after one another, then all numbers, those of each storage behind their count."""
    stream = BytesIO(content)
    for _ in range(_LEADING):
        Followed(stream)
    followed, order = Followed(stream), _keys(stream)
    kinds = {key: kind for key, kind, _ in map(_storage, _stored(followed))}
    storages: dict[str, bytes] = {}
    for key in order:
        count = int.from_bytes(stream.read(_LENGTH), "little")
        storages[key] = stream.read(min(count, len(content)) * np.dtype(_WIDTHS.get(kinds.get(key, ""), "u1")).itemsize)
    return followed, storages


def _keys(stream: BytesIO) -> list[str]:
    """The order of the storages: a pickle of a list of words, which Python 2 wrote in bytes."""
    words = (argument for code, argument, _ in pickletools.genops(stream) if code.name.endswith(("UNICODE", "STRING")))
    return [str(word) for word in words]


def _stored(followed: Followed) -> Iterator[Any]:
    for call in followed.calls:
        if isinstance(call.what, Name) and call.what.where.startswith(_MAKES_TENSOR) and call.arguments:
            yield call.arguments[0]


def _storage(stored: Any) -> tuple[str, str, int]:
    """Key, kind and number of values of what a tensor is made from; raises `ValueError`."""
    if not isinstance(stored, Stored) or len(stored.description) < 5:
        raise ValueError("a tensor that is made from something else than stored numbers")
    _, kind, key, _, count = stored.description[:5]
    return str(key), kind.where.rpartition(" ")[2] if isinstance(kind, Name) else "", int(count)


def _tensors(followed: Followed) -> Iterator[_Tensor]:
    """Those of real numbers."""
    return (one for call in followed.calls if (one := _tensor(call)))


def _tensor(call: Call) -> _Tensor | None:
    """What a call would make a tensor of real numbers from; None of another call."""
    if not (isinstance(call.what, Name) and call.what.where.startswith(_MAKES_TENSOR)):
        return None
    stored, start, shape, strides = call.arguments[:4]
    key, kind, _ = _storage(stored)
    fits = len(shape) == len(strides) and all(isinstance(one, int) and one >= 0 for one in (start, *shape, *strides))
    return _Tensor(key, _KINDS[kind], start, tuple(shape), tuple(strides)) if fits and kind in _KINDS else None


def _named(answer: Any) -> Iterator[tuple[str, _Tensor]]:
    """Tensors by the keys, or the names of modules, that lead to them; each thing is gone into once."""
    waiting, seen = [("", answer)], set[int]()
    while waiting:
        name, one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Call) and (tensor := _tensor(one)):
            yield name, tensor
        elif isinstance(one, Call) and isinstance(one.what, Name) and one.what.where == _MAKES_PARAMETER:
            waiting.append((name, one.arguments[0]))
        else:
            held = reversed(_held(one).items())
            waiting += [(_below(name, key), value) for key, value in held if isinstance(key, str)]


def _held(one: Any) -> dict[Any, Any]:
    """What lies in a dictionary, or in an object."""
    return one.holds if isinstance(one, Call) else cast("dict[Any, Any]", one) if isinstance(one, dict) else {}


def _below(name: str, key: str) -> str:
    """The parts that PyTorch keeps a module in have no part in its names."""
    return name if key in _OF_MODULES else f"{name}.{key[:_LONGEST]}"[:_LONGEST] if name else key[:_LONGEST]
