"""What networks and cameras do to a live stream: each fault is told within five seconds, and over within ten."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from facewarden.bench.material.film import encode
from facewarden.bench.tools.faults import Fault, FaultyProxy
from facewarden.bench.tools.sender import BREACHES, free_port, sending
from facewarden.streams.frame import Frame
from facewarden.streams.live import LiveSource

pytestmark = pytest.mark.slow
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


@pytest.fixture(scope="module")
def gone_through(tmp_path_factory: pytest.TempPathFactory) -> Gone:
    clip, port = encode(tmp_path_factory.mktemp("faults") / "clip.ts", (320, 240), 4), free_port()
    with sending(clip, port):
        slow = LiveSource(f"http://127.0.0.1:{port}/live.ts", "slow")
        frames = slow.frames()
        proxies: dict[Fault, FaultyProxy] = {fault: FaultyProxy(port) for fault in (*LOSING, "dropped", "delayed")}
        sources = {
            fault: LiveSource(f"http://127.0.0.1:{proxy.port}/live.ts", fault) for fault, proxy in proxies.items()
        }
        begun = time.monotonic()
        next(frames)
        assert within(15, lambda: all(map(comes, sources.values())))
        before = {fault: source.reconnects.total() for fault, source in sources.items()}
        for fault, proxy in proxies.items():
            proxy.set(fault)

        def is_told(fault: Fault) -> bool:
            source = sources[fault]
            lost = source.reconnects.total() > before[fault]
            return (
                source.late > 0.3
                if fault == "delayed"
                else lost or (fault == "dropped" and source.counters.unreadable > 0)
            )

        told = seen(dict.fromkeys(LOSING, 5.0) | {"dropped": 10.0, "delayed": 10.0}, is_told)
        for proxy in proxies.values():
            proxy.set(None)
        back = seen(
            dict.fromkeys(sources, 10.0),
            lambda fault: comes(sources[fault]) and not (fault == "delayed" and sources[fault].late >= 0.3),
        )
        dropped = within(
            15, lambda: slow.counters.dropped >= 20 and slow.seconds.counts(time.monotonic())["dropped"] >= 1
        )
        later = next(frames)
        for fault, proxy in proxies.items():
            sources[fault].close()
            proxy.close()
        slow.close()
    now = time.monotonic()
    accounted = {
        fault: sum(source.seconds.counts(now).values()) + sum(source.seconds.absent(now).values()) - (now - begun)
        for fault, source in sources.items()
    }
    assert dropped
    return Gone(told, back, accounted, slow, later)


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


def test_what_a_stream_does_is_told_and_the_next_pictures_go_on(tmp_path: Path) -> None:
    port = free_port()
    clips = encode(tmp_path / "clip.ts", (320, 240), 2), encode(tmp_path / "other.ts", (160, 120), 2)
    expected = {"stamps reset": "jumped back", "clock jumped": "jumped ahead", "resized": "size changed"}
    with sending(clips[0], port, clips[1]) as sender:
        source = LiveSource(f"http://127.0.0.1:{port}/live.ts", "cam")
        assert within(15, lambda: comes(source))
        told, lost = dict[str, bool](), source.reconnects.total()
        for breach in BREACHES:
            sender.breach(breach)
            told[breach] = within(
                10, lambda words=expected[breach]: any(words in text for text in source.counters.discontinuities)
            )
        back = within(10, lambda: comes(source))
        source.close()

    assert told == dict.fromkeys(BREACHES, True)
    assert back
    assert source.reconnects.total() == lost
