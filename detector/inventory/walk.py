"""Every file of a folder or of an archive, archives within it included: container images are tar files of tar files.

Links are never followed: what they point to inside the tree is met at its own place, what lies outside is not ours.
"""

import os
import tarfile
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from ..identity.formats import format_of
from . import unpack
from .found import Archive, File, Passed

_DEEPEST = 8  # archives within archives: an image, its layers, a package in it, and what that brings
_HEAD = 512
_IN_MEMORY = 1 << 24  # bytes of a packed file up to which it is unpacked to memory
_WHITEOUT = ".wh."  # OCI image layers (image-spec, layer.md)
_MOST_FILES = 200_000  # of one archive


def walk(root: Path) -> Iterator[File | Passed]:
    """Every regular file below a folder, or of an archive, in the order of their names."""
    if root.is_dir():
        yield from _folder(root)
    else:
        yield from _on_disk(root)


def _folder(root: Path) -> Iterator[File | Passed]:
    failed: list[OSError] = []
    for place, folders, names in os.walk(root, onerror=failed.append):
        folders.sort()
        yield from (
            Passed(str(Path(place) / name), "a link", meant=True)
            for name in folders
            if (Path(place) / name).is_symlink()
        )
        for name in sorted(names):
            yield from _on_disk(Path(place) / name)
        yield from map(_failed, failed)
        failed.clear()
    yield from map(_failed, failed)


def _failed(error: OSError) -> Passed:
    return Passed(str(error.filename), error.strerror or "cannot be read", broken=True)


def _on_disk(path: Path) -> Iterator[File | Passed]:
    if path.is_symlink():
        yield Passed(str(path), "a link", meant=True)
        return
    if path.exists() and not path.is_file():  # a pipe or a device may never end
        yield Passed(str(path), "no regular file", meant=True)
        return
    try:
        with path.open("rb") as stream:
            yield from _with_inside(File(str(path), stream, path.stat().st_size, path=path), _DEEPEST)
    except OSError as error:
        yield Passed(str(path), error.strerror or "cannot be read", broken=True)


def _with_inside(file: File, depth: int) -> Iterator[File | Passed]:
    """The file itself, or what is in it where it is an archive."""
    head = file.stream.read(_HEAD)
    file.stream.seek(0)
    try:
        if unpack.is_tar(head):
            with tarfile.open(fileobj=file.stream, mode="r:") as archive:
                yield from _archive(file.label, Archive(archive), depth)
        elif unpack.is_zip(head):
            yield from _zipped(file, depth)
        elif unpack.is_compressed(head):
            yield from _compressed(file, head, depth)
        elif name := unpack.not_opened(head):
            yield Passed(file.label, f"a {name} archive, which is not opened")
        else:
            yield file
    except unpack.BROKEN as error:
        yield Passed(file.label, f"a broken archive ({error})", broken=True)


def _zipped(file: File, depth: int) -> Iterator[File | Passed]:
    """Models of PyTorch and Keras are zip archives as well, and are one file each."""
    kind = format_of(file.stream, file.size)
    file.stream.seek(0)
    if kind is not None:
        yield file
        return
    with zipfile.ZipFile(file.stream) as archive:
        yield from _archive(file.label, Archive(archive), depth)


def _archive(label: str, archive: Archive, depth: int) -> Iterator[File | Passed]:
    if not depth:
        yield Passed(label, "archives within archives too deep", broken=True)
        return
    names = archive.files()
    if len(names) > _MOST_FILES:
        yield Passed(label, f"holds {len(names)} files, of which {_MOST_FILES} were looked at", broken=True)
    for name, size in list(names.items())[:_MOST_FILES]:
        inner = f"{label}!/{name}"
        if PurePosixPath(name).name.startswith(_WHITEOUT):
            yield Passed(inner, "hides a file of a layer below, which is looked at there: it ships", meant=True)
            continue
        try:
            with archive.open(name) as packed, _seekable(packed, archive.packed(name)) as content:
                actual = content.seek(0, os.SEEK_END)
                content.seek(0)
                yield from _with_inside(File(inner, content, actual or size, archive=(archive, name)), depth - 1)
        except unpack.BROKEN as error:
            yield Passed(inner, f"cannot be unpacked ({error})", broken=True)


@contextmanager
def _seekable(packed: BinaryIO, left: int) -> Generator[BinaryIO]:
    """A file of an archive, to be read here and there; what is compressed is unpacked, within bounds."""
    if not isinstance(packed, zipfile.ZipExtFile):
        yield packed
        return
    with SpooledTemporaryFile(_IN_MEMORY) as target:
        content = cast(BinaryIO, target)
        unpack.copy_bounded(packed, content, left)
        yield content


def _compressed(file: File, head: bytes, depth: int) -> Iterator[File | Passed]:
    if not depth:
        yield Passed(file.label, "archives within archives too deep", broken=True)
        return
    with unpack.unpacked(file.stream, head, file.size) as (content, size):
        yield from _with_inside(File(file.label, content, size), depth - 1)
