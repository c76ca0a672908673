"""Threads that nobody waits for."""

import asyncio
import threading

import pytest

from facewarden.detector.sidecar.workers import Workers


def test_what_work_finds_or_raises_comes_to_whoever_awaits_it() -> None:
    async def done() -> int:
        workers = Workers(1, "w")
        with pytest.raises(ValueError, match="nothing"):
            await workers.do(_fail)
        return await workers.do(lambda: 7)

    assert asyncio.run(done()) == 7


def test_no_more_threads_work_than_were_allowed() -> None:
    many, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2)

    def work() -> None:
        nonlocal many, most
        with lock:
            many += 1
            most = max(most, many)
        both.wait(10)
        with lock:
            many -= 1

    async def done() -> None:
        workers = Workers(2, "w")
        await asyncio.gather(*(workers.do(work) for _ in range(6)))

    asyncio.run(done())
    assert most == 2


def test_a_loop_ends_while_its_work_goes_on() -> None:
    go, ended = threading.Event(), threading.Event()

    def work() -> None:
        go.wait(10)
        ended.set()

    async def begin() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await Workers(1, "w").do(work)

    asyncio.run(begin())
    assert not ended.is_set()
    assert [thread.daemon for thread in threading.enumerate() if thread.name == "w"] == [True]  # nobody waits for it
    go.set()
    assert ended.wait(10)


def _fail() -> None:
    raise ValueError("nothing")


def test_whatever_work_raises_nobody_waits_for_ever() -> None:
    async def done() -> None:
        for raised in (StopIteration(), SystemExit()):
            with pytest.raises(RuntimeError, match=type(raised).__name__):
                await asyncio.wait_for(Workers(1, "w").do(lambda raised=raised: _raise(raised)), 10)

    asyncio.run(done())


def test_a_thread_that_cannot_begin_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    async def done() -> int:
        workers = Workers(1, "w")
        with monkeypatch.context() as without:
            without.setattr(threading.Thread, "start", lambda _: _raise(RuntimeError("no thread")))
            with pytest.raises(RuntimeError, match="thread"):
                await workers.do(lambda: 7)
        return await asyncio.wait_for(workers.do(lambda: 7), 10)

    assert asyncio.run(done()) == 7


def _raise(error: BaseException) -> None:
    raise error
