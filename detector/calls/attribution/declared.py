"""Which source the running code has been said to belong to: by a block, by the environment, by a header.

A block holds for what is called in it, for the tasks of asyncio that are made in it, and, with `carry`, for the threads
that are started and the work that is handed to pools of threads in it. Only this one variable goes along, nothing else
of the host's context.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from .attribution import Attribution

if TYPE_CHECKING:
    from ..taps.patch import Function, Patches

VARIABLE, BAGGAGE = "FACEWARDEN_SOURCE", "facewarden.source"


class Job:
    """A piece of work that a pool of threads was handed: what one job has read says nothing of the next."""


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

    def source(self) -> Attribution | None:
        """The source that the running code belongs to: by its block, else by the baggage of the request that it
        serves (W3C Baggage, where OpenTelemetry is loaded), else by the environment as it was at first."""
        if name := self.in_block():
            return Attribution(name, "block", 1.0)
        name = _baggage() or self._environment
        return Attribution(name, "declaration", 0.9) if name else None


def _baggage() -> str | None:
    baggage: Any = sys.modules.get("opentelemetry.baggage")
    value = baggage.get_baggage(BAGGAGE) if hasattr(baggage, "get_baggage") else None
    return value if isinstance(value, str) else None


def current_job() -> object | None:
    """The task of asyncio or the job of a pool that runs; None in a thread of its own."""
    try:
        return asyncio.current_task() or _job.get()
    except RuntimeError:  # no loop runs here
        return _job.get()


def carry(patches: "Patches") -> None:
    """Carry blocks into threads that are started, and into work for pools (`run_in_executor` is such), in a block."""
    patches.wrap(threading.Thread, "start", _starting)
    patches.wrap(ThreadPoolExecutor, "submit", _submitting)


def _starting(original: "Function") -> "Function":
    def start(thread: Any, *args: object, **kwargs: object) -> object:
        blocks = _blocks.get()
        if not blocks:
            return original(thread, *args, **kwargs)
        attributes: dict[str, Any] = thread.__dict__
        own, run = attributes.get("run"), thread.run

        def restore() -> None:
            attributes.pop("run", None)
            if own is not None:
                thread.run = own

        def running() -> None:
            restore()
            _blocks.set(blocks)
            run()

        thread.run = running  # of this thread alone, whoever its class is, until it runs
        try:
            return original(thread, *args, **kwargs)
        except BaseException:
            restore()
            raise

    return start


def _submitting(original: "Function") -> "Function":
    def submit(pool: object, fn: Callable[..., object], /, *args: object, **kwargs: object) -> object:
        return original(pool, _work, _blocks.get(), fn, *args, **kwargs)

    return submit


def _work(blocks: Mapping[Declared, str], fn: Callable[..., object], /, *args: object, **kwargs: object) -> object:
    """A job: in the blocks that it was handed over in, even none; those that its thread was started in are not its."""
    said, began = _blocks.set(blocks), _job.set(Job())
    try:
        return fn(*args, **kwargs)
    finally:
        _blocks.reset(said)
        _job.reset(began)
