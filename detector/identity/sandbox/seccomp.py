"""A filter of system calls: no file is opened for writing or changed, no network, no other process (seccomp(2)).

Says the same of files as Landlock, on kernels that lack that, and what Landlock does not know: modes and owners of
files, datagrams, forks.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator
from typing import NamedTuple

from .system import call, give_up_privileges


class _Machine(NamedTuple):
    """Of an architecture: its number in audit.h, and that of seccomp itself."""

    audit: int
    seccomp: int


_MACHINES = {"x86_64": _Machine(0xC000003E, 317), "aarch64": _Machine(0xC00000B7, 277)}
_COLUMN = {"x86_64": 0, "aarch64": 1}
_NONE = -1
# name: number on x86_64, on aarch64.
_FORBIDDEN = {
    # the tree of files
    "creat": (85, _NONE), "unlink": (87, _NONE), "unlinkat": (263, 35), "rename": (82, _NONE), "renameat": (264, 38),
    "renameat2": (316, 276), "mkdir": (83, _NONE), "mkdirat": (258, 34), "rmdir": (84, _NONE), "link": (86, _NONE),
    "linkat": (265, 37), "symlink": (88, _NONE), "symlinkat": (266, 36), "mknod": (133, _NONE), "mknodat": (259, 33),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    # what a file is
    "truncate": (76, 45), "ftruncate": (77, 46), "chmod": (90, _NONE), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "chown": (92, _NONE), "fchown": (93, 55), "lchown": (94, _NONE), "fchownat": (260, 54),
    "utime": (132, _NONE), "utimes": (235, _NONE), "futimesat": (261, _NONE), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    # the network
    "socket": (41, 198), "socketpair": (53, 199), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202),
    "connect": (42, 203), "accept4": (288, 242),
    # other programs and processes
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, _NONE), "vfork": (58, _NONE), "kill": (62, 129),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "pidfd_send_signal": (424, 424), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "unshare": (272, 97), "setns": (308, 268),
    # the kernel
    "bpf": (321, 280), "perf_event_open": (298, 241), "io_uring_setup": (425, 425), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218),
}  # fmt: skip
# Whose arguments lie in memory that a filter cannot see; the C library then takes the older call.
_UNSEEN = {"clone3": (435, 435), "openat2": (437, 437)}
# Which of its arguments decides, and which bits of that are wrong, or are wanted.
_OPENS = {"open": ((2, _NONE), 1), "openat": ((257, 56), 2)}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CLONE, _THREAD = (56, 220), 0x10000
_X32 = 0x40000000  # a second set of numbers on x86_64

# Classic BPF: load a word at an offset of seccomp_data, jump if equal, if greater or equal, if bits are set, return.
_LOAD, _EQUAL, _ATLEAST, _BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_FILTER, _ALL_THREADS = 1, 1


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def forbid_calls() -> bool:
    """Have the kernel refuse those calls to this process; False where it cannot, or on an architecture not known."""
    machine = _MACHINES.get(platform.machine())
    if platform.system() != "Linux" or machine is None:
        return False
    code = list(_code(machine.audit, _COLUMN[platform.machine()]))
    program = _Program(len(code), b"".join(code))
    return give_up_privileges() and call(machine.seccomp, _FILTER, _ALL_THREADS, ctypes.byref(program)) == 0


def _code(audit: int, column: int) -> Iterator[bytes]:
    refuse, absent = _REFUSE | errno.EPERM, _REFUSE | errno.ENOSYS
    yield from (_step(_LOAD, _ARCHITECTURE), _step(_EQUAL, audit, 1, 0), _step(_RETURN, refuse))
    yield from (_step(_LOAD, _NUMBER), _step(_ATLEAST, _X32, 0, 1), _step(_RETURN, refuse))
    for names, answer in ((_FORBIDDEN, refuse), (_UNSEEN, absent)):
        for numbers in names.values():
            if numbers[column] != _NONE:
                yield from (_step(_EQUAL, numbers[column], 0, 1), _step(_RETURN, answer))
    for numbers, argument in _OPENS.values():
        if numbers[column] != _NONE:
            yield from _by_bits(numbers[column], argument, _WRITES, refuse, _ALLOW)
    yield from _by_bits(_CLONE[column], 0, _THREAD, _ALLOW, refuse)
    yield _step(_RETURN, _ALLOW)


def _by_bits(number: int, argument: int, bits: int, where_set: int, where_not: int) -> Iterator[bytes]:
    """Of one call an answer by its argument; the number stays loaded for the next."""
    yield from (_step(_EQUAL, number, 0, 4), _step(_LOAD, _ARGUMENTS + 8 * argument), _step(_BITS, bits, 0, 1))
    yield from (_step(_RETURN, where_set), _step(_RETURN, where_not))


def _step(code: int, value: int, where_true: int = 0, where_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, where_true, where_false, value)
