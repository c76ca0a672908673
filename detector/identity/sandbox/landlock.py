"""Landlock: what the kernel lets a process do with files, given up for good (Linux 5.13; landlock(7))."""

import ctypes

from .system import call, give_up_privileges

_CREATE, _RESTRICT = 444, 446  # numbers of the system calls, the same on every architecture
_ASK_VERSION = 1
# What writes, by the version of Landlock that knows it: bits of `handled_access_fs`.
_EXECUTE, _WRITE_FILE = 1 << 0, 1 << 1
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
_FILES = {1: _EXECUTE | _WRITE_FILE | _REMOVE_AND_MAKE, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}  # link, truncate, ioctl
_TCP, _TCP_SINCE = 0b11, 4  # bind and connect
_SCOPES, _SCOPES_SINCE = 0b11, 6  # abstract sockets and signals to processes outside


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def forbid_writing() -> bool:
    """Take from this thread, and from those it starts, every right to change or execute a file; False where the kernel
    has no Landlock."""
    version = call(_CREATE, None, 0, _ASK_VERSION)
    if version < 1:
        return False
    rules = _Ruleset(
        files=sum(bits for since, bits in _FILES.items() if since <= version),
        network=_TCP if version >= _TCP_SINCE else 0,
        scopes=_SCOPES if version >= _SCOPES_SINCE else 0,
    )
    ruleset = call(_CREATE, ctypes.byref(rules), ctypes.sizeof(rules) if version >= _SCOPES_SINCE else 16, 0)
    return ruleset >= 0 and give_up_privileges() and call(_RESTRICT, ruleset, 0) == 0
