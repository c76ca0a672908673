"""Entries as JSON lines, written behind the program's back by a thread of its own.

Several processes may write into the same folder.
"""

import atexit
import os
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Final
from weakref import WeakSet

from ..errors import FacewardenError, InputError
from .appending import append
from .entry import Decided, write
from .here import event
from .sink import Beside, Due, made

CALLS: Final = "calls.jsonl"
EVENTS: Final = "events.jsonl"
# Seconds between two looks at the queue: how much a killed process may lose.
_PERIOD = 0.2
# The same where something is kept beside the lines: that is to be durable within a tenth of a second.
_PERIOD_BESIDE = 0.05
# Entries that may wait for a slow disk before the sink says that it fails.
_MOST = 100_000
# Entries for which there is room after that: those that were on their way.
_SPARE = 1000
# The rank of our end among those of a worker of multiprocessing.
_LAST = -100
# Entries that are written at once.
_BATCH = 10_000


class JsonLines:
    """Calls go to `calls.jsonl`, everything else to `events.jsonl`.

    What cannot be written is kept and tried again, and `failed` says why until it could be. It also fails while more
    than `most` entries wait; those for which there is no room at all are counted, and an event says how many were lost.

    A forked child writes into the same files, and nothing that its parent has still to write.

    Args:
        folder: where the files go; made if need be.
        most: how many entries may wait.
        beside: keeps every entry once more.

    Raises:
        InputError: the folder cannot be written to.
    """

    def __init__(self, folder: Path, most: int = _MOST, beside: Beside | None = None) -> None:
        self._folder, self._most, self._beside = folder, most, beside
        _make(folder)
        self._start()
        _OPEN.add(self)
        atexit.register(self.close)
        _close_with_worker(self)

    @property
    def failed(self) -> str | None:
        if len(self._queue) < self._most:
            return self._trouble
        return self._trouble or f"{self._folder}: the record cannot be written as fast as entries come"

    def put(self, entry: Due) -> None:
        if self._ended.is_set():
            self._trouble = f"{self._folder}: the record is closed"
        elif len(self._queue) < self._most + _SPARE:
            self._queue.append(entry)
        else:
            with self._losing:
                self._lost += 1

    def close(self) -> None:
        if not self._ended.is_set():
            self._ended.set()
            self._thread.join()
            self._write()
            self._end_beside()
            _OPEN.discard(self)
            atexit.unregister(self.close)

    def _begin_again(self) -> None:
        if self._beside:
            self._beside.begin_again()
        self._start()

    def _start(self) -> None:
        self._queue: deque[Due] = deque()
        self._waiting: dict[str, list[bytes]] = {CALLS: [], EVENTS: []}
        self._waiting_beside: list[bytes] = []
        self._trouble: str | None = None
        self._lost, self._losing = 0, threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="facewarden-record", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(_PERIOD_BESIDE if self._beside else _PERIOD):
            self._write()

    def _write(self) -> None:
        """Write all that waits; what cannot be written waits on."""
        while self._take():
            troubles = [*(self._append(*part) for part in self._waiting.items()), self._write_beside()]
            self._trouble = next(filter(None, troubles), None)
            if self._trouble:
                return
        self._trouble = self._write_beside()

    def _write_beside(self) -> str | None:
        """Have the entries kept once more, and do what is due there; says why where that fails."""
        if self._beside is None:
            return None
        try:
            self._beside.write(self._waiting_beside)
            self._beside.tick()
        except (OSError, FacewardenError) as error:
            return self._why(error)
        return None

    def _end_beside(self) -> None:
        try:
            if self._beside:
                self._beside.close()
        except (OSError, FacewardenError) as error:
            self._trouble = self._why(error)

    def _why(self, error: Exception) -> str:
        reason = error.strerror if isinstance(error, OSError) else error
        return f"{self._folder}: the record cannot be written ({reason})"

    def _append(self, name: str, lines: list[bytes]) -> str | None:
        """Write and forget the lines; says why where that fails."""
        try:
            if lines:
                append(self._folder / name, lines)
                lines.clear()
        except OSError as error:
            return self._why(error)
        return None

    def _take(self) -> bool:
        """Make lines of the next entries, once those before are written; says whether there is anything to write."""
        if not self._waits:
            for _ in range(min(len(self._queue), _BATCH)):
                self._line(self._queue.popleft())
            self._confess()
        return self._waits

    @property
    def _waits(self) -> bool:
        return any(self._waiting.values()) or bool(self._waiting_beside)

    def _line(self, due: Due) -> None:
        try:
            entry = made(due)
            self._keep(CALLS if isinstance(entry, Decided) else EVENTS, write(entry))
        except Exception as error:  # noqa: BLE001 - what a caller said may raise anything when it is asked what it is
            text = f"an entry was lost, for it cannot be written: {type(error).__name__}"
            self._keep(EVENTS, write(event("lost", text)))

    def _keep(self, name: str, line: bytes) -> None:
        self._waiting[name].append(line)
        if self._beside:
            self._waiting_beside.append(line)

    def _confess(self) -> None:
        with self._losing:
            lost, self._lost = self._lost, 0
        if lost:
            text = f"{lost} entries were lost: they came faster than they could be written"
            self._keep(EVENTS, write(event("lost", text)))


# A forked child inherits neither the thread nor what its parent has still to write.
_OPEN: WeakSet[JsonLines] = WeakSet()


def _begin_again() -> None:
    for sink in tuple(_OPEN):
        sink._begin_again()  # pyright: ignore[reportPrivateUsage]
        if util := sys.modules.get("multiprocessing.util"):  # which forgets what ends a process when it forks a worker
            util.register_after_fork(sink, _close_with_worker)


def _close_with_worker(sink: JsonLines) -> None:
    """Close it at the end of a worker of multiprocessing, which ends without `atexit`."""
    process, util = (sys.modules.get(f"multiprocessing.{name}") for name in ("process", "util"))
    if process and util and process.parent_process():
        util.Finalize(None, sink.close, exitpriority=_LAST)


os.register_at_fork(after_in_child=_begin_again)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (CALLS, EVENTS):
            (folder / name).open("ab").close()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from error
