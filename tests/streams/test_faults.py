"""What networks and cameras do to a live stream: each fault is told within five seconds, and over within ten."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from facewarden.bench.material.film import encode
from facewarden.bench.tools.faults import Fault, FaultyProxy
from facewarden.bench.tools.sender import BREACHES, free_port, sending
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


def test_every_fault_of_a_network_is_told_and_gone_through(tmp_path: Path) -> None:
    port = free_port()
    with sending(encode(tmp_path / "clip.ts", (320, 240), 4), port):
        proxies: dict[Fault, FaultyProxy] = {fault: FaultyProxy(port) for fault in LOSING}
        sources = {
            fault: LiveSource(f"http://127.0.0.1:{proxy.port}/live.ts", fault) for fault, proxy in proxies.items()
        }
        begun = time.monotonic()
        assert within(15, lambda: all(map(comes, sources.values())))
        before = {fault: source.reconnects.total() for fault, source in sources.items()}
        for fault, proxy in proxies.items():
            proxy.set(fault)
        told = within(5, lambda: all(sources[one].reconnects.total() > before[one] for one in LOSING))
        for proxy in proxies.values():
            proxy.set(None)
        back = within(10, lambda: all(map(comes, sources.values())))
        for fault, proxy in proxies.items():
            sources[fault].close()
            proxy.close()
    now = time.monotonic()

    assert (told, back) == (True, True)
    for source in sources.values():
        accounted = sum(source.seconds.counts(now).values()) + sum(source.seconds.absent(now).values())
        assert accounted == pytest.approx(now - begun, abs=1.5)


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


def test_bytes_that_are_lost_or_late_are_told_and_cost_no_more_than_the_pictures_they_were(tmp_path: Path) -> None:
    port = free_port()
    with sending(encode(tmp_path / "clip.ts", (320, 240), 4), port):
        proxies: dict[Fault, FaultyProxy] = {fault: FaultyProxy(port) for fault in ("dropped", "delayed")}
        lossy, slow = (LiveSource(f"http://127.0.0.1:{proxy.port}/live.ts", fault) for fault, proxy in proxies.items())
        assert within(15, lambda: comes(lossy) and comes(slow))
        for fault, proxy in proxies.items():
            proxy.set(fault)
        told = within(10, lambda: slow.late > 0.3 and (lossy.counters.unreadable > 0 or lossy.reconnects.total() > 0))
        for proxy in proxies.values():
            proxy.set(None)
        back = within(10, lambda: comes(lossy) and comes(slow) and slow.late < 0.3)
        for proxy in proxies.values():
            proxy.close()
        lossy.close()
        slow.close()

    assert (told, back) == (True, True)


def test_a_taker_that_is_slow_loses_the_oldest_pictures_and_keeps_no_memory(tmp_path: Path) -> None:
    port = free_port()
    with sending(encode(tmp_path / "clip.ts", (320, 240), 4), port):
        source = LiveSource(f"http://127.0.0.1:{port}/live.ts", "cam")
        frames = source.frames()
        next(frames)
        assert within(15, lambda: source.counters.dropped >= 20)
        assert within(15, lambda: source.seconds.counts(time.monotonic())["dropped"] >= 1)
        later = next(frames)
        source.close()

    assert len(source.handover) <= 2
    assert later.index > 20
