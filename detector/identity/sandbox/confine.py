"""What a process gives up before it looks at a file that may be hostile."""

import os
import resource
from contextlib import suppress
from pathlib import Path

from .landlock import forbid_writing
from .seccomp import forbid_calls

_OPEN_FILES = 256
_MAPPED = 4 << 30  # bytes of address space that libraries take and do not fill


def confine() -> bool:
    """Give up writing, the network and other processes, for good; call it while there is one thread.

    Returns:
        Whether the kernel holds this process to it. Where it does not, only the size of files is limited, to nothing:
        what is there could still be emptied.
    """
    os.umask(0o777)
    for kind, most in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, _OPEN_FILES)):
        _lower(kind, most)
    landlock = _is_alone() and forbid_writing()
    return forbid_calls() or landlock


def allow(seconds: int, memory: int) -> None:
    """What the next task may take: processor time from now, in seconds, and memory that it writes to, in bytes."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    for kind, most in (
        (resource.RLIMIT_CPU, used + seconds),
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_AS, memory + _MAPPED),  # systems on which the former does not count what is mapped
    ):
        hard = resource.getrlimit(kind)[1]
        with suppress(ValueError, OSError):  # a system that knows no such limit
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _lower(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _is_alone() -> bool:
    """Landlock binds the thread that asks for it, and those that it starts."""
    tasks = Path("/proc/self/task")
    return tasks.is_dir() and len(list(tasks.iterdir())) == 1
