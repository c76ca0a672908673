"""What is met on the way through a folder: a file, or something that is passed over."""

import tarfile
import zipfile
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import msgspec

CHUNK = 1 << 20
MOST_FILES = 200_000  # of one file on disk that are looked at
_VARIABLES = "variables"  # the folder beside a SavedModel of TensorFlow that holds what it has learned


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
    archive: "tuple[Archive, str] | None" = None

    def extract(self, folder: Path, most: int) -> Path:
        """Write it into a folder, with its weights: the files beside it that it names, or that begin with its name.

        Raises:
            ValueError: together they are larger than `most` bytes.
        """
        assert self.archive is not None  # noqa: S101 - only asked of archives
        archive, own = self.archive
        place = PurePosixPath(own)
        stem = place.name.removesuffix(".param.bin").removesuffix(place.suffix)
        self.stream.seek(0)
        content = self.stream.read(most)
        for name, size in archive.files().items():
            other = PurePosixPath(name)
            inside = other.is_relative_to(place.parent) and ".." not in other.parts
            local = other.relative_to(place.parent) if inside else other
            named = other.name.startswith(stem) or str(local).encode() in content
            if inside and (named or local.parts[0] == _VARIABLES):
                most -= size
                if most < 0:
                    raise ValueError("it and its weights are too large to be unpacked")
                (folder / local).parent.mkdir(parents=True, exist_ok=True)
                _copy(archive.open(name), folder / local, size)
        return folder / place.name


class Passed(msgspec.Struct, frozen=True):
    """A place that was not looked at.

    Attributes:
        label: where it is.
        reason: why, one line.
        broken: whether it should have been read, and could not be.
        meant: whether that is as it should be: a link, a pipe.
    """

    label: str
    reason: str
    broken: bool = False
    meant: bool = False


class Archive:
    """A tar or a zip, as a list of files."""

    def __init__(self, source: tarfile.TarFile | zipfile.ZipFile) -> None:
        self._source = source

    def files(self) -> dict[str, int]:
        """The regular files of it, sorted by name, with their sizes in bytes; of two of one name the last."""
        if isinstance(self._source, zipfile.ZipFile):
            found = {one.filename: one.file_size for one in self._source.infolist() if not one.is_dir()}
        else:
            found = {one.name: one.size for one in islice(self._source, MOST_FILES + 1) if one.isreg()}
        return dict(sorted(found.items()))

    def packed(self, name: str) -> int:
        """The size of one of them as it lies in the archive, bytes."""
        if isinstance(self._source, zipfile.ZipFile):
            return self._source.getinfo(name).compress_size
        member = self._source.getmember(name)
        parts: list[tuple[int, int]] = getattr(member, "sparse", None) or [(0, member.size)]  # place and length of each
        return sum(length for _, length in parts)

    def open(self, name: str) -> BinaryIO:
        """The content of one of them.

        Raises:
            RuntimeError, NotImplementedError: it is encrypted, or packed in a way that is not known here.
        """
        if isinstance(self._source, zipfile.ZipFile):
            return self._source.open(name)  # type: ignore[return-value]
        return self._source.extractfile(name)  # type: ignore[return-value]


def _copy(source: BinaryIO, to: Path, size: int) -> None:
    with source, to.open("wb") as target:
        while size > 0 and (chunk := source.read(min(CHUNK, size))):
            size -= len(chunk)
            target.write(chunk)
