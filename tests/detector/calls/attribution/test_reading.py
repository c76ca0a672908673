import asyncio
import gc
import os
import threading
from concurrent.futures import ThreadPoolExecutor

from facewarden.detector.calls.attribution import Attribution, Reading
from facewarden.detector.calls.attribution.reading import SECONDS
from facewarden.detector.calls.taps.patch import Patches
from facewarden.detector.calls.taps.threads import carry
from facewarden.detector.clock import ManualClock


def test_a_thread_that_reads_one_camera_runs_its_models_on_it() -> None:
    reading = Reading()
    assert reading.source() is None
    reading.read("cam")
    reading.read("cam")

    assert reading.source() == Attribution("cam", "thread", 0.8)


def test_a_thread_that_reads_two_cameras_could_mean_either_and_more_likely_the_last() -> None:
    clock = ManualClock()
    reading = Reading(clock)
    for name in ("cam", "desk"):
        reading.read(name)
        clock.advance(1)

    assert reading.source() == Attribution("desk", "thread", 0.8, others=("cam",))


def test_what_another_thread_reads_says_nothing_of_this_one() -> None:
    reading = Reading()
    thread = threading.Thread(target=reading.read, args=("cam",))
    thread.start()
    thread.join()

    assert reading.source() is None


def test_what_was_read_long_ago_says_nothing() -> None:
    clock = ManualClock()
    reading = Reading(clock)
    reading.read("cam")
    clock.advance(SECONDS + 0.1)

    assert reading.source() is None


def test_each_task_has_its_own_camera() -> None:
    reading = Reading()

    async def camera(name: str) -> str:
        reading.read(name)
        await asyncio.sleep(0)
        found = reading.source()
        return found.source if found else "none"

    async def main() -> list[str]:
        return await asyncio.gather(*(camera(name) for name in "abc"))

    assert asyncio.run(main()) == ["a", "b", "c"]


def test_what_one_job_of_a_pool_reads_says_nothing_of_the_next() -> None:
    reading, patches = Reading(), Patches()
    carry(patches)
    try:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(reading.read, "cam").result()
            assert pool.submit(reading.source).result() is None
    finally:
        patches.undo()


def test_a_forked_child_has_read_nothing() -> None:
    reading = Reading()
    reading.read("cam")
    child = os.fork()
    if not child:
        os._exit(reading.source() is not None)

    assert os.waitpid(child, 0)[1] == 0
    assert reading.source() is not None


def test_memory_is_bounded_by_what_is_alive() -> None:
    reading = Reading()
    for n in range(100):
        reading.read(f"cam{n}")

    async def read() -> None:
        reading.read("cam")

    for _ in range(20):
        asyncio.run(read())
    gc.collect()

    assert len(reading._reads()) <= 8  # pyright: ignore[reportPrivateUsage]
    assert not reading._jobs  # pyright: ignore[reportPrivateUsage]
