"""Files of PyTorch made to do harm; torch is needed to make them."""

# torch's stubs leave much open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownParameterType=false, reportUntypedBaseClass=false

import io
import pickle
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from .hostile import Write

Entries = list[tuple[str, bytes]]


class _Writes(torch.nn.Module):
    def __init__(self, place: str) -> None:
        super().__init__()
        self.place: str = place

    def forward(self, x):  # type: ignore[no-untyped-def]
        torch.save(x, self.place)
        return x.mean((2, 3))


class _Endless(torch.nn.Module):
    def forward(self, x):  # type: ignore[no-untyped-def]
        while bool(x.sum() != 1e30):
            x = x + 1
        return x.mean((2, 3))


class _Grows(torch.nn.Module):
    def forward(self, x):  # type: ignore[no-untyped-def]
        return x.mean((2, 3)).repeat(60000, 60000).sum(0, keepdim=True)


class _Runs:
    """What a pickle would run."""

    def __reduce__(self) -> tuple[Any, tuple[list[str]]]:
        return subprocess.call, (["touch", "written"],)


def _scripted(module: torch.nn.Module) -> bytes:
    with warnings.catch_warnings(), io.BytesIO() as file:
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.script(module), file)
        return file.getvalue()


def _changed(content: bytes, change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive, io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as target:
            for name in archive.namelist():
                target.writestr(*change(name, archive.read(name)))
        return file.getvalue()


def _capital(name: str, data: bytes) -> tuple[str, bytes]:
    return name.replace("/code/", "/Code/"), data


def _hidden(name: str, data: bytes) -> tuple[str, bytes]:
    return name, data.replace(b"torch.save(x, ", b'getattr(torch, "save")(x, ')


def _state() -> bytes:
    """Weights, as torch.save packs them."""
    with io.BytesIO() as file:
        torch.save({f"layer{number}.weight": torch.rand(64, 64, 3, 3) for number in range(4)}, file)
        return file.getvalue()


def _torn(content: bytes, way: str) -> bytes:
    middle = len(content) // 2
    if way == "cut":
        return content[:middle]
    if way == "zeros":
        return content[:middle] + bytes(4096) + content[middle + 4096 :]
    return bytes(byte ^ (0x55 if place % 997 == 500 else 0) for place, byte in enumerate(content))


def _put(make: Callable[[Path], bytes]) -> Write:
    def write(folder: Path) -> None:
        (folder / "hostile.pt").write_bytes(make(folder))

    return write


def _pickled(_: Path) -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as target:
            target.writestr("archive/data.pkl", pickle.dumps(_Runs(), 2))
            target.writestr("archive/version", "3")
        return file.getvalue()


def _oversized(name: str, data: bytes) -> tuple[str, bytes]:
    """Tensors that say they hold 2^31 times what they hold."""
    return name, data.replace(b"K@K@K\x03K\x03", b"J\xff\xff\xff\x7fK@K\x03K\x03")


HOSTILE_TORCH: dict[str, Write] = {
    "TorchScript that writes": _put(lambda at: _scripted(_Writes(str(at / "written")))),
    "the same, names in other case": _put(lambda at: _changed(_scripted(_Writes(str(at / "written"))), _capital)),
    "the same, hidden": _put(lambda at: _changed(_scripted(_Writes(str(at / "written"))), _hidden)),
    "TorchScript that never ends": _put(lambda _: _scripted(_Endless())),
    "TorchScript that grows": _put(lambda _: _scripted(_Grows())),
    "pickle that runs": _put(_pickled),
    "tensors larger than their file": _put(lambda _: _changed(_state(), _oversized)),
    **{f"state file, {way}": _put(lambda _, way=way: _torn(_state(), way)) for way in ("cut", "zeros", "flipped")},
    **{
        f"TorchScript, {way}": _put(lambda _, way=way: _torn(_scripted(_Grows()), way))
        for way in ("cut", "zeros", "flipped")
    },
}
