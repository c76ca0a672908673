"""What is packed: tar and zip archives, and single files that are compressed, each with a bound on what comes out."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast

from .found import CHUNK, MOST_FILES

TAR_MAGIC, TAR_PLACE = b"ustar", 257
_ZIP = b"PK\x03\x04"
_OTHERS = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR",
}
_UNPACKED = 16 << 30  # bytes that one file may unpack to
_RATIO = 200  # times as large as what is packed; what is larger is no data that anybody needs
_FREE = 1 << 26  # bytes up to which the ratio is not asked
_RATIO_OF_ALL, _FREE_OF_ALL = 50, 1 << 30  # the same of all that one file on disk unpacks to, archives in it included
BROKEN = (
    tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, OSError, lzma.LZMAError, ValueError,
    NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip


def _zstd(stream: BinaryIO) -> IO[bytes]:
    try:
        import zstandard  # an extra
    except ImportError as error:
        raise NotImplementedError("needs a library: pip install 'facewarden[images]'") from error
    return cast("IO[bytes]", zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(stream))


_COMPRESSED: dict[bytes, tuple[str, Callable[[Any], Any]]] = {
    b"\x1f\x8b": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ\x00": ("xz", lzma.open),
    b"\x28\xb5\x2f\xfd": ("Zstandard", _zstd),
}


class Exhausted(Exception):
    """A file on disk holds more, archives in it included, than is looked at of one; says what."""


class Budget:
    """What is left for one file on disk, archives in it included.

    Args:
        size: of the file, bytes.
    """

    def __init__(self, size: int) -> None:
        self._most = self._bytes = max(_FREE_OF_ALL, _RATIO_OF_ALL * size)
        self._files = MOST_FILES

    def unpack(self, size: int) -> None:
        """Take so many bytes; raises `Exhausted`."""
        self._bytes -= size
        if self._bytes < 0:
            raise Exhausted(f"unpacks to more than {self._most / 1e9:.1f} GB in all; the rest was not looked at")

    def look(self) -> None:
        """Take a file; raises `Exhausted`."""
        self._files -= 1
        if self._files < 0:
            raise Exhausted(f"holds more than {MOST_FILES} files; the rest was not looked at")


def is_tar(head: bytes) -> bool:
    """Whether a file that begins so is a tar archive."""
    return head[TAR_PLACE : TAR_PLACE + len(TAR_MAGIC)] == TAR_MAGIC


def is_zip(head: bytes) -> bool:
    """Whether a file that begins so is a zip archive."""
    return head.startswith(_ZIP)


def is_compressed(head: bytes) -> bool:
    """Whether a file that begins so is one compressed file."""
    return any(map(head.startswith, _COMPRESSED))


def is_packed(head: bytes) -> bool:
    """Whether a file that begins so holds other files."""
    return is_tar(head) or is_zip(head) or is_compressed(head)


def not_opened(head: bytes) -> str | None:
    """The name of an archive that is not opened here."""
    return next((name for magic, name in _OTHERS.items() if head.startswith(magic)), None)


@contextmanager
def unpacked(stream: BinaryIO, head: bytes, size: int, budget: Budget) -> Generator[tuple[BinaryIO, int]]:
    """The content of a compressed file, seekable, and its size.

    Raises:
        ValueError: it unpacks to far more than it holds; others of `BROKEN` where it is damaged.
        Exhausted: the budget does not suffice.
    """
    _, opener = next(way for magic, way in _COMPRESSED.items() if head.startswith(magic))
    with TemporaryFile() as target, opener(stream) as packed:
        yield target, copy_bounded(packed, target, size, budget)


def copy_bounded(source: Any, target: BinaryIO, packed: int, budget: Budget) -> int:
    """Copy what a file of `packed` bytes unpacks to, and go back to its start; how many bytes it was.

    Raises:
        ValueError: it is too much.
        Exhausted: the budget does not suffice.
    """
    done = 0
    while chunk := source.read(CHUNK):
        done += target.write(chunk)
        budget.unpack(len(chunk))
        check_ratio(done, packed)
    target.seek(0)
    return done


def check_ratio(size: int, packed: int) -> None:
    """Raise `ValueError` where a file of `packed` bytes holds more than anybody needs."""
    most = min(_UNPACKED, max(_FREE, _RATIO * packed))
    if size > most:
        raise ValueError(f"unpacks to more than {most / 1e9:.1f} GB")
