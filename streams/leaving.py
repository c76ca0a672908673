"""What runs on daemon threads ends before the interpreter does: a thread that it ends in the midst of OpenCV's or
FFmpeg's code takes the whole process with it ("terminate called without an active exception")."""

import atexit
import time
from typing import Final, Protocol
from weakref import WeakKeyDictionary

# A read may wait for a network, and a process that ends must not; a piece of work ends by itself.
_READ_S: Final = 1.0
WORK_S: Final = 20.0


class Leaving(Protocol):
    """Something that works on threads of its own."""

    def close(self) -> None:
        """Begin nothing more; never waits."""
        ...

    def join(self, timeout: float) -> bool:
        """Wait so many seconds for the threads; whether they have ended."""
        ...


_RUNNING: "WeakKeyDictionary[Leaving, float]" = WeakKeyDictionary()


def leaves(one: Leaving, within: float = _READ_S) -> None:
    """End it when the process does, and wait for it so many seconds at most."""
    _RUNNING[one] = within


@atexit.register
def _leave() -> None:
    """End them all first, and then wait for each."""
    running, now = sorted(_RUNNING.items(), key=lambda pair: pair[1]), time.monotonic()
    for one, _ in running:
        one.close()
    for one, within in running:
        one.join(max(0.0, now + within - time.monotonic()))
