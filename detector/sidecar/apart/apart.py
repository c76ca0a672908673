"""Reads sources in a process of its own, and hears from it what is seen; where that process ends, another begins."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from socket import socketpair
from typing import Final

from ....streams.backoff import Backoff
from ....streams.leaving import leaves
from ....streams.pushed import ADDRESS, PushedFeed
from ...records.entry import Event
from ...records.here import event
from ..cameras import Cameras, CameraStatus
from ..shown import ShowingGuard
from .afar import Afar, joined
from .messages import Orders, Setup, Told, as_heard, encode, read_told

READER: Final = "facewarden.detector.sidecar.cameras:Cameras"
# Seconds of silence after which nobody knows whether it looks at anything, and after which it is ended; when it begins,
# and with other sources, it has much to load.
_SILENT_S, _LONGEST_S, _BEGINS_S = 3.0, 10.0, 120.0
_ENDS_S: Final = 5.0


class Apart:
    """A `Sources`: what is pushed comes to this process and is looked at here, all else in another. Every method may
    be called from any thread.

    Args:
        guard: is told what was seen.
        note: told of what happens to a source; it must not wait.
        reader: what reads the sources there, as `module:name`.
    """

    def __init__(self, guard: ShowingGuard, note: Callable[[Event], None], reader: str = READER) -> None:
        self._guard, self._note, self._reader = guard, note, reader
        self._here = Cameras(guard, note)
        self._lock = threading.Lock()
        self._addresses: dict[str, str] = {}
        self._number = 0
        self._afar: dict[str, Afar] = {}
        self._asked: dict[str, int] = {}
        self._trouble: str | None = None
        self._heard_at: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="facewarden-apart", daemon=True)
        leaves(self, _ENDS_S)

    @property
    def pid(self) -> int | None:
        """The process that looks; None where there is none at present."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def set(self, addresses: Mapping[str, str]) -> None:
        """See `Cameras.set`; the other process is told within a few hundredths of a second."""
        with self._lock:
            self._here.set({name: url for name, url in addresses.items() if url == ADDRESS})
            there = {name: url for name, url in addresses.items() if url != ADDRESS}
            for name in [name for name in self._afar if there.get(name) != self._addresses.get(name)]:
                del self._afar[name]
                self._guard.forget(name)
            for name in there.keys() - self._afar.keys():
                self._guard.afar[name] = self._afar[name] = Afar(name)
            self._addresses, self._number = there, self._number + 1
            if there and self._thread.ident is None:
                self._thread.start()

    def statuses(self) -> tuple[CameraStatus, ...]:
        """How it stands with all sources."""
        now = time.monotonic()
        trouble = self._trouble
        if self._heard_at is not None and now - self._heard_at > _SILENT_S:
            trouble = trouble or "the process that looks at it says nothing"
        with self._lock:
            afar = tuple(self._afar.values())
        return (*self._here.statuses(), *(one.status(now, trouble) for one in afar))

    def pushed(self, name: str) -> PushedFeed | None:
        """See `Cameras.pushed`."""
        return self._here.pushed(name)

    def close(self, timeout: float = _ENDS_S) -> None:
        """End the reading, and wait for it that long, seconds."""
        until = time.monotonic() + timeout
        self._ending.set()
        self._here.close(timeout)
        self.join(max(0.0, until - time.monotonic()))

    def join(self, timeout: float) -> bool:
        """Wait so long for the other process; one that has not ended by then is ended."""
        if self._thread.ident is None:
            return True
        self._thread.join(timeout)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        return not self._thread.is_alive()

    def _run(self) -> None:
        backoff = Backoff("apart")
        while not self._ending.is_set():
            began = time.monotonic()
            why = self._attempt()
            if not self._ending.is_set():
                self._trouble = f"the process that looks at it {why}, and is begun again"
                self._note(event("failure", f"the process that looks at the sources {why}, and is begun again"))
                self._ending.wait(backoff.wait(time.monotonic() - began))

    def _attempt(self) -> str:
        """Begin it, and hear it to its end; why that came."""
        try:
            return self._hear_one()
        except (EOFError, OSError) as error:
            return "cannot be begun" if self._process is None else self._ended(error)
        except Exception as error:  # noqa: BLE001 - what it says may be anything, once somebody has got hold of it
            return f"said what is not understood ({type(error).__name__})"
        finally:
            self._stop()

    def _hear_one(self) -> str:
        ours, theirs = socketpair()
        with theirs:
            command = [sys.executable, "-P", "-m", __package__ or "", str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)  # noqa: S603 - ourselves
        with Connection(ours.detach()) as connection:
            return self._hear(connection)

    def _hear(self, connection: Connection) -> str:
        recording = self._guard.recording
        keeps = recording is not None and recording.keeps_looks
        setup = Setup(self._reader, self._guard.site.faces, self._guard.sight.seed, recording is not None, keeps)
        connection.send_bytes(encode(setup))
        given, runs, patience = 0, dict[int, int](), _BEGINS_S
        while connection.poll(patience):
            told = read_told(connection.recv_bytes())
            self._take(told, runs)
            if self._ending.is_set():
                connection.send_bytes(encode(Orders(given, end=True)))
                return "was ended"
            if (orders := self._orders(given)) is not None:
                given = orders.number
                connection.send_bytes(encode(orders))
            patience = _LONGEST_S if told.orders == given else _BEGINS_S
        return "says nothing"

    def _take(self, told: Told, runs: dict[int, int]) -> None:
        """The recording first: what a call is judged by stands in it by then."""
        if (recording := self._guard.recording) is not None:
            for one in told.kept:
                run = one.picture.run
                runs[run] = recording.begun() if run not in runs else runs[run]
                recording.heard(as_heard(one, runs[run]))
            recording.lose(told.lost)
        for happened in told.events:
            self._note(happened)
        with self._lock:
            if told.orders == self._number:
                self._believe(told)

    def _believe(self, told: Told) -> None:
        now = time.monotonic()
        shown, afar = self._guard.shown, self._afar
        for seen in told.seen:
            if (one := afar.get(seen.source)) is not None:  # a source that is gone may still have had a picture
                one.last = seen
        for standing in told.standing:
            one = afar[standing.status.name]
            one.standing, one.told_at = standing, now
        for name, pictures in told.shown.items():
            if name in afar:
                shown.put(name, joined(shown.kept().get(name), pictures))
        self._heard_at, self._trouble = now, None

    def _orders(self, given: int) -> Orders | None:
        """What it has to be told, where there is anything."""
        with self._lock:
            number, addresses = self._number, self._addresses
            asked = {name: one.calls - self._asked.get(name, 0) for name, one in self._afar.items()}
            self._asked = {name: one.calls for name, one in self._afar.items()}
        asked = {name: calls for name, calls in asked.items() if calls}
        if number == given and not asked and not self._guard.shown.wanted:
            return None
        return Orders(number, None if number == given else addresses, asked, self._guard.shown.wanted)

    def _ended(self, error: Exception) -> str:
        """Why it is no more, in words."""
        try:
            status = self._process.wait(1.0) if self._process else None
        except subprocess.TimeoutExpired:
            return f"is not heard any more ({type(error).__name__})"
        return f"has ended (status {status})"

    def _stop(self) -> None:
        """See to it that it has ended: what was told to end ends by itself."""
        if self._process is None:
            return
        try:
            self._process.wait(_ENDS_S if self._ending.is_set() else 0.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with self._lock:
            self._process = self._heard_at = None
            for one in self._afar.values():
                one.standing = None
