"""Lines at the end of a file that several processes write to: whole, or not at all."""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path


def append(path: Path, lines: Sequence[bytes]) -> None:
    """Add the lines, each with its end, and nothing where that fails.

    The file is locked meanwhile, so that what did not fit on the disk can be taken back without touching what another
    process has added. A line that was torn by a crash stays a line of its own.

    Raises:
        OSError: the file cannot be opened, locked or written to.
    """
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        _append(file, b"".join(line + b"\n" for line in lines))
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)  # a child that was forked meanwhile would hold it on
        os.close(file)


def _append(file: int, text: bytes) -> None:
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        text = b"\n" + text
    written = 0
    try:
        while written < len(text):
            written += os.write(file, text[written:])
    except OSError:
        if written:
            os.ftruncate(file, size)
        raise
