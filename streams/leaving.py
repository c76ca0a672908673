"""What runs on daemon threads ends before the interpreter does: a thread that it ends in the midst of OpenCV's or
FFmpeg's code takes the whole process with it ("terminate called without an active exception")."""

import atexit
import time
from typing import Final, Protocol
from weakref import WeakSet

_LEAVING_S: Final = 1.0


class Leaving(Protocol):
    """Something that works on threads of its own."""

    def close(self) -> None:
        """Begin nothing more; never waits."""
        ...

    def join(self, timeout: float) -> bool:
        """Wait so many seconds for the threads; whether they have ended."""
        ...


_RUNNING: "WeakSet[Leaving]" = WeakSet()


def leaves(one: Leaving) -> None:
    """End it when the process does."""
    _RUNNING.add(one)


@atexit.register
def _leave() -> None:
    """End them, and wait a moment for all: a process that ends must not wait for a network."""
    running, until = tuple(_RUNNING), time.monotonic() + _LEAVING_S
    for one in running:
        one.close()
    for one in running:
        one.join(max(0.0, until - time.monotonic()))
