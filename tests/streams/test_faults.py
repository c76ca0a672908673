"""What networks and cameras do to a live stream: each fault is told within five seconds, and over within ten."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from facewarden.bench.material.film import encode
from facewarden.bench.tools.faults import Fault, FaultyProxy
from facewarden.bench.tools.sender import free_port, sending
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
