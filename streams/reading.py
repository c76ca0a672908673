"""Live sources that are read: a thread for each, which never waits for whoever takes its pictures, and comes back."""

import threading
import time
from abc import abstractmethod
from collections.abc import Callable
from typing import Final

from .backoff import Backoff
from .errors import SourceError, UnreadableSource
from .feed import DEPTH, Feed
from .leaving import leaves

# Seconds that somebody who reads a live source as if it were a file waits for it to come back.
PATIENCE_S: Final = 30.0


class ReadFeed(Feed):
    """A live source that a daemon thread reads. After a loss it tries again, ever less often up to every five seconds.

    Args:
        name, depth, told, ready: see `Feed`.
        shown: its address as it may be shown.
        patience: seconds without a picture after which it gives up, with the error; None never does.
    """

    def __init__(
        self,
        name: str,
        shown: str,
        *,
        patience: float | None = None,
        depth: int = DEPTH,
        told: Callable[[str, str], None] | None = None,
        ready: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(name, depth=depth, told=told, ready=ready)
        self._shown, self._patience = shown, patience
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"facewarden-{name}", daemon=True)
        leaves(self)

    @abstractmethod
    def _session(self) -> None:
        """Read until `_stop` is set, or it is over.

        Raises:
            SourceError: it cannot be had, or is lost.
        """

    def close(self) -> None:
        """End it; the thread ends when its read does, or its time is out."""
        self._stop.set()
        super().close()

    def join(self, timeout: float) -> bool:
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        backoff, begun = Backoff(self.name), time.monotonic()
        while not self._stop.is_set():
            opened = time.monotonic()
            try:
                self._session()
            except SourceError as error:
                self._lost(error)
            except Exception as error:  # noqa: BLE001 - the thread must go on; the text may hold a password
                self._lost(UnreadableSource(self._shown, f"reading failed ({type(error).__name__})"))
            now = time.monotonic()
            if self._patience is not None and now - (self.heard or begun) > self._patience:
                return
            lasted = max(0.0, (self.heard or opened) - opened)
            self._stop.wait(backoff.wait(lasted))

    def _lost(self, error: SourceError) -> None:
        if self._stop.is_set():
            return
        never = self.heard is None and self._patience is not None
        overdue = self._patience is not None and time.monotonic() - (self.heard or 0.0) > self._patience
        super()._lost(error)
        if never or overdue:
            self._stop.set()
            self.handover.end(error)
