"""From the plain lines of a record into its ledger: each line once, whoever wrote it and however that one ended.

Lines are in the kernel's hands before anything comes of them, and the files of them are the queue. Where the ledger has
come to is written down before lines are taken over, so that after a crash at any byte the rest is taken over, and none
twice.
"""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from ..records.jsonl import CALLS, EVENTS
from .canonical import canonical, canonical_line
from .durable import write_durably
from .journal import BEFORE, BETWEEN, Journal, lines_of
from .place import WIDTH

# Where the follower has come to; beside the lines, for it proves nothing.
POSITION: Final = ".position.json"
# Bytes that are taken over at once.
_MOST: Final = 1 << 22
# Lines before a place that it is known by, and how long they are at most.
_KNOWN: Final = 8
_LENGTH: Final = 1 << 16
# In a line with the time of day, as calls and starts have: it comes once.
_ONCE: Final = b'"time":"'


class Place(msgspec.Struct, frozen=True):
    """A place in a file of lines, and what stands before it: a copy of the file, or one of which something was erased,
    has that too, and one that was begun anew in the same inode has not.

    Attributes:
        inode: of the file.
        offset: in bytes.
        known: the sha256 of each of the last lines before it; none where an earlier version wrote the place down, which
            knew files by inodes alone.
    """

    inode: int = 0
    offset: int = 0
    known: tuple[str, ...] = ()


class Position(msgspec.Struct, frozen=True):
    """What is being taken over: from there on, and to there, when the ledger had so many entries."""

    begin: dict[str, Place] = {}
    end: dict[str, Place] = {}
    entries: int = 0


class Follower:
    """Takes over what is new. One at a time for each record; whoever uses it holds a lock.

    Args:
        record: the folder of the lines.
        ledger: that of the ledger.
    """

    def __init__(self, record: Path, ledger: Path) -> None:
        self._record, self._ledger = record, ledger
        self._journal = Journal(ledger)
        self._at: Mapping[str, Place] | None = None

    def follow(self, more: list[bytes]) -> int:
        """Take over all whole lines that are new, and `more` entries, canonical JSON; gives how many entries.

        Raises:
            OSError: something cannot be read or written; the next time it is tried again, and nothing comes twice.
        """
        if self._at is None:
            self._at = self._recovered()
        number = 0
        while True:
            begin = self._at
            end, entries = self._new(begin)
            if not entries and not more:
                return number
            number += len(entries) + len(more)
            position = Position(dict(begin), end, 0)
            self._at = None  # where it fails half way, what is there tells how far it has come
            self._journal.append([*entries, *more], lambda count, at=position: self._note(at, count))
            self._at = end
            more.clear()

    def _note(self, position: Position, entries: int) -> None:
        written = msgspec.structs.replace(position, entries=entries)
        write_durably(self._record / POSITION, msgspec.json.encode(written))

    def _recovered(self) -> Mapping[str, Place]:
        """Finish what was under way when the last follower ended."""
        was = self._position()
        if was is None:
            return {}
        _, entries = self._new(was.begin, was.end)
        there = self._since(was.entries)
        done = next((n for n, entry in enumerate(entries) if n >= len(there) or there[n] != entry), len(entries))
        self._journal.append(entries[done:], lambda _: None)
        return was.end

    def _position(self) -> Position | None:
        """The last that was written down; None where the record is there, and none is in it."""
        folder = os.open(self._record, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with os.fdopen(os.open(POSITION, os.O_RDONLY, dir_fd=folder), "rb") as file:
                return msgspec.json.decode(file.read(), type=Position)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise OSError(f"{POSITION} cannot be read ({error})") from error
        finally:
            os.close(folder)

    def _since(self, number: int) -> list[bytes]:
        """The entries of the ledger from that number on, canonical JSON."""
        found: list[bytes] = []
        part, skipped = divmod(number, WIDTH)
        while lines := lines_of(self._ledger, part):
            found += [line[len(BEFORE) : line.rindex(BETWEEN)] for line in lines[skipped:] if BETWEEN in line]
            part, skipped = part + 1, 0
        return found

    def _new(
        self, begin: Mapping[str, Place], end: Mapping[str, Place] | None = None
    ) -> tuple[dict[str, Place], list[bytes]]:
        """The whole lines from one place on, to another or as far as they go, as entries; and where they end."""
        places: dict[str, Place] = {}
        entries: list[bytes] = []
        for name in (CALLS, EVENTS):
            places[name], lines = self._lines(name, begin.get(name, Place()), end.get(name) if end else None)
            entries += [_entry(name, line) for line in lines]
        return places, entries

    def _lines(self, name: str, begin: Place, end: Place | None) -> tuple[Place, list[bytes]]:
        try:
            with (self._record / name).open("rb") as file:
                if end and not _is_at(file, end):  # it is not there any more: what was not taken over is lost
                    return end, []
                start = _start(file, begin) if end is None else begin.offset if begin.inode == end.inode else 0
                file.seek(start)
                content = file.read(_MOST if end is None else max(0, end.offset - start))
                content = content[: content.rfind(b"\n") + 1]
                return _place(file, start + len(content)) if content else begin, content.split(b"\n")[:-1]
        except FileNotFoundError:
            if not self._record.exists():  # it may come back
                raise
            return end or begin, []


def _start(file: BinaryIO, begin: Place) -> int:
    """From where on a file is new, to whom that place was the last."""
    there = os.fstat(file.fileno())
    if begin.inode == there.st_ino and begin.offset == there.st_size:
        return begin.offset
    if _is_at(file, begin):
        return begin.offset
    return _end_of_known(file, begin.known)


def _is_at(file: BinaryIO, place: Place) -> bool:
    """Whether this is the file that the place is in, or a copy of it."""
    if not place.known:
        return os.fstat(file.fileno()).st_ino == place.inode
    return _before(file, place.offset) == place.known


def _end_of_known(file: BinaryIO, known: tuple[str, ...]) -> int:
    """Where the last of these lines ends, in a file of which others were erased; 0 in a new file."""
    file.seek(0)
    end = start = 0
    for line in file:
        if (start == end > 0 or _ONCE in line) and _digest(line.rstrip(b"\n")) in known:
            end = start + len(line)
        start += len(line)
    return end


def _place(file: BinaryIO, offset: int) -> Place:
    """A place in a file, behind a whole line or at its beginning."""
    return Place(os.fstat(file.fileno()).st_ino, offset, _before(file, offset))


def _before(file: BinaryIO, offset: int) -> tuple[str, ...]:
    first = max(0, offset - _LENGTH)
    file.seek(first)
    return tuple(map(_digest, file.read(offset - first).split(b"\n")[:-1][-_KNOWN:]))


def _digest(line: bytes) -> str:
    return sha256(line).hexdigest()


def _entry(name: str, line: bytes) -> bytes:
    """A line as it stands in the ledger; of one that is no JSON, that it was there."""
    try:
        return canonical_line(line)
    except (msgspec.DecodeError, ValueError):
        text = f"a line of {name} is no JSON (sha256 {_digest(line)})"
        return canonical({"schema": "facewarden.event/1", "kind": "lost", "at": None, "text": text})
