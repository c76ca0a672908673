"""Files of weights without a graph: safetensors, and NumPy's archives. Read here, in full view; no code is in them."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np

from ...model import Array, Unrunnable
from ...opening import LARGEST
from ...shapes import hint
from .known import COUNTS
from .model import WeightsModel

_FLOATS = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
_NARROWEST = 2  # bytes of a real number
_LONGEST_HEADER = 1 << 27
_Side = Annotated[int, msgspec.Meta(ge=0)]


class _Tensor(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[_Side, ...]
    data_offsets: tuple[int, int]


class SafetensorsModel(WeightsModel):
    """A safetensors file: a JSON header, and the numbers behind it."""

    format = "safetensors"

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        size = int.from_bytes(content[:8], "little")
        if size > min(len(content), _LONGEST_HEADER):
            raise ValueError("no safetensors file: its header is longer than it")
        try:
            header: dict[str, msgspec.Raw] = msgspec.json.decode(content[8 : 8 + size], type=dict[str, msgspec.Raw])
            rest = {name: raw for name, raw in header.items() if name != "__metadata__"}
            self._tensors = {name: msgspec.json.decode(raw, type=_Tensor) for name, raw in rest.items()}
        except msgspec.MsgspecError as error:
            raise ValueError(f"no safetensors file: {error}") from error
        self._data = memoryview(content)[8 + size :]
        shapes = [one.shape for one in self._tensors.values()]
        self.notes = (f"{sum(map(prod, shapes)) / 1e6:.2f} million weights, no graph", *hint(shapes))
        self.unread = len(self._data) - sum(array.nbytes for array in self.weights())
        real = {name: one for name, one in self._tensors.items() if one.dtype in _FLOATS}
        others = sum(not name.endswith(COUNTS) for name in self._tensors.keys() - real.keys())
        self.build({name: one.shape for name, one in real.items()}, len(self._data) // _NARROWEST, others)

    def weights(self) -> Iterator[Array]:
        return (array for _, array in self.named())

    def named(self) -> Iterator[tuple[str, Array]]:
        for name, one in self._tensors.items():
            start, end = one.data_offsets
            kind = _FLOATS.get(one.dtype)
            if (
                kind
                and 0 <= start <= end <= len(self._data)
                and end - start == prod(one.shape) * np.dtype(kind).itemsize
            ):
                yield name, np.frombuffer(self._data[start:end], kind).reshape(one.shape)


class NpzModel(WeightsModel):
    """Arrays, as `numpy.savez` packs them; those of other objects are not unpickled."""

    format = "npz"

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        try:
            self._arrays = np.load(BytesIO(content), allow_pickle=False)
        except (ValueError, OSError, zipfile.BadZipFile) as error:
            raise ValueError(f"no archive of arrays ({error})") from error
        self.notes = (f"{len(self._arrays.files)} arrays, no graph",)
        if sum(member.file_size for member in self._arrays.zip.infolist()) > LARGEST:
            raise Unrunnable(f"it unpacks to more than {LARGEST / 1e9:.0f} GB")
        real = dict(self.named())
        self.unread = sum(member.file_size for member in self._arrays.zip.infolist())
        self.unread -= sum(array.nbytes for array in real.values())
        others = sum(not name.endswith(COUNTS) for name in {*self._arrays.files} - real.keys())
        self.build({name: one.shape for name, one in real.items()}, sum(one.size for one in real.values()), others)

    def weights(self) -> Iterator[Array]:
        return (array for _, array in self.named())

    def named(self) -> Iterator[tuple[str, Array]]:
        for name in self._arrays.files:
            try:
                array: Array = self._arrays[name]
            except (ValueError, OSError, zipfile.BadZipFile):  # objects, or a broken member
                continue
            except MemoryError as error:
                raise Unrunnable(f"its arrays do not fit into memory ({error})"[:200]) from error
            if array.dtype.kind == "f":
                yield name, array
