"""Lines at the end of a file that several processes write to: whole, or not at all."""

import fcntl
import os
from pathlib import Path
from time import monotonic
from typing import Final

# Seconds between two looks at whether the file is still where it was: it may be deleted, or renamed by a rotation.
_LOOK: Final = 0.05
# Where our files lie among those of a program: one that closes all of its own and opens others would hit low numbers.
_HIGH: Final = 900
_FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


class Appended:
    """The end of a file. A line is one `write` to a file opened with O_APPEND, so that those of several threads and
    processes stay apart without a lock, and a line that was added is in the kernel's hands: it outlives the process.

    A file that was deleted or renamed meanwhile is begun anew, with what was added to a deleted one since the last
    look. A line that was torn by a crash stays a line of its own.

    Args:
        path: the file; made when a line is first added.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._look_at = 0.0
        self._lately: list[bytes] = []
        self._torn = False

    def add(self, line: bytes) -> None:
        """Add a line, given with its end, or nothing.

        Raises:
            OSError: it could not be added.
        """
        now = monotonic()
        if now >= self._look_at:
            self._look(now)
        try:
            self._write(line)
        except OSError:
            self._look_at = 0.0  # the next time by the path: the file may be gone, or closed by the program
            raise
        self._lately.append(line)

    def close(self) -> None:
        """Let go of the file; the next line opens it again."""
        file, self._file, self._look_at = self._file, None, 0.0
        if file is not None and is_at(file, self._path):  # else the number may be another file's by now
            os.close(file)

    def _look(self, now: float) -> None:
        lost: list[bytes] = []
        if self._file is not None and not is_at(self._file, self._path):
            lost = self._lately if _is_deleted(self._file) else []
            self._file = None
        if self._file is None:
            self._file, self._torn = _opened(self._path)
        self._lately, self._look_at = [], now + _LOOK
        for line in lost:
            self._write(line)

    def _write(self, line: bytes) -> None:
        file = self._file
        if file is None:
            raise OSError(None, "closed by another thread")
        text = b"\n" + line if self._torn else line
        written = os.write(file, text)
        if written < len(text):  # the disk is full
            self._torn = not _taken_back(file, written)
            raise OSError(None, "no space left on device")
        self._torn = False


def _opened(path: Path) -> tuple[int, bool]:
    """The file, at a high number, and whether its last line has no end."""
    file = at_a_high_number(os.open(path, _FLAGS, 0o666))
    size = os.fstat(file).st_size
    return file, bool(size) and os.pread(file, 1, size - 1) != b"\n"


def at_a_high_number(file: int) -> int:
    """The same file under a number that is not in the way of the program's own; the one that is given is closed."""
    try:
        high = fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    except OSError:  # fewer may be open here
        return file
    os.close(file)
    return high


def is_at(file: int, path: Path) -> bool:
    """Whether a path still leads to an open file."""
    try:
        here, there = os.fstat(file), os.stat(path)  # noqa: PTH116 - many times a second
    except OSError:
        return False
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def _is_deleted(file: int) -> bool:
    try:
        return not os.fstat(file).st_nlink
    except OSError:  # the program has closed it: what was added is in the file
        return False


def _taken_back(file: int, written: int) -> bool:
    """Take back a part of a line, where nobody has added anything after it; says whether that was done."""
    end = os.lseek(file, 0, os.SEEK_CUR)
    if os.fstat(file).st_size != end:
        return False
    os.ftruncate(file, end - written)
    return True
