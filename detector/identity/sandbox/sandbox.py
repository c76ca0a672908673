"""The way to the process that looks at files: one for all of them, started when it is first needed, and anew after each
file that ended it or took too long."""

import atexit
import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path
from socket import socket, socketpair
from threading import Lock
from time import monotonic

import msgspec

from ...errors import ModelError
from ..known import Knowledge
from ..model import Unrunnable
from ..opening import Closed
from ..verdict import Verdict, examine
from .limits import Limits
from .messages import Answer, Task, receive, send
from .system import waited

_PATIENCE = 5.0  # seconds until a process that hung up has ended
_PATIENT = 4  # times its time by the wall until a process that starts on a busy machine must have taken a file
_FILES = 256  # until the process is started anew: what files leave behind there is bounded
_IDLE = 30.0  # seconds from which it is started anew: it ends by itself some time later
# One thread for all that calculates, so that there is one when it confines itself, and the same answer everywhere.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_START = (
    "import sys; sys.path.extend(place for place in sys.argv[1:-1] if place not in sys.path); "
    f"from {__package__}.child import main; main()"
)


_USUAL = Limits()


class _Ended(Unrunnable):
    """The process is gone, and it does not show why."""


class _Child:
    """A process of ours, and the link to it."""

    def __init__(self) -> None:
        if not sys.executable or getattr(sys, "frozen", False) or os.name != "posix":
            raise Unrunnable("no process of its own can be started to look at it")
        self.link, theirs = socketpair()
        self.files, self.used = 0, monotonic()
        with theirs:
            self._process = _started(theirs)

    @property
    def fresh(self) -> bool:
        """Whether it may be given another file."""
        return self._process.poll() is None and self.files < _FILES and monotonic() - self.used < _IDLE

    def ask(self, task: Task, content: bytes, seconds: float) -> Answer:
        """Have it look at a file; raises `Unrunnable` where that ends it, or takes longer by the wall."""
        self.files += 1
        self.link.settimeout(seconds * _PATIENT)
        try:
            send(self.link, task)
            self.link.sendall(content)
            self._wait(seconds)
            answer = msgspec.msgpack.decode(receive(self.link), type=Answer)
        except TimeoutError as error:
            raise Unrunnable("takes too long by the wall, and was ended") from error
        except (EOFError, OSError, msgspec.DecodeError) as error:
            raise self._why(task) from error
        self.used = monotonic()
        return answer

    def _wait(self, seconds: float) -> None:
        """Until it answers; the time that it waits for a processor is not its own."""
        until, before = monotonic() + seconds, waited(self._process.pid)
        with selectors.DefaultSelector() as answers:
            answers.register(self.link, selectors.EVENT_READ)
            while (left := until + waited(self._process.pid) - before - monotonic()) > 0:
                if answers.select(left):
                    return
        raise TimeoutError

    def end(self) -> None:
        """Kill it."""
        self.link.close()
        self._process.kill()
        self._process.wait()

    def leave(self) -> None:
        """Let go of it without a word: it is another's."""
        self.link.close()
        self._process.returncode = 0  # so that nobody waits for it

    def _why(self, task: Task) -> Unrunnable:
        self.link.close()
        try:
            status = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            return _Ended("ended the process that looked at it")
        if status == -signal.SIGXCPU:
            return Unrunnable(f"takes more than {task.seconds} s of processor time")
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return _Ended(f"ended the process that looked at it ({how})")


class Sandbox:
    """A pool of one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._child: _Child | None = None
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget)

    def examine(self, content: bytes, path: Path | None, known: Knowledge | None, limits: Limits = _USUAL) -> Answer:
        """Look at a file in the process. Thread-safe: one file at a time.

        Raises:
            Unrunnable: it cannot be started, or the file ended it.
        """
        task = Task(
            size=len(content),
            path=os.fsencode(path) if path is not None else None,
            known=known,
            seconds=limits.seconds_for(len(content)),
            memory=limits.memory_for(len(content)),
        )
        with self._lock:
            seconds = limits.wall_for(len(content))
            used = self._ready().files > 0
            try:
                return self._ask(task, content, seconds)
            except _Ended:
                if not used:
                    raise
            # It may have been ended from outside, or by what another file left there.
            return self._ask(task, content, seconds)

    def close(self) -> None:
        """End the process; the next file starts another."""
        with self._lock:
            self._end()

    def _ask(self, task: Task, content: bytes, seconds: float) -> Answer:
        try:
            return self._ready().ask(task, content, seconds)
        except BaseException:  # an interrupt leaves half an answer on its way
            self._end()
            raise

    def _ready(self) -> _Child:
        if self._child is not None and not self._child.fresh:
            self._end()
        self._child = self._child or _Child()
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None

    def _forget(self) -> None:
        """In a fork the process is the parent's, and the lock may be held by a thread that is not there."""
        self._lock = Lock()
        if self._child is not None:
            self._child.leave()
            self._child = None


_sandbox = Sandbox()


def examine_apart(
    content: bytes, kind: str, path: Path | None, known: Knowledge | None, limits: Limits | None = None
) -> Verdict:
    """Look at a model file in a process that can do no harm; whatever it does there is part of the answer.

    Args:
        content: the whole file.
        kind: its format.
        path: where it lies, for files that belong to it; None where nothing beside it is to be read.
        known: published models to compare with; what ships where None.
        limits: what it may take; the usual where None.

    Raises:
        ModelError: it is no model file.
    """
    try:
        answer = _sandbox.examine(content, path, known, limits or _USUAL)
    except Unrunnable as reason:
        answer = Answer(reason=str(reason))
    if answer.error is not None:
        raise ModelError(answer.error)
    return answer.verdict or examine(Closed(kind, answer.reason or ""), known or Knowledge())


def _started(theirs: socket) -> "subprocess.Popen[bytes]":
    number = theirs.fileno()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "FACEWARDEN"))}
    try:
        return subprocess.Popen(  # noqa: S603 - the Python that runs us
            [sys.executable, "-I", "-c", _START, *filter(None, sys.path), str(number)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[number],
            start_new_session=True,  # what is typed at the terminal is not for it
            env={**environment, **dict.fromkeys(_THREADS, "1")},
        )
    except OSError as error:
        raise Unrunnable(f"no process can be started to look at it ({error.strerror})") from error
