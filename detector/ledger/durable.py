"""Files that are on the disk when a function returns, and a lock between processes."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def write_durably(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file, whole or not at all, and have it on the disk.

    Raises:
        OSError: it cannot be written.
    """
    make_folder(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        try:
            _write(file, content)
            os.fsync(file)
        finally:
            os.close(file)
        beside.rename(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, durably."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def append_durably(path: Path, content: bytes, size: int) -> None:
    """Write behind the first `size` bytes of a file, which are all it holds; nothing stays of what failed.

    Raises:
        OSError: it cannot be written.
    """
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        os.lseek(file, size, os.SEEK_SET)
        _write(file, content)
        os.fdatasync(file)
    except OSError:
        os.ftruncate(file, size)
        raise
    finally:
        os.close(file)


def _write(file: int, content: bytes) -> None:
    written = 0
    while written < len(content):
        written += os.write(file, content[written:])


# Files by which locks are held. A child that is forked meanwhile would hold them on after the death of its parent.
_HELD: set[int] = set()


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Alone with what a lock file stands for, among all threads and processes of the machine.

    Raises:
        OSError: it cannot be opened or locked.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    _HELD.add(file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        _HELD.discard(file)
        fcntl.flock(file, fcntl.LOCK_UN)
        os.close(file)


def _let_go() -> None:
    while _HELD:
        os.close(_HELD.pop())


os.register_at_fork(after_in_child=_let_go)
