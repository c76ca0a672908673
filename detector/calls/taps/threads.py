"""Blocks go along into threads that are started, and into work for pools, in a block.

Only this one variable goes along, nothing else of the host's context. `run_in_executor` hands work to a pool, too.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..attribution.declared import Declared, Request, as_a_job, blocks, served, set_blocks
from .patch import Function, Patches


def carry(patches: Patches) -> None:
    """Carry blocks along from now on."""
    patches.wrap(threading.Thread, "start", _starting)
    patches.wrap(ThreadPoolExecutor, "submit", _submitting)


def _starting(original: Function) -> Function:
    def start(thread: Any, *args: object, **kwargs: object) -> object:
        begun_in = blocks()
        if not begun_in:
            return original(thread, *args, **kwargs)
        attributes: dict[str, Any] = thread.__dict__
        own, run = attributes.get("run"), thread.run

        def restore() -> None:
            attributes.pop("run", None)
            if own is not None:
                thread.run = own

        def running() -> None:
            restore()
            set_blocks(begun_in)
            run()

        thread.run = running  # of this thread alone, whoever its class is, until it runs
        try:
            return original(thread, *args, **kwargs)
        except BaseException:
            restore()
            raise

    return start


def _submitting(original: Function) -> Function:
    def submit(pool: object, fn: Callable[..., object], /, *args: object, **kwargs: object) -> object:
        return original(pool, _work, blocks(), served(), fn, *args, **kwargs)

    return submit


def _work(
    begun_in: Mapping[Declared, str], request: Request, fn: Callable[..., object], /, *args: object, **kwargs: object
) -> object:
    with as_a_job(begun_in, request):
        return fn(*args, **kwargs)
