"""A lock that survives a fork."""

import os
import threading
from weakref import WeakSet


class Lock:
    """As `threading.Lock`, in a `with` block; but a forked child finds it open, whichever thread of its parent held it.

    That thread is not in the child, so that nobody there would ever open it. What it was about to change may be half
    done in the child: keep what lies under such a lock so that this does no harm.
    """

    __slots__ = ("__weakref__", "_lock")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _LOCKS.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def renew(self) -> None:
        """Open it, whoever holds it."""
        self._lock = threading.Lock()


_LOCKS: WeakSet[Lock] = WeakSet()


def _renew_all() -> None:
    for lock in tuple(_LOCKS):
        lock.renew()


os.register_at_fork(after_in_child=_renew_all)
