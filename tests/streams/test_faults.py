"""What networks and cameras do to a live stream: each fault is told within five seconds, and over within ten."""

import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from facewarden.bench.material.film import encode
from facewarden.bench.tools.faults import Fault, FaultyProxy
from facewarden.bench.tools.sender import BREACHES, Breach, free_port, sending
from facewarden.streams.frame import Frame
from facewarden.streams.live import LiveSource

pytestmark = pytest.mark.slow
SAID: dict[Breach, str] = {
    "stamps reset": "jumped back", "clock jumped": "jumped ahead", "resized": "size changed",
}  # fmt: skip
LOSING: tuple[Fault, ...] = ("closed", "silent", "frozen", "cut")


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def comes(source: LiveSource) -> bool:
    return source.heard is not None and source.error is None and time.monotonic() - source.heard < 1.5


class Gone(NamedTuple):
    """What became of sources that each had a fault, all at the same time, until it was told.

    Attributes:
        told, back: whether each was told in time, and each had pictures again in time once it was over.
        accounted: seconds of each that are accounted for, less those that there were.
        slow: a source beside them, of whose pictures nobody took any in all that time but the first.
        next: the picture of it that was taken then.
    """

    told: dict[Fault, bool]
    back: dict[Fault, bool]
    accounted: dict[Fault, float]
    slow: LiveSource
    next: Frame


class Breached(NamedTuple):
    """What became of a source whose stream did what streams should not.

    Attributes:
        told: whether each breach was.
        back: whether its pictures went on.
        lost: how often it was lost meanwhile.
    """

    told: dict[Breach, bool]
    back: bool
    lost: int


@pytest.fixture(scope="module")
def breached(tmp_path_factory: pytest.TempPathFactory) -> Generator[Future[Breached]]:
    """Goes on while the faults are gone through."""
    with ThreadPoolExecutor(1) as beside:
        yield beside.submit(breach_all, tmp_path_factory.mktemp("breaches"))


@pytest.fixture(scope="module")
def gone_through(breached: Future[Breached], tmp_path_factory: pytest.TempPathFactory) -> Gone:  # noqa: ARG001 - it begins
    clip, port = encode(tmp_path_factory.mktemp("faults") / "clip.ts", (320, 240), 4), free_port()
    with sending(clip, port), ExitStack() as closing:
        slow = closing.enter_context(LiveSource(f"http://127.0.0.1:{port}/live.ts", "slow"))
        frames = slow.frames()
        next(frames)
        begun = time.monotonic()
        proxies: dict[Fault, FaultyProxy] = {fault: FaultyProxy(port) for fault in (*LOSING, "dropped", "delayed")}
        sources: dict[Fault, LiveSource] = {}
        for fault, proxy in proxies.items():
            closing.callback(proxy.close)
            url = f"http://127.0.0.1:{proxy.port}/live.ts"
            sources[fault] = closing.enter_context(LiveSource(url, fault))
        assert within(15, lambda: all(map(comes, sources.values())))
        told, back = go_through(proxies, sources)
        assert within(15, lambda: slow.seconds.counts(time.monotonic())["dropped"] >= 1 and slow.counters.dropped >= 20)
        later = next(frames)
    return Gone(told, back, {fault: accounted(source, begun) for fault, source in sources.items()}, slow, later)


def go_through(
    proxies: dict[Fault, FaultyProxy], sources: dict[Fault, LiveSource]
) -> tuple[dict[Fault, bool], dict[Fault, bool]]:
    """Have each fault until it is told; which were told, and which sources came back."""
    before = {fault: source.reconnects.total() for fault, source in sources.items()}

    def is_told(fault: Fault) -> bool:
        source = sources[fault]
        if fault == "delayed":
            return source.late > 0.3
        return source.reconnects.total() > before[fault] or (fault == "dropped" and source.counters.unreadable > 0)

    def is_back(fault: Fault) -> bool:
        return comes(sources[fault]) and (fault != "delayed" or sources[fault].late < 0.3)

    for fault, proxy in proxies.items():
        proxy.set(fault)
    told = seen({fault: 5.0 if fault in LOSING else 10.0 for fault in proxies}, is_told)
    for proxy in proxies.values():
        proxy.set(None)
    return told, seen(dict.fromkeys(sources, 10.0), is_back)


def accounted(source: LiveSource, begun: float) -> float:
    """Seconds of a source that are accounted for, less those that there were."""
    now = time.monotonic()
    return sum(source.seconds.counts(now).values()) + sum(source.seconds.absent(now).values()) - (now - begun)


def breach_all(folder: Path) -> Breached:
    """Have each breach until it is told."""
    port = free_port()
    clips = encode(folder / "clip.ts", (320, 240), 2), encode(folder / "other.ts", (160, 120), 2)
    with sending(clips[0], port, clips[1]) as sender, LiveSource(f"http://127.0.0.1:{port}/live.ts", "cam") as source:
        assert within(15, lambda: comes(source))
        told, lost = dict[Breach, bool](), source.reconnects.total()
        for breach in BREACHES:
            sender.breach(breach)
            told[breach] = within(
                10, lambda words=SAID[breach]: any(words in one for one in source.counters.discontinuities)
            )
        return Breached(told, within(10, lambda: comes(source)), source.reconnects.total() - lost)


def seen(seconds: dict[Fault, float], holds: Callable[[Fault], bool]) -> dict[Fault, bool]:
    """For which of them it came to hold, each in its time."""
    began, found = time.monotonic(), dict.fromkeys(seconds, False)
    while not all(found.values()) and (passed := time.monotonic() - began) < max(seconds.values()):
        found |= {fault: True for fault, most in seconds.items() if passed < most and holds(fault)}
        time.sleep(0.05)
    return found


def test_every_fault_of_a_network_is_told_and_gone_through(gone_through: Gone) -> None:
    assert [gone_through.told[fault] for fault in LOSING] == [True] * len(LOSING)
    assert [gone_through.back[fault] for fault in LOSING] == [True] * len(LOSING)
    assert [gone_through.accounted[fault] for fault in LOSING] == pytest.approx([0.0] * len(LOSING), abs=1.5)


@pytest.mark.parametrize("fault", ["dropped", "delayed"])
def test_bytes_that_are_lost_or_late_are_told_and_cost_no_more_than_the_pictures_they_were(
    gone_through: Gone, fault: Fault
) -> None:
    assert (gone_through.told[fault], gone_through.back[fault]) == (True, True)


def test_a_taker_that_is_slow_loses_the_oldest_pictures_and_keeps_no_memory(gone_through: Gone) -> None:
    assert gone_through.slow.counters.dropped >= 20
    assert len(gone_through.slow.handover) <= 2
    assert gone_through.next.index > 20


def test_what_a_stream_does_is_told_and_the_next_pictures_go_on(breached: Future[Breached]) -> None:
    assert breached.result(60) == Breached(dict.fromkeys(BREACHES, True), back=True, lost=0)
