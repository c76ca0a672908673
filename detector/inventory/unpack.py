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

from .found import CHUNK

TAR_MAGIC, TAR_PLACE = b"ustar", 257
_ZIP = b"PK\x03\x04"
_OTHERS = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR",
}
UNPACKED = 16 << 30  # bytes that all of one file on disk may unpack to
_RATIO = 200  # times as large as what is packed; what is larger is no data that anybody needs
_FREE = 1 << 26  # bytes up to which the ratio is not asked
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


def is_tar(head: bytes) -> bool:
    """Whether a file that begins so is a tar archive."""
    return head[TAR_PLACE : TAR_PLACE + len(TAR_MAGIC)] == TAR_MAGIC


def is_zip(head: bytes) -> bool:
    """Whether a file that begins so is a zip archive."""
    return head.startswith(_ZIP)


def is_compressed(head: bytes) -> bool:
    """Whether a file that begins so is one compressed file."""
    return any(map(head.startswith, _COMPRESSED))


def not_opened(head: bytes) -> str | None:
    """The name of an archive that is not opened here."""
    return next((name for magic, name in _OTHERS.items() if head.startswith(magic)), None)


@contextmanager
def unpacked(stream: BinaryIO, head: bytes, size: int) -> Generator[tuple[BinaryIO, int]]:
    """The content of a compressed file, seekable, and its size.

    Raises:
        ValueError: it unpacks to far more than it holds; others of `BROKEN` where it is damaged.
    """
    _, opener = next(way for magic, way in _COMPRESSED.items() if head.startswith(magic))
    with TemporaryFile() as target, opener(stream) as packed:
        yield target, copy_bounded(packed, target, size)


def copy_bounded(source: Any, target: BinaryIO, packed: int) -> int:
    """Copy what a file of `packed` bytes unpacks to, and go back to its start; how many bytes it was.

    Raises:
        ValueError: it is too much.
    """
    most, done = min(UNPACKED, max(_FREE, _RATIO * packed)), 0
    while chunk := source.read(CHUNK):
        done += target.write(chunk)
        if done > most:
            raise ValueError(f"unpacks to more than {most / 1e9:.1f} GB")
    target.seek(0)
    return done
