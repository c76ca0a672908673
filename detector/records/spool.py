"""Calls that a process has noted and has yet to write as lines, in a file that is mapped into its memory.

To note one costs no call of the system, and yet the kernel has it at once: it outlives the process, however that ends.
Whoever opens the record next writes what a process that was killed has left.

The file: a header, a ring of slots of 64 bytes, and behind it the kinds of calls (`lines.Kind`), each with its size
before it. A slot is valid where it ends with its own number, which is stored last.
"""

import fcntl
import mmap
import os
import struct
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from struct import Struct
from typing import Final, TypeAlias

import msgspec

from .appending import at_a_high_number, is_at
from .lines import MOST, NAME, Clockwork, Kind, Own, line_of

SLOTS: Final = 4096
_PREFIX: Final = ".noted-"
# Slots for threads that have looked at the same time whether there is room.
_SPARE: Final = 64
# Up to which call all are written; of what was about to be written the file's size and inode before, and the last call.
# In the machine's own form, of which each number is stored at once.
_HEADER: Final = Struct("@QQQQ")
# What a call has of its own (`lines.Own`), the number of its kind, and its own number, which is stored last.
_SLOT: Final = Struct(f"@ddd{NAME + 1}pIQ")
_SIZE: Final = Struct("@I")
_STEP, _PACK = _SLOT.size, _SLOT.pack_into
_KINDS: Final = (1 + SLOTS) * _STEP
# Lines that are written at once.
_AT_ONCE: Final = 500
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
_LOST: Final[list[mmap.mmap]] = []


# A call that is noted.
_Noted: TypeAlias = tuple[float, float, float, bytes, int, int]


class Spool:
    """What one process has noted. Any thread may note; one at a time may do the rest.

    Args:
        path: the file; it is made where there is none.

    Attributes:
        path: the same.

    Raises:
        OSError: it cannot be made, another process has it, or it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = _locked(path)
        try:
            if not os.fstat(self._file).st_size:
                os.posix_fallocate(self._file, 0, _KINDS)  # now: once it is mapped, a full disk would end the process
            self._memory = mmap.mmap(self._file, _KINDS)
        except (OSError, ValueError) as error:
            os.close(self._file)
            raise OSError(None, "cannot be mapped") from error
        self._numbers: dict[Kind, int] = {}
        self._kinds = list(self._kinds_on_file())
        self._clockwork = Clockwork()
        self._written: int = _HEADER.unpack_from(self._memory)[0]
        self._next, self._last = count(self._written + 1).__next__, self._written
        self._gap, self._late = 0, set[int]()

    @property
    def is_lost(self) -> bool:
        """Whether the file was taken away, or closed by the program: another is needed."""
        return not is_at(self._file, self.path)

    @property
    def waits(self) -> bool:
        """Whether anything is noted that is not written."""
        return bool(self._noted())

    @property
    def is_full(self) -> bool:
        """Whether it has as many kinds as it takes, and another is needed."""
        return len(self._kinds) >= MOST

    def has(self, kind: Kind) -> bool:
        """Whether calls of that kind can be noted."""
        return kind in self._numbers

    def add(self, kind: Kind) -> None:
        """Calls of that kind can be noted from here on; adding it twice changes nothing.

        Raises:
            OSError: it cannot be written.
        """
        if kind in self._numbers:
            return
        text = msgspec.msgpack.encode(kind.parts)
        os.lseek(self._file, 0, os.SEEK_END)
        if os.write(self._file, _SIZE.pack(len(text)) + text) < _SIZE.size + len(text):
            raise OSError(None, "no space left on device")
        self._kinds.append(kind.parts)
        self._numbers[kind] = len(self._kinds) - 1

    def note(self, kind: Kind, own: Own) -> bool:
        """Note a call; says whether that was done: its kind may not have been added, or there is no room for it."""
        kind_number = self._numbers.get(kind)
        if kind_number is None or self._last - self._written > SLOTS - _SPARE:
            return False
        self._last = number = self._next()
        _PACK(self._memory, number % SLOTS * _STEP + _STEP, *own, kind_number, number)
        return not (self._late and self._is_late(number))

    def write(self, path: Path, add: Callable[[bytes], None]) -> None:
        """Write what is noted, in its order.

        Args:
            path: the file that the lines go to.
            add: adds lines to that.

        Raises:
            OSError: they could not be added, and stay noted.
        """
        self._write(self._noted(), path, add)

    def finish(self, path: Path, add: Callable[[bytes], None]) -> None:
        """As `write`, what a process that has ended has left, whatever it was doing."""
        left = self._left()
        _, size, inode, last = _HEADER.unpack_from(self._memory)
        begun = self._lines(one for one in left if one[-1] <= last)
        done = _there(begun, path, size, inode)
        self._write(left[done:], path, add)

    def close(self, keep: bool = False) -> None:
        """Let go of the file, and take it away unless it is to be kept."""
        if self.is_lost:  # its numbers may be other files' by now
            _LOST.append(self._memory)
            return
        self._memory.close()  # from here on nobody notes anything
        if not keep:
            self.path.unlink()
        os.close(self._file)

    def _write(self, noted: Sequence[_Noted], path: Path, add: Callable[[bytes], None]) -> None:
        for start in range(0, len(noted), _AT_ONCE):
            part = noted[start : start + _AT_ONCE]
            last = part[-1][-1]
            _HEADER.pack_into(self._memory, 0, self._written, *_state_of(path), last)
            add(b"".join(self._lines(part)))
            self._written = last
            _HEADER.pack_into(self._memory, 0, last, 0, 0, 0)

    def _noted(self) -> list[_Noted]:
        """What is noted and not written, up to where a thread may be about to note one."""
        noted: list[_Noted] = []
        for number in range(self._written + 1, self._written + SLOTS):
            slot = self._slot(number)
            if slot[-1] != number:
                if number != self._gap or number >= self._last:
                    self._gap = number
                    break
                slot = self._passed_over(number)
            if slot is not None:
                noted.append(slot)
        return noted

    def _passed_over(self, number: int) -> _Noted | None:
        """A call that was still not noted the second time: its thread was interrupted, or will hear that it is late."""
        self._late.add(number)
        slot = self._slot(number)
        return slot if slot[-1] == number and self._is_late(number) else None

    def _is_late(self, number: int) -> bool:
        """Whether a call was passed over; says so once, to its thread or to who writes."""
        try:
            self._late.remove(number)
        except KeyError:
            return False
        return True

    def _slot(self, number: int) -> _Noted:
        return _SLOT.unpack_from(self._memory, _place(number))

    def _left(self) -> list[_Noted]:
        """As `_noted`, gaps or not: they will never be filled. Of a kind that is not on file there are calls where the
        power went off."""
        slots = _SLOT.iter_unpack(self._memory[_STEP:_KINDS])
        left = [slot for slot in slots if slot[-1] > self._written and slot[-2] < len(self._kinds)]
        return sorted(left, key=lambda slot: slot[-1])

    def _lines(self, noted: Iterable[_Noted]) -> list[bytes]:
        kinds, clockwork = self._kinds, self._clockwork
        return [line_of(kinds[slot[4]], slot[:4], clockwork) for slot in noted]

    def _kinds_on_file(self) -> Iterator[tuple[bytes, ...]]:
        with suppress(struct.error, msgspec.DecodeError), open(self._file, "rb", closefd=False) as file:
            file.seek(_KINDS)
            while size := file.read(_SIZE.size):  # of one that is torn there are no calls
                yield msgspec.msgpack.decode(file.read(*_SIZE.unpack(size)), type=tuple[bytes, ...])


def spool_of(folder: Path) -> Spool:
    """A new one, of this process.

    Raises:
        OSError: it cannot be made.
    """
    return Spool(folder / f"{_PREFIX}{os.getpid()}-{os.urandom(4).hex()}")


def finish_all(folder: Path, path: Path, add: Callable[[bytes], None]) -> None:
    """Write what processes that have ended had noted and not written; see `Spool.write`.

    Raises:
        OSError: it could not be written, and stays there for the next.
    """
    for name in os.listdir(folder):  # noqa: PTH208 - many times a second
        if not name.startswith(_PREFIX):
            continue
        try:
            spool = Spool(folder / name)
        except OSError:  # its process runs
            continue
        try:
            spool.finish(path, add)
        except OSError:
            spool.close(keep=True)
            raise
        spool.close()


def _place(number: int) -> int:
    return number % SLOTS * _STEP + _STEP


def _locked(path: Path) -> int:
    """The file, and nobody else has it. It stays ours for as long as this process lives: no other inherits it."""
    file = at_a_high_number(os.open(path, _FLAGS, 0o666))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not is_at(file, path):
            raise OSError(None, "gone")
    except OSError:
        os.close(file)
        raise
    return file


def _state_of(path: Path) -> tuple[int, int]:
    try:
        now = path.stat()
    except OSError:
        return 0, 0
    return now.st_size, now.st_ino


def _there(lines: Sequence[bytes], path: Path, size: int, inode: int) -> int:
    """How many of the lines have been added to a file since it was of that size."""
    if not lines or _state_of(path)[1] != inode:
        return 0
    with path.open("rb") as file:
        file.seek(size)
        added = file.read()
    numbers = range(1, len(lines) + 1)
    return bisect_left(numbers, True, key=lambda number: b"".join(lines[:number]) not in added)
