"""Which source the running code has been said to belong to: by a block, by baggage, by the environment.

A block holds for what is called in it, for the tasks of asyncio that are made in it, and, where a program is watched,
for the threads that are started and the work that is handed to pools of threads in it (`taps/threads.py`).
"""

import asyncio
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, NamedTuple
from weakref import ref

from .attribution import Attribution
from .baggage import source_in, source_in_context

VARIABLE = "FACEWARDEN_SOURCE"


class Request(NamedTuple):
    """A request that is served.

    Attributes:
        path: of its URL.
        headers: by their names in lower case.
    """

    path: str = ""
    headers: Mapping[str, str] = MappingProxyType({})


class Job:
    """A piece of work: one that a pool of threads was handed, or a request that is served. What one has read says
    nothing of the next.

    Attributes:
        request: the one that it is, or is done for.
    """

    def __init__(self, request: Request = Request()) -> None:  # noqa: B008 - nobody can change it
        self.request = request
        self._task = _running(weak=True)

    def is_of(self, task: object | None) -> bool:
        """Whether it was begun in this very task of asyncio, and not in one that has made this one."""
        return self._task is None or self._task() is task


# One variable for all: a context keeps the variables that were ever set in it, so that guards may not have their own.
_blocks: ContextVar[Mapping["Declared", str]] = ContextVar("facewarden_blocks", default={})  # noqa: B039 - never changed
_job: ContextVar[Job | None] = ContextVar("facewarden_job", default=None)


class Declared:
    """What has been said; each guard has its own."""

    def __init__(self) -> None:
        self._environment = os.environ.get(VARIABLE)

    @contextmanager
    def block(self, name: str) -> Generator[None]:
        """What this thread or task does in the block is on the source `name`."""
        token = _blocks.set({**_blocks.get(), self: name})
        try:
            yield
        finally:
            _blocks.reset(token)

    def in_block(self) -> str | None:
        """The source of the block that the running code is in."""
        return _blocks.get().get(self)

    def source(self, baggage: str = "") -> Attribution | None:
        """The source that the running code belongs to: what stands nearest to the call goes first.

        Args:
            baggage: the header of that name (W3C Baggage) of the request that is judged; after it counts the baggage
                of the request that is being served.
        """
        if name := self.in_block():
            return Attribution(name, "block", 1.0)
        if name := source_in(baggage) or source_in(served().headers.get("baggage", "")) or source_in_context():
            return Attribution(name, "baggage", 0.9)
        return Attribution(self._environment, "environment", 0.9) if self._environment else None


def blocks() -> Mapping[Declared, str]:
    """The blocks that the running code is in, of every guard."""
    return _blocks.get()


def set_blocks(begun_in: Mapping[Declared, str]) -> None:
    """What this thread runs from here on is in these blocks."""
    _blocks.set(begun_in)


@contextmanager
def as_a_job(begun_in: Mapping[Declared, str], request: Request) -> Generator[None]:
    """A job: in the blocks that it was handed over in, even none; those that its thread was started in are not its.
    It is done for that request."""
    said, began = _blocks.set(begun_in), _job.set(Job(request))
    try:
        yield
    finally:
        _blocks.reset(said)
        _job.reset(began)


def begin_job(request: Request | None) -> None:
    """From here on this thread or task does another job: that request, or, where it is None, one that is done for the
    same request."""
    _job.set(Job(served() if request is None else request))


def served() -> Request:
    """The request that is being served; without a path where none is."""
    job = _job.get()
    return job.request if job else Request()


def current_job() -> object | None:
    """The job that runs, or the task of asyncio where that was made in it; None in a thread of its own."""
    task, job = _running(), _job.get()
    return job if job is not None and job.is_of(task) else task


def _running(weak: bool = False) -> Any:
    """The task of asyncio that runs, or a reference to it; None where none does."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs here
        return None
    return ref(task) if weak and task else task
