"""Work on many sources by a few threads: each in its turn, one piece at a time."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from ...streams.leaving import WORK_S, leaves

_log = logging.getLogger(__name__)


class Pool:
    """Threads that do what is due, one piece of work a turn, so that none that has much keeps others waiting.

    Args:
        threads: how many.
    """

    def __init__(self, threads: int) -> None:
        self._due: deque[Callable[[], bool]] = deque()
        self._at_work: set[Callable[[], bool]] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._run, name=f"facewarden-look-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()
        leaves(self, WORK_S)

    def wake(self, work: Callable[[], bool]) -> None:
        """There is something to do for `work`, which answers whether more is left. Never waits for it."""
        with self._changed:
            if work not in self._due:
                self._due.append(work)
                self._changed.notify()

    def close(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def join(self, timeout: float) -> bool:
        """Wait so many seconds for what was begun; whether it has ended."""
        until = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while (work := self._next()) is not None:
            more = _attempt(work)
            with self._changed:
                self._at_work.discard(work)
            if more:
                self.wake(work)
            else:
                with self._changed:
                    self._changed.notify()

    def _next(self) -> Callable[[], bool] | None:
        with self._changed:
            while not self._closed:
                for _ in range(len(self._due)):
                    work = self._due.popleft()
                    if work not in self._at_work:
                        self._at_work.add(work)
                        return work
                    self._due.append(work)
                self._changed.wait(1.0)
        return None


def _attempt(work: Callable[[], bool]) -> bool:
    try:
        return work()
    except Exception:  # noqa: BLE001 - one source's trouble must not take the thread from all others
        _log.exception("a piece of work failed")
        return False
