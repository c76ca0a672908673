import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest

from facewarden.detector.calls.attribution import Attribution, Declared
from facewarden.detector.calls.taps.patch import Patches
from facewarden.detector.calls.taps.threads import carry

BLOCK = Attribution("cam", "block", 1.0)


@pytest.fixture
def carried() -> Iterator[Patches]:
    patches = Patches()
    carry(patches)
    yield patches
    patches.undo()


def test_a_block_says_whose_calls_are_made_in_it_and_nothing_after_it() -> None:
    declared = Declared()
    with declared.block("cam"):
        assert declared.source() == BLOCK
        with declared.block("inner"):
            assert declared.in_block() == "inner"
        assert declared.in_block() == "cam"
    assert declared.source() is None


def test_two_guards_in_a_process_do_not_share_their_blocks() -> None:
    one, other = Declared(), Declared()
    with one.block("cam"):
        assert other.source() is None
        with other.block("desk"):
            assert (one.in_block(), other.in_block()) == ("cam", "desk")


def run_in(thread: threading.Thread) -> None:
    thread.start()
    thread.join()


@pytest.mark.usefixtures("carried")
def test_a_thread_belongs_to_the_block_that_it_was_started_in() -> None:
    declared, seen = Declared(), []
    with declared.block("cam"):
        run_in(threading.Thread(target=lambda: seen.append(declared.in_block())))
    run_in(threading.Thread(target=lambda: seen.append(declared.in_block())))

    assert seen == ["cam", None]


@pytest.mark.usefixtures("carried")
def test_a_thread_of_the_host_s_own_class_is_carried_and_left_as_it_was() -> None:
    declared = Declared()

    class Worker(threading.Thread):
        seen: str | None = None

        def run(self) -> None:
            self.seen = declared.in_block()

    worker = Worker()
    before = dict(vars(worker))
    with declared.block("cam"):
        run_in(worker)

    assert worker.seen == "cam"
    assert "run" not in vars(worker)
    assert vars(worker).keys() == {*before, "seen"}


@pytest.mark.usefixtures("carried")
def test_a_thread_that_cannot_be_started_raises_what_it_would_have_raised() -> None:
    declared, thread = Declared(), threading.Thread(target=print, daemon=True)
    with declared.block("cam"):
        run_in(thread)
        with pytest.raises(RuntimeError, match="threads can only be started once"):
            thread.start()
    assert "run" not in vars(thread)


@pytest.mark.usefixtures("carried")
def test_a_job_belongs_to_the_block_that_handed_it_over_not_to_that_which_started_the_thread() -> None:
    declared = Declared()
    with ThreadPoolExecutor(1) as pool:
        with declared.block("cam"):
            assert pool.submit(declared.in_block).result() == "cam"
        with declared.block("desk"):
            assert pool.submit(declared.in_block).result() == "desk"
        assert pool.submit(declared.in_block).result() is None
        with declared.block("cam"):
            assert list(pool.map(lambda _: declared.in_block(), range(2))) == ["cam", "cam"]


@pytest.mark.usefixtures("carried")
def test_tasks_and_executors_of_a_loop_belong_to_the_block_that_they_were_made_in() -> None:
    declared = Declared()

    async def ask() -> str | None:
        await asyncio.sleep(0)
        return declared.in_block()

    async def main() -> list[str | None]:
        with declared.block("cam"):
            task = asyncio.create_task(ask())
            job = asyncio.get_running_loop().run_in_executor(None, declared.in_block)
            thread = asyncio.to_thread(declared.in_block)
        return [await task, await job, await thread, await ask()]

    assert asyncio.run(main()) == ["cam", "cam", None, None]  # to_thread is handed over where it is awaited


@pytest.mark.usefixtures("carried")
def test_arguments_results_and_errors_of_a_job_are_the_host_s_own() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda one, pool, blocks: (one, pool, blocks), 1, pool=2, blocks=3).result() == (1, 2, 3)
        with pytest.raises(ZeroDivisionError):
            pool.submit(lambda: 1 / 0).result()


def test_what_carries_is_taken_away_without_trace() -> None:
    before = threading.Thread.start, ThreadPoolExecutor.submit
    patches = Patches()
    carry(patches)
    assert threading.Thread.start is not before[0]
    patches.undo()

    assert (threading.Thread.start, ThreadPoolExecutor.submit) == before


def test_the_environment_names_the_source_of_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEWARDEN_SOURCE", "door")
    declared = Declared()

    assert declared.source() == Attribution("door", "environment", 0.9)
    assert declared.in_block() is None
    with declared.block("cam"):
        assert declared.source() == BLOCK


def test_the_baggage_of_a_request_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module stands in for OpenTelemetry's API, whose `get_baggage(name)` gives what a header brought."""
    monkeypatch.setenv("FACEWARDEN_SOURCE", "door")
    baggage: Any = ModuleType("opentelemetry.baggage")
    baggage.get_baggage = {"facewarden.source": "unit-17"}.get
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.baggage", baggage)

    assert Declared().source() == Attribution("unit-17", "baggage", 0.9)
