"""Who does the units of an audit: this process, several, or a Ray cluster. The result is the same."""

import os
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import active_children, get_context
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal
from typing import Any, Final

import msgspec

from ...streams.address import redacted
from ..errors import MissingLibrary
from ..sight.history import History
from .replay import Answer, Unread, Watcher
from .unit import Played, Unit, play_into

# Times that a unit may take its worker down with it before it is given up.
_TRIES: Final = 3


class Silent:
    """A watcher that tells nobody."""

    def begin(self, source: str, length: float | None) -> None: ...

    def at(self, media_time: float) -> None: ...

    def done(self, answer: Answer | Unread) -> None: ...

    def interrupted(self) -> None: ...


def here(units: Sequence[Unit], folder: Path, watcher: Watcher) -> Iterator[Played]:
    """One after the other, in this process."""
    for unit in units:
        yield _attempt(unit, folder, watcher)


def in_processes(units: Sequence[Unit], folder: Path, watcher: Watcher, workers: int) -> Iterator[Played]:
    """In so many processes, in whichever order they end. A worker that dies is replaced, and its unit tried again."""
    tries = dict.fromkeys(range(len(units)), 0)
    while tries:
        with _pool(workers) as pool:
            try:
                for number, played in _through(pool, units, folder, list(reversed(tries)), workers):
                    del tries[number]
                    watcher.done(played.answer)
                    yield played
            except BrokenProcessPool:
                for number in _struck(tries, workers):
                    del tries[number]
                    yield _crashed(units[number])


@contextmanager
def _pool(workers: int) -> Generator[ProcessPoolExecutor]:
    """Processes that end at once when the audit is interrupted, and not after the recording that they are at."""
    before = set(active_children())
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin)
    try:
        yield pool
    except (KeyboardInterrupt, GeneratorExit):
        for child in set(active_children()) - before:
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _through(
    pool: ProcessPoolExecutor, units: Sequence[Unit], folder: Path, left: list[int], workers: int
) -> Iterator[tuple[int, Played]]:
    """No more of them under way than there are workers, so that a death is told of few."""
    under_way: dict[Future[bytes], int] = {}
    while left or under_way:
        while left and len(under_way) < workers:
            number = left.pop()
            under_way[pool.submit(_work, msgspec.json.encode(units[number]), str(folder))] = number
        for future in wait(under_way, return_when=FIRST_COMPLETED).done:
            number = under_way.pop(future)
            yield number, msgspec.json.decode(future.result(), type=Played)


def _struck(tries: dict[int, int], workers: int) -> list[int]:
    """Count a try for those that were under way, the first that are left; gives those that had too many."""
    for number in list(tries)[:workers]:
        tries[number] += 1
    return [number for number, times in tries.items() if times >= _TRIES]


def with_ray(units: Sequence[Unit], folder: Path, watcher: Watcher, workers: int | None) -> Iterator[Played]:
    """On the Ray cluster that RAY_ADDRESS names, else on one started here. Its machines share the folder.

    Raises:
        MissingLibrary: Ray is not installed.
    """
    try:
        ray: Any = import_module("ray")
    except ImportError as error:
        raise MissingLibrary("--engine ray needs Ray: pip install 'facewarden[ray]'") from error
    started = not ray.is_initialized()
    if started:  # a program of the user's may have its own
        ray.init(
            num_cpus=None if os.environ.get("RAY_ADDRESS") else workers, log_to_driver=False, logging_level="ERROR"
        )
    try:
        work = ray.remote(num_cpus=1, max_retries=_TRIES - 1)(_work)
        under_way = {work.remote(msgspec.json.encode(unit), str(folder)): unit for unit in units}
        while under_way:
            (done,), _ = ray.wait([*under_way])
            played = _fetched(ray, done, under_way.pop(done))
            watcher.done(played.answer)
            yield played
    finally:
        if started:
            ray.shutdown()


def _fetched(ray: Any, done: object, unit: Unit) -> Played:
    try:
        return msgspec.json.decode(ray.get(done), type=Played)
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError):
        return _crashed(unit)


def _begin() -> None:
    """In a worker: one thread for the analysis, as everywhere; an interruption is the parent's to see."""
    import cv2

    cv2.setNumThreads(1)
    signal(SIGINT, SIG_IGN)


def _work(unit: bytes, folder: str) -> bytes:
    return msgspec.json.encode(_attempt(msgspec.json.decode(unit, type=Unit), Path(folder), Silent()))


def _attempt(unit: Unit, folder: Path, watcher: Watcher) -> Played:
    """A failure of ours is a row of the report, and the others are done."""
    try:
        return play_into(unit, folder, watcher)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        return _failed(unit, str(getattr(error, "kind", "failure")), str(error))


def _crashed(unit: Unit) -> Played:
    return _failed(unit, "crash", f"looking at it ended the worker {_TRIES} times")


def _failed(unit: Unit, kind: str, problem: str) -> Played:
    return not_played(unit, kind, f"{unit.name}: {problem}")


def not_played(unit: Unit, kind: str, message: str) -> Played:
    """A unit that gave nothing, and why."""
    return Played(Unread(unit.name, redacted(unit.url), {"kind": kind, "message": message}), History(), {})
