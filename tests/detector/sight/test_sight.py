"""The sources of a process: read by many threads, and gone one day."""

import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from facewarden.detector import Call, Guard, Site
from facewarden.detector.budget import Allowance
from facewarden.detector.clock import ManualClock
from facewarden.detector.environment.faces.scripted import ScriptedFaces
from facewarden.detector.sight.sight import Sight
from facewarden.streams.frame import Frame
from facewarden.streams.push import PushSource
from facewarden.streams.synthetic import SyntheticSource

GREY = np.zeros((36, 64), np.uint8)
CALL, ON_CAM = Call(service="azure_openai"), Call(source="cam", service="azure_openai")
POLICE = Site(
    operator={"operator": "non_us_le", "on_behalf_of": "nobody"},
    facts={
        "timing": "real_time",
        "consent": "valid",
        "surveillance": False,
        "limited_access_approved": True,
        "environment": "uncontrolled",
    },
)


@pytest.fixture(scope="module")
def standing() -> list[Frame]:
    """Twelve seconds of a camera that stands."""
    return list(SyntheticSource("fixed", name="cam", seconds=12, fps=25, size=(320, 180), seed=3))


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def nobody() -> ScriptedFaces:
    return ScriptedFaces([])


def sight(clock: ManualClock, **options: float) -> Sight:
    return Sight(clock, find_faces=nobody, **options)  # pyright: ignore[reportArgumentType]


def shown(one: Sight, names: list[str], at: float = 0.0) -> None:
    for name in names:
        one.observe(replace(PushSource(name).frame(GREY, at, "gray"), media_time=at))


# --- sources come and go ----------------------------------------------------------------------------------------------


def test_a_source_that_is_forgotten_decides_nothing_any_more(standing: list[Frame]) -> None:
    guard = Guard(POLICE, live=False, find_faces=nobody)
    for frame in standing:
        guard.observe(replace(frame, source="desk"))
    for frame in SyntheticSource("body", name="phone", seconds=4, fps=10, seed=17):
        guard.observe(frame)
    assert guard.authorise(CALL).effect == "prohibited"

    guard.forget("phone")
    guard.forget("phone")
    assert guard.authorise(CALL).effect != "prohibited"
    assert list(guard.watches) == ["desk"]


def test_a_source_that_falls_silent_for_good_is_forgotten() -> None:
    clock = ManualClock()
    one = sight(clock, lifetime_s=600.0)
    shown(one, ["phone", "desk"])
    clock.advance(400)
    shown(one, ["desk"], at=400.0)
    clock.advance(300)

    assert list(one.snapshot()) == ["desk"]


def test_of_sources_that_come_and_go_no_more_are_kept_than_the_most() -> None:
    clock = ManualClock()
    one = sight(clock, most=64)
    for number in range(1_000):
        one.begin(f"phone-{number}")
        clock.advance(0.01)

    assert len(one.sources) == 64
    assert "phone-999" in one.sources


def test_of_too_many_sources_the_one_that_was_silent_longest_goes() -> None:
    clock = ManualClock()
    one = sight(clock, most=2)
    for name in ("a", "b", "a", "c"):
        clock.advance(1.0)
        shown(one, [name], at=clock.now())

    assert set(one.sources) == {"a", "c"}


def test_a_snapshot_says_of_each_source_what_was_seen_of_it(standing: list[Frame]) -> None:
    clock = ManualClock()
    one = sight(clock)
    for frame in standing:
        one.observe(frame)
    (seen,) = one.snapshot().values()

    assert (seen.source, seen.camera, seen.at) == ("cam", "fixed", standing[-1].media_time)
    assert one.sources["cam"].last is seen


# --- many threads -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("readers", [2, 4])
def test_threads_that_hand_over_the_same_camera_take_turns(readers: int, standing: list[Frame]) -> None:
    one, failures = Sight(budget_ms=None, find_faces=nobody), list[Exception]()

    def read() -> None:
        try:
            for frame in standing:
                one.observe(frame)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test is to name it
            failures.append(error)

    together(*[read] * readers)
    assert failures == []
    assert one.sources["cam"].coverage().frames == readers * len(standing)


@pytest.mark.usefixtures("hurried")
def test_judging_while_pictures_come_raises_nothing_and_answers_as_one_thread_would(standing: list[Frame]) -> None:
    guard, failures, effects = Guard(POLICE, live=False, find_faces=nobody), list[Exception](), set[str]()
    over = threading.Event()

    def observe() -> None:
        for number, frame in enumerate(standing * 3):
            gap = 2.0 * (number % 5 == 0)
            guard.observe(replace(frame, media_time=number / 25 + gap))
        over.set()

    def judge() -> None:
        try:
            while not over.is_set():
                effects.add(guard.judge(ON_CAM, at=1.0).decision.effect)
                effects.add(guard.authorise(CALL).effect)
        except Exception as error:  # noqa: BLE001 - as above
            failures.append(error)

    together(observe, judge, judge)
    assert failures == []
    assert effects <= {"hold", "prohibited", "allow", "conditions"}


def test_a_child_that_was_forked_while_a_picture_was_taken_in_can_take_in_its_own(standing: list[Frame]) -> None:
    inside, leave = threading.Event(), threading.Event()

    class Waiting(ScriptedFaces):
        def detect(self, luma: np.ndarray) -> list:  # pyright: ignore[reportMissingTypeArgument, reportUnknownParameterType]
            inside.set()
            leave.wait()
            return super().detect(luma)

    one = Sight(budget_ms=None, find_faces=lambda: Waiting([]))
    thread = threading.Thread(target=one.observe, args=(standing[0],))
    thread.start()
    inside.wait()
    if (pid := os.fork()) == 0:
        leave.set()
        one.observe(standing[1])
        os._exit(7)
    _, status = os.waitpid(pid, 0)
    leave.set()
    thread.join()
    assert os.waitstatus_to_exitcode(status) == 7


# --- what analysis may take -------------------------------------------------------------------------------------------


def test_waiting_for_a_core_is_no_analysis(standing: list[Frame]) -> None:
    """Sixteen threads at once: each waits for the others most of the time, and nothing is shed for that."""
    one = Sight(find_faces=nobody, allowance=Allowance(1e9))

    def observe(name: str) -> None:
        for frame in standing[:100]:
            one.observe(replace(frame, source=name))

    together(*[lambda name=f"cam-{number}": observe(name) for number in range(16)])
    coverage = [state.coverage() for state in one.sources.values()]
    assert sum(part.dropped for part in coverage) <= 0.25 * sum(part.analysed for part in coverage)  # else nearly all


def test_however_little_time_there_is_every_source_is_looked_at_once_a_second(standing: list[Frame]) -> None:
    one = Sight(ManualClock(), budget_ms=1e6, allowance=Allowance(0.0), find_faces=nobody)
    one.begin("cam")._budget._shared.spend(1.0)  # pyright: ignore[reportPrivateUsage]
    for frame in standing:
        one.observe(frame)
    coverage = one.sources["cam"].coverage()

    assert 10 <= coverage.analysed <= 13
    assert coverage.dropped > 80


def together(*works: object) -> None:
    """Run all of them in threads, to their end."""
    threads = [threading.Thread(target=work) for work in works]  # pyright: ignore[reportArgumentType]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
