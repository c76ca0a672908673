"""Entries as JSON lines: what was decided is in the kernel's hands before it is acted on.

An entry is written where it is put, but for calls that are like one before: those are noted (`Spool`), and a thread of
our own writes them a few hundredths of a second later. Several processes may write into one folder.
"""

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from weakref import WeakSet

from ..errors import InputError
from .appending import Appended
from .entry import write
from .here import event
from .lines import Kind, Lines, own_of
from .recorder import Judged
from .sink import Due
from .spool import Spool, finish_all, spool_of

CALLS: Final = "calls.jsonl"
EVENTS: Final = "events.jsonl"
# Seconds for which what is noted waits, and between two tries to write what could not be written.
_SOON, _PERIOD = 0.02, 0.2
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
        self._done(self._finish_others)
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
        if isinstance(entry, Judged) and self._noted(entry):
            return
        if self._waiting or self._closed or not self._written(entry):
            self._wait_for_better(entry)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._ended.set()
            self._due.set()
            if self._thread is not None:
                self._thread.join()
            if not (self._catch_up() and self._done(self._finish_others)):
                self._give_up()
            for spool in self._spools:
                spool.close(keep=spool.waits)
            self._calls.close()
            self._events.close()
            _OPEN.discard(self)
            atexit.unregister(self.close)

    def begin_again(self) -> None:
        """In a forked child: neither the thread is there, nor is it ours what its parent has still to write."""
        for spool in self._spools:
            spool.close(keep=True)
        self._start()

    def _start(self) -> None:
        self._waiting: deque[Due] = deque()
        self._trouble: str | None = None
        self._lost, self._losing, self._writing = 0, threading.Lock(), threading.RLock()
        self._ended, self._due, self._closed = threading.Event(), threading.Event(), False
        self._busy = self._awake = False
        self._spool: Spool | None = None
        self._retired: list[Spool] = []
        self._thread: threading.Thread | None = None

    # --- what is noted ------------------------------------------------------------------------------------------------

    def _noted(self, judged: Judged) -> bool:
        """Note a call, where it is like one before; says whether that was done."""
        if self._waiting or self._closed or (kind := self._lines.kind(judged)) is None:
            return False
        if (own := own_of(judged)) is None:
            return False
        spool = self._spool
        try:
            noted = spool is not None and spool.note(kind, own)
        except ValueError:  # another thread has closed it
            return False
        if noted and not self._awake:
            self._wake()
        return noted or self._makes_room(kind)

    def _wake(self) -> None:
        self._awake = True
        self._due.set()

    def _makes_room(self, kind: Kind) -> bool:
        """Have calls of this kind noted from the next one on."""
        if self._spool is not None and self._spool.has(kind):  # there was no room for one more
            return False
        with suppress(OSError), self._alone() as alone:  # where the disk is full, each is written where it is put
            if alone:
                if self._spool is not None and (self._spool.is_full or self._spool.is_lost):
                    self._retire(self._spool)
                self._spool = self._spool or spool_of(self._folder)
                self._spool.add(kind)
        self._watch()
        return False

    @property
    def _spools(self) -> list[Spool]:
        return self._retired if self._spool is None else [*self._retired, self._spool]

    def _retire(self, spool: Spool) -> None:
        self._retired.append(spool)
        self._spool = None

    def _write_noted(self) -> None:
        """Write what is noted; raises OSError where that cannot be."""
        with self._alone() as alone:
            if not alone:
                return
            for spool in self._spools:
                spool.write(self._folder / CALLS, self._calls.add)
            for spool in [spool for spool in self._retired if not spool.waits]:
                self._retired.remove(spool)
                spool.close()
            if self._spool is not None and self._spool.is_lost:
                self._retire(self._spool)

    @contextmanager
    def _alone(self) -> Generator[bool]:
        """Alone with what is noted; not so where a signal has come in the middle of that, in the same thread."""
        with self._writing:
            outermost, self._busy = not self._busy, True
            try:
                yield outermost
            finally:
                self._busy = not outermost

    def _finish_others(self) -> None:
        finish_all(self._folder, self._folder / CALLS, self._calls.add)

    def _written(self, due: Due) -> bool:
        """Write an entry behind what is noted; says whether that was done."""
        try:
            line, is_call = self._lines.line(due)
        except Exception as error:  # noqa: BLE001 - what a caller said may raise anything when it is asked what it is
            text = f"an entry was lost, for it cannot be written: {type(error).__name__}"
            line, is_call = write(event("lost", text)) + b"\n", False
        return self._done(lambda: (self._calls if is_call else self._events).add(line))

    def _done(self, add: Callable[[], None] = lambda: None) -> bool:
        """Write what is noted, and something behind it."""
        try:
            if self._spool is not None or self._retired:
                self._write_noted()
            add()
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
        self._watch()
        self._wake()

    def _watch(self) -> None:
        """Have a thread write what is noted or waits."""
        with self._losing:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="facewarden-record", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._due.wait()
            self._due.clear()
            self._awake = False  # what is put from here on wakes it again
            period = _SOON
            while not self._ended.wait(period) and not self._catch_up():
                period = _PERIOD

    def _catch_up(self) -> bool:
        """Write what is noted and what waits, in its order; says whether nothing does any more."""
        if not self._done():
            return False
        while self._waiting and self._written(self._waiting[0]):
            self._waiting.popleft()
        with self._losing:
            if self._waiting or (self._lost and not self._confess()):
                return False
            self._trouble = None
            return True

    def _give_up(self) -> None:
        """Write what there is room for, were it but how many entries there was none for."""
        left = [entry for entry in self._waiting if not self._written(entry)]
        self._waiting.clear()
        self._lost += len(left)
        self._confess()

    def _confess(self) -> bool:
        if not self._lost:
            return True
        told = self._written(event("lost", f"{self._lost} entries were lost: there was no room for them"))
        self._lost = 0 if told else self._lost
        return told


# A forked child inherits neither the thread nor what its parent has still to write.
_OPEN: WeakSet[JsonLines] = WeakSet()


def _begin_again() -> None:
    for sink in tuple(_OPEN):
        sink.begin_again()


os.register_at_fork(after_in_child=_begin_again)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (CALLS, EVENTS):
            (folder / name).open("ab").close()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from error
