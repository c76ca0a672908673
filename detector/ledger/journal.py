"""The entries themselves, in the order in which they were recorded: a file for each 256, a line each.

A line is `{"entry":ENTRY,"salt":SALT}`: the entry as canonical JSON, and 16 random bytes in hex. The tree holds the
hash of both (see `leaves.leaf`), so that a line can be erased, and nobody can find out by trying what it said. A line
is durable before any hash of it is: this needs no cryptography, and costs a process little that makes few entries.
"""

import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from .durable import append_durably, locked, make_folder, sync_folder
from .place import CHECKPOINT, LOCK, WIDTH, number_path

BEFORE, BETWEEN, AFTER = b'{"entry":', b',"salt":"', b'"}'
SALT = 16


def line(entry: bytes, salt: bytes) -> bytes:
    """An entry's line, with its end."""
    return b"".join((BEFORE, entry, BETWEEN, salt.hex().encode(), AFTER, b"\n"))


def segment_path(number: int) -> str:
    """Where the file of the entries from 256 * number on is, below the ledger's folder."""
    return f"payload/{number_path(number)}.jsonl"


def lines_of(folder: Path, number: int) -> list[bytes]:
    """The whole lines of a file of entries, without their ends; none where there is no such file."""
    try:
        content = (folder / segment_path(number)).read_bytes()
    except FileNotFoundError:
        return []
    return content[: content.rfind(b"\n") + 1].split(b"\n")[:-1]


class Journal:
    """Adds entries, durably; any number of processes may.

    Args:
        folder: the ledger's; it is there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number, self._size, self._count, self._known = 0, 0, 0, False
        self._most = 0

    def append(self, entries: list[bytes], before: Callable[[int], None] = lambda _: None) -> None:
        """Add entries (canonical JSON), and take out of the list what is durable.

        Args:
            entries: what to add.
            before: told how many there are, before the first of these is added; where it raises, none is.

        Raises:
            OSError: what is still in the list could not be written.
        """
        with locked(self._folder / LOCK):
            before(self.find_end())
            while entries:
                part = entries[: WIDTH - self._count]
                self._write(part)
                del entries[: len(part)]

    def find_end(self) -> int:
        """How many entries there are; what a crash has torn is taken off. Whoever calls holds the lock.

        Raises:
            OSError: a file cannot be read, or what was there is gone.
        """
        if not self._known or self._size_of(self._number) != self._size:
            self._number = self._last()
            self._look()
            self._check()
        if self._count == WIDTH:
            self._number, self._size, self._count = self._number + 1, 0, 0
        return self._number * WIDTH + self._count

    def _last(self) -> int:
        """The number of the last file: by doubling steps, and then by halving them."""
        step = 1
        while self._is_there(self._number + step):
            step *= 2
        number = self._number
        while step:
            number += step if self._is_there(number + step) else 0
            step //= 2
        return number

    def _look(self) -> None:
        lines = lines_of(self._folder, self._number)
        self._count, self._size = len(lines), sum(map(len, lines)) + len(lines)
        if self._size_of(self._number) > self._size:
            os.truncate(self._folder / segment_path(self._number), self._size)
        self._known = True

    def _check(self) -> None:
        """Nothing is added where entries are gone."""
        self._most, there = max(self._most, _signed(self._folder)), self._number * WIDTH + self._count
        if there < self._most:
            self._known = False
            raise OSError(errno.EIO, f"of {self._most} entries {there} are there")
        self._most = there

    def _write(self, entries: Sequence[bytes]) -> None:
        salts = os.urandom(SALT * len(entries))
        text = b"".join(line(entry, salts[SALT * n : SALT * (n + 1)]) for n, entry in enumerate(entries))
        path = self._folder / segment_path(self._number)
        new = not self._size
        if new:
            make_folder(path.parent)
        append_durably(path, text, self._size)
        if new:
            sync_folder(path.parent)
        self._size, self._count = self._size + len(text), self._count + len(entries)
        self._most += len(entries)
        if self._count == WIDTH:
            self._number, self._size, self._count = self._number + 1, 0, 0

    def _is_there(self, number: int) -> bool:
        return (self._folder / segment_path(number)).exists()

    def _size_of(self, number: int) -> int:
        try:
            return (self._folder / segment_path(number)).stat().st_size
        except FileNotFoundError:
            return 0


def _signed(folder: Path) -> int:
    """How many entries the published head says there are; 0 where there is none, or none that can be read."""
    try:
        return int((folder / CHECKPOINT).read_bytes().split(b"\n")[1][:20])
    except (FileNotFoundError, IndexError, ValueError):
        return 0
