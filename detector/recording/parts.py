"""The files of a recording: one after the other, each of bounded size, known by its hash once it is closed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from ...streams.recording import ENDING, Recorded, RecordingWriter
from ..clock import Clock
from ..errors import InputError
from .messages import TOPICS, Message, Session, name_of, schema_of, write

_PART: Final = re.compile(rf"(.+)\.(\d+){re.escape(ENDING)}")
_NS: Final = 1_000_000_000
_MB: Final = 1_000_000


class RecordingLimits(NamedTuple):
    """What ends a file, and begins the next: so many megabytes, or so many hours."""

    megabytes: float = 256.0
    hours: float = 1.0


LIMITS: Final = RecordingLimits()


class Parts:
    """Writes the files of a session: `NAME.mcap`, `NAME.2.mcap` and so on. One thread at a time.

    Args:
        folder: where they go; made if need be.
        clock: the day and the hour, of which the name is.
        limits: of each.
        closed: told the name and the sha256 of each that was closed.

    Attributes:
        path: of the one that is written.

    Raises:
        InputError: the folder cannot be written to.
    """

    def __init__(self, folder: Path, clock: Clock, limits: RecordingLimits, closed: Callable[[str, str], None]) -> None:
        self._limits, self._closed = limits, closed
        self.path, self._writer = _open(folder, clock)
        self._stem, self._number, self._began = self.path.stem, 1, int(clock.wall() * _NS)
        self._session: Session | None = None

    def begin(self, session: Session, at: int) -> None:
        """A session begins, or what it is judged by is other from here on; `at` is nanoseconds of POSIX time."""
        self._session = session
        self.write(*ours(session, at))

    def write(self, message: Recorded, schema: bytes) -> None:
        """Add a message; `schema` is the JSON Schema of its kind. Raises `OSError`, as all that follow."""
        self._writer.write(message, schema)

    def turn(self, at: int) -> None:
        """Go on in a new file, where this one has become large or old."""
        old = at - self._began > self._limits.hours * 3600 * _NS
        if old or self._writer.size > self._limits.megabytes * _MB:
            digest = self.close()
            self._number, self._began = self._number + 1, at
            self.path = self.path.with_name(f"{self._stem}.{self._number}{ENDING}")
            self._writer = RecordingWriter(self.path)
            if self._session is not None:
                self.write(*ours(msgspec.structs.replace(self._session, after=digest), at))

    def flush(self) -> None:
        """What was written is on the disk when this returns."""
        self._writer.flush()

    def close(self) -> str:
        """End the file; gives its sha256."""
        digest = self._writer.close()
        self._closed(self.path.name, digest)
        return digest


def parts_until(path: Path) -> tuple[list[Path], Path | None]:
    """The files of a session up to one of them; where one before it is missing, that one alone, and which is."""
    found = _PART.fullmatch(path.name)
    if found is None:
        return [path], None
    names = [f"{found[1]}{ENDING}", *(f"{found[1]}.{number}{ENDING}" for number in range(2, int(found[2])))]
    before = [path.with_name(name) for name in names]
    missing = next((one for one in before if not one.exists()), None)
    return ([path], missing) if missing else ([*before, path], None)


def ours(message: Message, at: int) -> tuple[Recorded, bytes]:
    """A message of ours as a recording has it, with the schema of its kind."""
    return Recorded(TOPICS[type(message)], name_of(message), at, write(message)), schema_of(type(message))


def _open(folder: Path, clock: Clock) -> tuple[Path, RecordingWriter]:
    """A file of a name that says when it began, and that none there has."""
    began = datetime.fromtimestamp(clock.wall(), UTC).strftime("%Y%m%dT%H%M%SZ")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            path = folder / f"{began}{'' if number == 1 else f'-{number}'}{ENDING}"
            if not path.exists():
                return path, RecordingWriter(path)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from error
    raise AssertionError
