"""Every file of a folder or of an archive, archives within it included: container images are tar files of tar files.

Links are never followed: what they point to inside the tree is met at its own place, what lies outside is not ours.
"""

import os
import tarfile
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, NamedTuple, cast

import msgspec

from ...streams.errors import printable
from ..identity.formats import format_of
from . import unpack
from .choice import LEFT_OUT, Choice
from .found import Archive, File, Passed

_DEEPEST = 8  # archives within archives: an image, its layers, a package in it, and what that brings
_HEAD = 512
_IN_MEMORY = 1 << 24  # bytes of a packed file up to which it is unpacked to memory
_WHITEOUT = ".wh."  # OCI image layers (image-spec, layer.md)


class _Way(NamedTuple):
    """Into a file on disk: what is wanted, how many archives may yet be opened in each other, what may be unpacked."""

    choice: Choice
    depth: int
    budget: unpack.Budget

    @property
    def inner(self) -> "_Way":
        return self._replace(depth=self.depth - 1)


def walk(root: Path, choice: Choice) -> Iterator[File | Passed]:
    """Every regular file below a folder, or of an archive, in the order of their names.

    What the choice closes is passed over unopened, and what it does not take is not unpacked, archives apart.
    """
    if root.is_dir():
        yield from _folder(root, choice)
    else:
        yield from _on_disk(root, choice)


def _folder(root: Path, choice: Choice) -> Iterator[File | Passed]:
    failed: list[OSError] = []
    for place, folders, names in os.walk(root, onerror=failed.append):
        folders.sort()
        yield from (
            Passed(str(Path(place) / name), "a link", meant=True)
            for name in folders
            if (Path(place) / name).is_symlink()
        )
        for name in sorted(names):
            yield from _on_disk(Path(place) / name, choice)
        yield from map(_failed, failed)
        failed.clear()
    yield from map(_failed, failed)


def _failed(error: OSError) -> Passed:
    return Passed(str(error.filename), error.strerror or "cannot be read", broken=True)


def _on_disk(path: Path, choice: Choice) -> Iterator[File | Passed]:
    if path.is_symlink():
        yield Passed(str(path), "a link", meant=True)
        return
    if path.exists() and not path.is_file():  # a pipe or a device may never end
        yield Passed(str(path), "no regular file", meant=True)
        return
    if choice.closes(printable(str(path))):
        yield Passed(str(path), LEFT_OUT, meant=True)
        return
    try:
        with path.open("rb") as stream:
            file = File(str(path), stream, path.stat().st_size, path=path)
            yield from _with_inside(file, _Way(choice, _DEEPEST, unpack.Budget(file.size)))
    except unpack.Exhausted as reason:
        yield Passed(str(path), str(reason), broken=True)
    except OSError as error:
        yield Passed(str(path), error.strerror or "cannot be read", broken=True)


def _with_inside(file: File, way: _Way) -> Iterator[File | Passed]:
    """The file itself, or what is in it where it is an archive."""
    head = file.stream.read(_HEAD)
    file.stream.seek(0)
    try:
        if unpack.is_tar(head):
            with tarfile.open(fileobj=file.stream, mode="r:") as archive:
                yield from _archive(file.label, Archive(archive), way)
        elif unpack.is_zip(head):
            yield from _zipped(file, way)
        elif unpack.is_compressed(head):
            yield from _compressed(file, head, way)
        elif name := unpack.not_opened(head):
            yield Passed(file.label, f"a {name} archive, which is not opened")
        else:
            yield file
    except unpack.BROKEN as error:
        yield Passed(file.label, f"a broken archive ({error})", broken=True)


def _zipped(file: File, way: _Way) -> Iterator[File | Passed]:
    """Models of PyTorch and Keras are zip archives as well, and are one file each."""
    kind = format_of(file.stream, file.size)
    file.stream.seek(0)
    if kind is not None:
        yield file
        return
    with zipfile.ZipFile(file.stream) as archive:
        yield from _archive(file.label, Archive(archive), way)


def _archive(label: str, archive: Archive, way: _Way) -> Iterator[File | Passed]:
    if not way.depth:
        yield Passed(label, "archives within archives too deep", broken=True)
        return
    for name, size in archive.files().items():
        way.budget.look()
        inner = f"{label}!/{name}"
        if PurePosixPath(name).name.startswith(_WHITEOUT):
            yield Passed(inner, "hides a file of a layer below, which is looked at there: it ships", meant=True)
        elif size:  # there is nothing in an empty file
            yield from _member(File(inner, BytesIO(), size, archive=(archive, name)), way)


def _member(member: File, way: _Way) -> Iterator[File | Passed]:
    """A file of an archive, not yet open, or what is in it."""
    assert member.archive is not None  # noqa: S101 - it lies in one
    archive, name = member.archive
    try:
        if not _is_wanted(member, archive, name, way.choice):
            yield Passed(member.label, LEFT_OUT, meant=True)
            return
        with archive.open(name) as packed, _seekable(packed, member.size, archive.packed(name), way) as content:
            actual = content.seek(0, os.SEEK_END)
            content.seek(0)
            file = msgspec.structs.replace(member, stream=content, size=actual or member.size)
            yield from _with_inside(file, way.inner)
    except unpack.BROKEN as error:
        yield Passed(member.label, f"cannot be unpacked ({error})", broken=True)


def _is_wanted(member: File, archive: Archive, name: str, choice: Choice) -> bool:
    """Whether a file of an archive has to be unpacked: it is taken, or it is an archive, and may hold what is."""
    label = printable(member.label)
    if choice.closes(label):
        return False
    if choice.takes(label):
        return True
    with archive.open(name) as packed:
        return unpack.is_packed(packed.read(_HEAD))


@contextmanager
def _seekable(packed: BinaryIO, size: int, left: int, way: _Way) -> Generator[BinaryIO]:
    """A file of an archive, to be read here and there; what is compressed is unpacked, within bounds."""
    if not isinstance(packed, zipfile.ZipExtFile):
        unpack.check_ratio(size, left)  # a tar may hold files of holes
        yield packed
        return
    with SpooledTemporaryFile(_IN_MEMORY) as target:
        content = cast(BinaryIO, target)
        unpack.copy_bounded(packed, content, left, way.budget)
        yield content


def _compressed(file: File, head: bytes, way: _Way) -> Iterator[File | Passed]:
    if not way.depth:
        yield Passed(file.label, "archives within archives too deep", broken=True)
        return
    with unpack.unpacked(file.stream, head, file.size, way.budget) as (content, size):
        yield from _with_inside(File(file.label, content, size), way.inner)
