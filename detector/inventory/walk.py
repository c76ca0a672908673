"""Every file of a folder or of an archive, archives within it included: container images are tar files of tar files.

Links are never followed: what they point to inside the tree is met at its own place, what lies outside is not ours.
"""

import gzip
import os
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import BinaryIO

import msgspec

_DEEPEST = 4  # archives within archives: an image, its layers, and two more
_UNPACKED = 16 << 30  # bytes that one compressed layer may unpack to
_CHUNK = 1 << 20
_TAR_MAGIC, _TAR_PLACE = b"ustar", 257
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class File(msgspec.Struct, frozen=True):
    """One file, open for reading from its start.

    Attributes:
        label: where it is, archives included: `image.tar!/layer.tar!/srv/model.onnx`.
        stream: its content, seekable; closed when the next file is asked for.
        size: bytes.
        path: where it lies on disk; None inside an archive.
        archive: the archive that it lies in, and its name there; None on disk.
    """

    label: str
    stream: BinaryIO
    size: int
    path: Path | None = None
    archive: tuple[tarfile.TarFile, tarfile.TarInfo] | None = None

    def extract(self, folder: Path) -> Path:
        """Write it, and files of its archive that begin with the same name (its weights), into a folder."""
        assert self.archive is not None  # noqa: S101 - only asked of archives
        archive, own = self.archive
        place = PurePosixPath(own.name)
        for member in archive.getmembers():
            other = PurePosixPath(member.name)
            if member.isreg() and other.parent == place.parent and other.name.startswith(place.stem):
                _copy(archive, member, folder / other.name)
        return folder / place.name


class Unreadable(msgspec.Struct, frozen=True):
    """A place that could not be read, and why."""

    label: str
    reason: str


def walk(root: Path) -> Iterator[File | Unreadable]:
    """Every regular file below a folder, or of an archive, in the order of their names."""
    if root.is_dir():
        yield from _folder(root)
    else:
        yield from _on_disk(root)


def _folder(root: Path) -> Iterator[File | Unreadable]:
    failed: list[OSError] = []
    for place, folders, names in os.walk(root, onerror=failed.append):
        folders.sort()
        for name in sorted(names):
            yield from _on_disk(Path(place) / name)
        yield from (Unreadable(str(error.filename), error.strerror or "cannot be read") for error in failed)
        failed.clear()
    yield from (Unreadable(str(error.filename), error.strerror or "cannot be read") for error in failed)


def _on_disk(path: Path) -> Iterator[File | Unreadable]:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return
    try:
        with path.open("rb") as stream:
            yield from _with_inside(File(str(path), stream, path.stat().st_size, path=path), _DEEPEST)
    except OSError as error:
        yield Unreadable(str(path), error.strerror or "cannot be read")


def _with_inside(file: File, depth: int) -> Iterator[File | Unreadable]:
    """The file itself, or what is in it where it is an archive."""
    head = file.stream.read(_TAR_PLACE + len(_TAR_MAGIC))
    file.stream.seek(0)
    try:
        if head[_TAR_PLACE:] == _TAR_MAGIC:
            yield from _archive(file.label, file.stream, depth)
        elif head.startswith(_GZIP):
            yield from _compressed(file, depth)
        elif head.startswith(_ZSTD) and file.archive:
            yield Unreadable(file.label, "compressed with Zstandard, which is not read; save the image uncompressed")
        else:
            yield file
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Unreadable(file.label, f"a broken archive ({error})")


def _archive(label: str, stream: BinaryIO, depth: int) -> Iterator[File | Unreadable]:
    if not depth:
        yield Unreadable(label, "archives within archives too deep")
        return
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        for member in sorted(archive.getmembers(), key=lambda one: one.name):
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None:
                inner = File(f"{label}!/{member.name}", content, member.size, archive=(archive, member))  # type: ignore[arg-type]
                yield from _with_inside(inner, depth - 1)


def _compressed(file: File, depth: int) -> Iterator[File | Unreadable]:
    """A compressed tar is unpacked to a nameless file, for tar is read here and there; other files stay as they are."""
    with gzip.open(file.stream) as packed:
        head = packed.read(_TAR_PLACE + len(_TAR_MAGIC))
        if head[_TAR_PLACE:] != _TAR_MAGIC:
            file.stream.seek(0)
            yield file
            return
        with TemporaryFile() as unpacked:
            unpacked.write(head)
            while chunk := packed.read(_CHUNK):
                unpacked.write(chunk)
                if unpacked.tell() > _UNPACKED:
                    raise tarfile.ReadError(f"unpacks to more than {_UNPACKED >> 30} GiB")
            unpacked.seek(0)
            yield from _archive(file.label, unpacked, depth)


def _copy(archive: tarfile.TarFile, member: tarfile.TarInfo, to: Path) -> None:
    source = archive.extractfile(member)
    assert source is not None  # noqa: S101 - a regular file has content
    with source, to.open("wb") as target:
        while chunk := source.read(_CHUNK):
            target.write(chunk)
