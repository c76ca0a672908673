"""Live sources for long, with every trouble in turn: `python -m facewarden.bench.speed.soak --minutes 20 --sources 8`.

Each source has a sender and a proxy of its own, in processes beside this one, so that what is measured (memory,
threads, descriptors, processor time) is what watches. Every source goes through all troubles again and again, and each
begins with another one. Told is when its state, a count or an event says so; over is when pictures come as before.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from ...detector.guard import Guard
from ...detector.records.entry import Event
from ...detector.sidecar.cameras import Cameras, CameraStatus
from ..material.film import encode
from ..tools import rtsp
from ..tools.command import Out, deliver, run
from ..tools.sender import BREACHES
from ..tools.stations import Proxies, Station, Trouble, proxies
from .soak_report import Outcome, Sample, Soaked, drawn, sampled, told

SIZE: Final = (640, 360)
# Seconds: that a trouble lasts, that a source is then left in peace, and that is waited for what should come.
_LASTS_S, _PEACE_S, _PATIENCE_S = 8.0, 4.0, 30.0
_LATE_S: Final = 0.3
_FATES: Final = ("seen", "skipped", "dropped", "unreadable")


class Soak:
    """Sources that are watched while they go through trouble, each on a thread.

    Args:
        stations: the cameras, and whether each moves.
        before: the proxies before them.
        seconds: how long no new trouble begins.
    """

    def __init__(self, stations: dict[Station, bool], before: Proxies, seconds: float) -> None:
        self._stations, self._before, self._seconds = stations, before, seconds
        self._guard, self._events = Guard(), Counter[str]()
        self._cameras = Cameras(self._guard, self._note)
        self._outcomes: list[Outcome] = []

    def run(self) -> Soaked:
        """Let it all happen."""
        began, spent, samples = time.monotonic(), time.process_time(), list[Sample]()
        self._cameras.set({one.name: one.address(self._before.ports[one.port]) for one in self._stations})
        threads = [threading.Thread(target=self._trouble, args=pair) for pair in enumerate(self._stations)]
        for thread in threads:
            thread.start()
        seen = _Seen()
        while any(thread.is_alive() for thread in threads):
            time.sleep(max(0.0, began + len(samples) + 1 - time.monotonic()))
            samples.append(seen.sample(time.monotonic() - began, self._cameras.statuses()))
        passed = time.monotonic() - began
        counts = {one.name: _counts(one) for one in self._cameras.statuses()}
        cores = (time.process_time() - spent) / passed
        verdicts = {one.name: self._verdict(one, moves) for one, moves in self._stations.items()}
        self._cameras.close()
        return Soaked(passed, self._outcomes, samples, counts, verdicts, cores)

    def _verdict(self, station: Station, moves: bool) -> tuple[str, str]:
        return self._guard.watch(station.name).beliefs[0].value, "mobile" if moves else "fixed"

    def _note(self, event: Event) -> None:
        if event.source is not None:
            self._events[event.source] += 1

    def _trouble(self, number: int, station: Station) -> None:
        until = time.monotonic() + self._seconds
        _await(lambda: self._well(station.name))
        first = number % len(station.troubles)
        for trouble in cycle((*station.troubles[first:], *station.troubles[:first])):
            time.sleep(_PEACE_S)
            if time.monotonic() > until:
                time.sleep(_LASTS_S)  # to stand again
                return
            self._outcomes.append(self._go_through(station, trouble))

    def _go_through(self, station: Station, trouble: Trouble) -> Outcome:
        before, began = self._signs(station.name), time.monotonic()
        station.begin(trouble, self._before)
        told = _await(lambda: self._tells(station.name, before))
        if trouble != "cut" and trouble not in BREACHES:
            time.sleep(max(0.0, began + _LASTS_S - time.monotonic()))
        station.end(trouble, self._before)
        return Outcome(station.name, trouble, told, _await(lambda: self._well(station.name)))

    def _signs(self, name: str) -> tuple[int, int, int]:
        status = self._cameras.status(name)
        return self._events[name], status.counters.unreadable, sum(status.reconnects.values())

    def _tells(self, name: str, before: tuple[int, int, int]) -> bool:
        status = self._cameras.status(name)
        return self._signs(name) != before or status.state != "live" or status.late > _LATE_S

    def _well(self, name: str) -> bool:
        status = self._cameras.status(name)
        return status.state == "live" and (status.last_picture or 0.0) < 1.0 and status.late < _LATE_S


class _Seen:
    """What every source has come to by the last sample."""

    def __init__(self) -> None:
        self._before: dict[str, dict[str, float]] = {}

    def sample(self, at: float, statuses: Sequence[CameraStatus]) -> Sample:
        """One of now, `at` seconds after the beginning."""
        fates: dict[str, str] = {}
        for one in statuses:
            counts, before = _counts(one), self._before.get(one.name, {})
            changed = [fate for fate, number in counts.items() if number > before.get(fate, 0.0)]
            fates[one.name] = changed[0] if changed else ""
            self._before[one.name] = counts
        return sampled(at, fates)


def _counts(status: CameraStatus) -> dict[str, float]:
    nothing = {f"nothing: {reason}": seconds for reason, seconds in status.absent_because.items()}
    return {fate: getattr(status, fate) for fate in _FATES} | nothing


def _await(holds: Callable[[], bool]) -> float | None:
    """Seconds until it is so; None where that takes too long."""
    began = time.monotonic()
    while time.monotonic() - began < _PATIENCE_S:
        if holds():
            return time.monotonic() - began
        time.sleep(0.1)
    return None


def measure(minutes: float, sources: int) -> Soaked:
    """Watch so many sources for so many minutes. Every fourth comes from GStreamer's RTSP server, where there is one;
    every second is a camera that moves."""
    by_rtsp = rtsp.missing() is None
    with TemporaryDirectory() as folder, ExitStack() as stack:
        stations: dict[Station, bool] = {}
        for moves in (False, True):
            clip = encode(Path(folder, f"{moves}.ts"), SIZE, moving=moves)
            other = encode(Path(folder, f"{moves}-other.ts"), (SIZE[0] // 2, SIZE[1] // 2), moving=moves)
            for number in range(int(moves), sources, 2):
                station = Station(f"cam-{number}", (clip, other), by_rtsp=by_rtsp and number % 4 == 0)
                stack.callback(station.close)
                stations[station] = moves
        before = stack.enter_context(proxies([one.port for one in stations]))
        return Soak(stations, before, minutes * 60).run()


def main(
    minutes: Annotated[float, typer.Option("--minutes", help="How long.")] = 20.0,
    sources: Annotated[int, typer.Option("--sources", help="How many cameras.")] = 8,
    picture: Annotated[Path | None, typer.Option("--picture", help="Draw it there, as SVG.")] = None,
    out: Out = None,
) -> None:
    """Watch live sources through every trouble that there is, and account for every second."""
    soaked = measure(minutes, sources)
    if picture is not None:
        picture.write_text(drawn(soaked.samples), encoding="utf-8")
    deliver(told(soaked), out)


if __name__ == "__main__":
    run(main)
