"""The kernel, where Python has no name for it."""

import ctypes
import platform
from contextlib import suppress
from pathlib import Path

_NO_NEW_PRIVILEGES = 38  # prctl(2)


def call(number: int, *arguments: object) -> int:
    """A system call of Linux; -1 where it fails, and on every other system."""
    return int(ctypes.CDLL(None).syscall(number, *arguments)) if platform.system() == "Linux" else -1


def give_up_privileges() -> bool:
    """What the kernel asks for before a process may confine itself: it can gain none from here on."""
    return ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0


def waited(process: int) -> float:
    """Seconds that the threads of a process, added up, were ready to run and got no processor; 0 where the kernel does
    not say (sched-stats.rst of Linux's documentation). Threads that wait for each other wait one after the other."""
    total = 0
    for thread in Path(f"/proc/{process}/task").glob("*/schedstat"):
        with suppress(OSError, ValueError, IndexError):  # it has ended meanwhile
            total += int(thread.read_text().split()[1])
    return total / 1e9
