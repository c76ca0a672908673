"""Something done every few seconds, in this process and in those forked from it."""

import os
from collections.abc import Callable
from threading import Event, Thread, current_thread

_beating: "set[Heartbeat]" = set()


class Heartbeat:
    """Calls `beat` at once and then every `seconds`, from a daemon thread; `beat` must not raise."""

    def __init__(self, beat: Callable[[], object], seconds: float) -> None:
        self._beat, self._seconds = beat, seconds

    def start(self) -> None:
        """Beat until `stop`; a child that is forked meanwhile beats by itself."""
        self._stopped = Event()
        self._thread = Thread(target=self._run, args=(self._stopped,), name="facewarden-heartbeat", daemon=True)
        _beating.add(self)
        self._thread.start()

    def stop(self) -> None:
        """Beat no more; waits for a beat that is under way."""
        _beating.discard(self)
        self._stopped.set()
        if self._thread is not current_thread():
            self._thread.join()

    def _run(self, stopped: Event) -> None:
        self._beat()
        while not stopped.wait(self._seconds):
            self._beat()


def _begin_again() -> None:
    for heartbeat in tuple(_beating):
        heartbeat.start()


os.register_at_fork(after_in_child=_begin_again)
