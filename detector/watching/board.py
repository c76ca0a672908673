"""Memory that the processes of one watch share: a slot for each source that one of them reads.

It is no file, lies on no disk, and goes with the last process that has it (`memfd_create`, Linux). Others reach it
through `/proc`, while who made it lives, and only those that run under the same user.
"""

import fcntl
import mmap
import os
import struct
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from ..errors import InputError
from ..locks import Lock

SLOTS: Final = 32
PICTURES: Final = 3 << 20
"""What a slot has room for, bytes of pictures."""

_HEAD: Final = 4096
_SIZE: Final = _HEAD + PICTURES
_FRONT: Final = 4096  # of the whole
_COUNT: Final = struct.Struct("<Q")  # how many slots were ever taken
_CHANGES: Final = struct.Struct("<Q")  # of a slot: odd while it is being written
_OWNER: Final = struct.Struct("<8xII")  # its process, and the length of its text
_TEXT: Final = 64
_TRIES: Final = 5

T = TypeVar("T")


def make_board() -> str | None:
    """The path of a new board, which lasts as long as this process; None where the system has nothing of the kind."""
    with suppress(AttributeError, OSError):
        file = os.memfd_create("facewarden")
        os.ftruncate(file, _FRONT + SLOTS * _SIZE)
        return f"/proc/{os.getpid()}/fd/{file}"
    return None


def end_board(path: str | None) -> None:
    """Let go of a board that this process has made; who has opened it has it still."""
    maker, _, file = (path or "").removeprefix("/proc/").partition("/fd/")
    if maker == str(os.getpid()):
        os.close(int(file))


class Slot:
    """What one process shows of one source.

    Args:
        memory: the slot's part of the board.
    """

    def __init__(self, memory: memoryview) -> None:
        self._memory = memory

    @property
    def changes(self) -> int:
        """Another number after each change."""
        return _CHANGES.unpack_from(self._memory)[0]

    @property
    def owner(self) -> int:
        """The process that writes into it; 0 where there is none yet."""
        return _OWNER.unpack_from(self._memory)[0]

    def write(self, text: bytes, pictures: Mapping[int, memoryview]) -> None:
        """Put in a text, and pictures at their places, counted in bytes; what lies at other places stays."""
        if len(text) > _HEAD - _TEXT:
            return
        changes = self.changes | 1  # one that its writer has left in the middle is taken up
        _CHANGES.pack_into(self._memory, 0, changes)
        for place, picture in pictures.items():
            self._memory[_HEAD + place : _HEAD + place + picture.nbytes] = picture
        self._memory[_TEXT : _TEXT + len(text)] = text
        _OWNER.pack_into(self._memory, 0, os.getpid(), len(text))
        _CHANGES.pack_into(self._memory, 0, changes + 1)

    def read(self, taken: Callable[[bytes, memoryview], T]) -> T | None:
        """What `taken` makes of the text and the pictures, which it has to copy; None where they are being changed."""
        for _ in range(_TRIES):
            changes = self.changes
            if changes and not changes & 1:
                length = min(_OWNER.unpack_from(self._memory)[1], _HEAD - _TEXT)
                made = taken(bytes(self._memory[_TEXT : _TEXT + length]), self._memory[_HEAD:])
                if changes == self.changes:
                    return made
        return None


class Board:
    """A board, opened.

    Args:
        path: where `make_board` has put it.

    Raises:
        InputError: it is no more, or another user's.
    """

    def __init__(self, path: str) -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            self._memory = memoryview(mmap.mmap(self._file, _FRONT + SLOTS * _SIZE))
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: what other processes show cannot be seen ({error})") from error
        self._slots = tuple(self._slot(number) for number in range(SLOTS))
        self._claiming = Lock()

    def slots(self) -> Iterator[Slot]:
        """Those that were ever taken."""
        return iter(self._slots[: _COUNT.unpack_from(self._memory)[0]])

    def claim(self) -> Slot | None:
        """A slot for this process, empty, or left by one that is no more; None where there is none."""
        with self._claiming, self._locked():
            taken = _COUNT.unpack_from(self._memory)[0]
            free = next((number for number in range(taken) if not _lives(self._slots[number].owner)), taken)
            if free == SLOTS:
                return None
            _COUNT.pack_into(self._memory, 0, max(taken, free + 1))
            self._slots[free].write(b"", {})
            return self._slots[free]

    def _slot(self, number: int) -> Slot:
        start = _FRONT + number * _SIZE
        return Slot(self._memory[start : start + _SIZE])

    @contextmanager
    def _locked(self) -> Generator[None]:
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


def _lives(process: int) -> bool:
    return Path(f"/proc/{process}").exists()
