"""The record of a running program: every judged call and every event, as JSON lines, written by a thread of its own.

Several processes may write into the same folder: each batch of lines is appended by one write.
"""

import os
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from time import time
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakSet

import msgspec
from msgspec.structs import replace

from ..calls import Call, write_call
from ..calls.wall import as_utc
from ..errors import InputError
from ..policy import Decision

if TYPE_CHECKING:
    from ..calls.attribution import Attribution

# Seconds between two looks at the queue: how much a killed process may lose.
_PERIOD = 0.2
# Entries that may wait for a slow disk.
_WAITING = 100_000


class Event(msgspec.Struct, frozen=True):
    """Something that is no call.

    Attributes:
        time: UTC, ISO 8601.
        pid: the process.
        kind: `started`, `tap`, `model`, `camera`, `failure` or `ended`.
        text: what happened, in words.
    """

    time: str
    pid: int
    kind: str
    text: str


class Judged(NamedTuple):
    """A call as the gate saw it: POSIX seconds, the call, whose picture was found to be in it, what came of it."""

    time: float
    call: Call
    found: "Attribution | None"
    decision: Decision
    refused: bool

    def as_line(self) -> bytes:
        """The line of the call log; `Record` reads it."""
        found = self.found
        noted = {
            "attributed_by": found and found.how,
            "attribution": found and round(found.confidence, 3),
            "effect": self.decision.effect,
            "deciding": self.decision.deciding,
            "refused": self.refused,
        }
        call = replace(self.call, made_at=self.call.made_at or round(self.time, 3), own={**self.call.own, **noted})
        return write_call(replace(call, source=found.source, at=found.at) if found else call)


class Recorder:
    """Queues without waiting, and writes `calls.jsonl` and `events.jsonl` behind the program's back.

    Attributes:
        failed: why nothing more can be written; None while it can.

    Args:
        folder: where the files go; None keeps nothing.

    Raises:
        InputError: the folder cannot be written to.
    """

    def __init__(self, folder: Path | None) -> None:
        self.failed: str | None = None
        self._folder = folder
        if folder is not None:
            _make(folder)
            self._start()
            _RECORDERS.add(self)

    def call(self, judged: Judged) -> None:
        """Keep a call; never waits."""
        if self._folder is not None:
            self._queue.put(judged)
            if self._queue.qsize() > _WAITING:
                self.failed = f"{self._folder}: the record cannot be written as fast as calls come"

    def event(self, kind: str, text: str) -> None:
        """Keep an event; never waits."""
        if self._folder is not None:
            self._queue.put(Event(as_utc(round(time(), 3)), os.getpid(), kind, text))

    def close(self) -> None:
        """Write what is queued, and end the thread."""
        if self._folder is not None:
            _RECORDERS.discard(self)
            self._ended.set()
            self._thread.join()
            self._write(self._folder)

    def _start(self) -> None:
        self._queue: SimpleQueue[Judged | Event] = SimpleQueue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="facewarden-record", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self._folder is not None and not self._ended.wait(_PERIOD):
            self._write(self._folder)

    def _write(self, folder: Path) -> None:
        entries = _drain(self._queue)
        calls = [entry.as_line() for entry in entries if isinstance(entry, Judged)]
        events = [msgspec.json.encode(entry) for entry in entries if isinstance(entry, Event)]
        try:
            _append(folder / "calls.jsonl", calls)
            _append(folder / "events.jsonl", events)
        except OSError as error:
            self.failed = f"{folder}: the record cannot be written ({error.strerror})"


# A forked child inherits neither the thread nor what its parent has still to write.
_RECORDERS: WeakSet[Recorder] = WeakSet()
os.register_at_fork(after_in_child=lambda: [recorder._start() for recorder in _RECORDERS])  # pyright: ignore[reportPrivateUsage]


def _drain(queue: SimpleQueue[Judged | Event]) -> list[Judged | Event]:
    entries: list[Judged | Event] = []
    try:
        while True:
            entries.append(queue.get_nowait())
    except Empty:
        return entries


def _append(path: Path, lines: list[bytes]) -> None:
    if lines:
        with path.open("ab", buffering=0) as file:
            file.write(b"".join(line + b"\n" for line in lines))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("calls", "events"):
            (folder / f"{name}.jsonl").open("ab").close()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from error
