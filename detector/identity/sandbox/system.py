"""The kernel, where Python has no name for it."""

import ctypes
import platform

_NO_NEW_PRIVILEGES = 38  # prctl(2)


def call(number: int, *arguments: object) -> int:
    """A system call of Linux; -1 where it fails, and on every other system."""
    return int(ctypes.CDLL(None).syscall(number, *arguments)) if platform.system() == "Linux" else -1


def give_up_privileges() -> bool:
    """What the kernel asks for before a process may confine itself: it can gain none from here on."""
    return ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
