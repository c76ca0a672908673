"""Entries as JSON lines, written where they are put: what was decided is in the kernel's hands before it is acted on.

Several processes may write into the same folder.
"""

import atexit
import os
import threading
from collections import deque
from pathlib import Path
from typing import Final
from weakref import WeakSet

from ..errors import InputError
from .appending import Appended
from .entry import write
from .here import event
from .lines import Lines
from .sink import Due

CALLS: Final = "calls.jsonl"
EVENTS: Final = "events.jsonl"
# Seconds between two tries to write what could not be written.
_PERIOD = 0.2
# Entries that may wait for that.
_MOST = 100_000


class JsonLines:
    """Calls go to `calls.jsonl`, everything else to `events.jsonl`.

    What cannot be written waits and is tried again by a thread of our own, and `failed` says why until it could be;
    those for which there is no room are counted, and an event says how many were lost.

    A forked child writes into the same files, and nothing that its parent has still to write.

    Args:
        folder: where the files go; made if need be.
        most: how many entries may wait.

    Raises:
        InputError: the folder cannot be written to.
    """

    def __init__(self, folder: Path, most: int = _MOST) -> None:
        self._folder, self._most = folder, most
        _make(folder)
        self._calls, self._events = Appended(folder / CALLS), Appended(folder / EVENTS)
        self._lines = Lines()
        self._start()
        _OPEN.add(self)
        atexit.register(self.close)

    @property
    def failed(self) -> str | None:
        return self._trouble

    @property
    def unwritten(self) -> int:
        """How many entries wait or were lost."""
        return len(self._waiting) + self._lost

    def put(self, entry: Due) -> None:
        if self._waiting or self._closed or not self._written(entry):
            self._wait_for_better(entry)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._ended.set()
            if self._thread is not None:
                self._thread.join()
                if not self._catch_up():
                    self._give_up()
            self._calls.close()
            self._events.close()
            _OPEN.discard(self)
            atexit.unregister(self.close)

    def _start(self) -> None:
        self._waiting: deque[Due] = deque()
        self._trouble: str | None = None
        self._lost, self._losing = 0, threading.Lock()
        self._ended, self._closed = threading.Event(), False
        self._thread: threading.Thread | None = None

    def _written(self, due: Due) -> bool:
        """Write an entry; says whether that was done."""
        try:
            line, is_call = self._lines.line(due)
        except Exception as error:  # noqa: BLE001 - what a caller said may raise anything when it is asked what it is
            text = f"an entry was lost, for it cannot be written: {type(error).__name__}"
            line, is_call = write(event("lost", text)) + b"\n", False
        try:
            (self._calls if is_call else self._events).add(line)
        except OSError as error:
            self._trouble = f"{self._folder}: the record cannot be written ({error.strerror})"
            return False
        return True

    # --- what could not be written ------------------------------------------------------------------------------------

    def _wait_for_better(self, entry: Due) -> None:
        if self._closed:
            self._trouble = f"{self._folder}: the record is closed"
            return
        with self._losing:
            if len(self._waiting) < self._most:
                self._waiting.append(entry)
            else:
                self._lost += 1
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="facewarden-record", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(_PERIOD):
            if self._catch_up():
                return

    def _catch_up(self) -> bool:
        """Write what waits, in its order; says whether nothing does any more."""
        while self._waiting and self._written(self._waiting[0]):
            self._waiting.popleft()
        with self._losing:
            if self._waiting or (self._lost and not self._confess()):
                return False
            self._thread, self._trouble = None, None
            return True

    def _give_up(self) -> None:
        """Write what there is room for, were it but how many entries there was none for."""
        left = [entry for entry in self._waiting if not self._written(entry)]
        self._waiting.clear()
        self._lost += len(left)
        self._confess()

    def _confess(self) -> bool:
        told = self._written(event("lost", f"{self._lost} entries were lost: there was no room for them"))
        self._lost = 0 if told else self._lost
        return told


# A forked child inherits neither the thread nor what its parent has still to write.
_OPEN: WeakSet[JsonLines] = WeakSet()


def _begin_again() -> None:
    for sink in tuple(_OPEN):
        sink._start()  # pyright: ignore[reportPrivateUsage]


os.register_at_fork(after_in_child=_begin_again)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (CALLS, EVENTS):
            (folder / name).open("ab").close()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from error
