"""Many live sources in one process: `python -m facewarden.bench.speed.live [--sources 16,32,48,64] [--size 1920x1080]`.

All of them read H.264 at 15 pictures a second, a key picture every two seconds, from one server in a process beside
this one; every second is a camera that moves. The first four are looked at in full, on their own; then all of a step
begin at once, those of the step before go on, and when all are looked at thriftily they are watched on. What counts:
every source comes to its verdict and keeps it, and what a source takes of a core in each state. Steps go on until one
breaks, and what broke first is said.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, NamedTuple

import typer

from ...detector.guard import Guard
from ...detector.records.entry import Event
from ...detector.sidecar.cameras import Cameras, CameraStatus
from ...streams.frame import Size
from ..material.film import encode
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table
from ..tools.sender import free_port, sending

# Sources that are looked at in full first, and seconds that are waited for the verdicts: for all, and for each.
_TOGETHER: Final = 4
_PATIENCE_S: Final = 60.0
_PATIENCE_EACH_S: Final = 6.0
# What may be dropped of the seconds of all sources before it counts as broken.
_DROPPED: Final = 0.01
# Seconds by which pictures may come late: what waits in a socket is not counted as dropped.
_LATE_S: Final = 5.0


class Stretch(NamedTuple):
    """Some seconds in which all sources were looked at in the same way.

    Attributes:
        cores: processor time of the process, in cores.
        right: sources whose verdict is what their camera is, all the time.
        seen, skipped, dropped, other: seconds of all sources, by what became of them.
        lost: connections.
        thrifty: sources that are looked at thriftily at the end.
        delay: seconds by which the latest picture of the slowest source came later than the promptest.
    """

    looking: str
    sources: int
    seconds: float
    cores: float
    right: int
    seen: float
    skipped: float
    dropped: float
    other: float
    lost: int
    thrifty: int
    delay: float

    @property
    def broken(self) -> str:
        """What did not hold, the gravest first; empty where all did."""
        if self.lost:
            return f"{self.lost} connections were lost"
        if self.right < self.sources:
            return f"{self.sources - self.right} verdicts were wrong or lost"
        if self.dropped > _DROPPED * self.seconds * self.sources:
            return "pictures were dropped"
        if self.delay > _LATE_S:
            return f"pictures came {self.delay:.0f} s late"
        return "" if self.thrifty == self.sources else f"{self.sources - self.thrifty} never had few pictures do"


class Watch:
    """Live sources, begun a few at a time.

    Args:
        ports: of the servers of cameras that stand, and that move.
    """

    def __init__(self, ports: tuple[int, int], *, thrifty: bool) -> None:
        self._ports, self._guard = ports, Guard()
        self._cameras = Cameras(self._guard, _unheard, thrifty=thrifty)
        self._addresses: dict[str, str] = {}

    def begin(self, sources: int) -> None:
        """Watch so many more."""
        for _ in range(sources):
            number = len(self._addresses)
            self._addresses[f"cam-{number}"] = f"http://127.0.0.1:{self._ports[number % 2]}/live.ts"
        self._cameras.set(self._addresses)

    def wait(self, holds: "Callable[[CameraStatus], bool]") -> bool:
        """Whether it was so of all sources within a while."""
        until = time.monotonic() + _PATIENCE_S + _PATIENCE_EACH_S * len(self._addresses)
        while not (found := all(map(holds, self._cameras.statuses()))) and time.monotonic() < until:
            time.sleep(0.25)
        return found

    def right(self, status: CameraStatus) -> bool:
        """Whether the camera is taken for what it is."""
        moves = int(status.name.rpartition("-")[2]) % 2
        return self._guard.watch(status.name).beliefs[0].value == ("mobile" if moves else "fixed")

    def settled(self, status: CameraStatus) -> bool:
        """Whether the verdict on it is right, and few pictures do."""
        return status.looking == "thrifty" and self.right(status)

    def come_to_rest(self) -> Stretch:
        """Measure until all are settled, or nobody waits any more."""
        return self._measured("until all are settled", lambda: self.wait(self.settled), steady=False)

    def look_on(self, looking: str, seconds: float) -> Stretch:
        """Measure for so many seconds."""
        return self._measured(looking, lambda: time.sleep(0.5), seconds)

    def _measured(
        self, looking: str, pause: Callable[[], object], seconds: float = 0.0, *, steady: bool = True
    ) -> Stretch:
        before, spent, began = _sums(self._cameras.statuses()), time.process_time(), time.monotonic()
        wrong = set[str]()
        while True:
            pause()
            wrong |= {one.name for one in self._cameras.statuses() if steady and not self.right(one)}
            if time.monotonic() - began >= seconds:
                break
        passed, cores = time.monotonic() - began, time.process_time() - spent
        statuses, number = self._cameras.statuses(), len(self._addresses)
        seen, skipped, dropped, other, lost = (
            late - early for late, early in zip(_sums(statuses), before, strict=True)
        )
        right = number - len(wrong) if steady else sum(map(self.right, statuses))
        thrifty = sum(one.looking == "thrifty" for one in statuses)
        delay = max(one.late for one in statuses)
        return Stretch(
            looking, number, passed, cores / passed, right, seen, skipped, dropped, other, int(lost), thrifty, delay
        )

    def close(self) -> None:
        """End it."""
        self._cameras.close()


def _unheard(event: Event) -> None:
    pass


def _sums(statuses: Sequence[CameraStatus]) -> tuple[float, ...]:
    parts = [
        (one.seen, one.skipped, one.dropped, one.unreadable + one.absent, float(sum(one.reconnects.values())))
        for one in statuses
    ]
    return tuple(map(sum, zip(*parts, strict=True)))


def measure(steps: Sequence[int], size: Size, seconds: float) -> list[Stretch]:
    """A few in full; then so many thriftily, step by step, until that breaks."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        ports = free_port(), free_port()
        for port, moves in zip(ports, (False, True), strict=True):
            stack.enter_context(sending(encode(Path(folder, f"{moves}.ts"), size, moving=moves), port))
        few = Watch(ports, thrifty=False)
        few.begin(min(steps[0], _TOGETHER))
        few.wait(few.right)
        stretches = [few.look_on("in full", seconds)]
        few.close()
        watch = Watch(ports, thrifty=True)
        stack.callback(watch.close)
        for before, sources in pairwise((0, *steps)):
            watch.begin(sources - before)
            stretches += [watch.come_to_rest(), watch.look_on("thriftily", seconds)]
            if stretches[-1].broken:
                break
        return stretches


def report(size: Size, stretches: Sequence[Stretch]) -> str:
    """The section for RESULTS.md."""
    head = (
        "looked at",
        "sources",
        "s",
        "cores",
        "of a core each",
        "right",
        "seen",
        "skipped",
        "dropped",
        "not there",
        "lost",
        "late",
        "broken",
    )
    rows = [
        (
            one.looking,
            one.sources,
            f"{one.seconds:.0f}",
            one.cores,
            f"{one.cores / one.sources:.1%}",
            one.right,
            *(f"{part / (one.seconds * one.sources):.0%}" for part in (one.seen, one.skipped, one.dropped, one.other)),
            one.lost,
            f"{one.delay:.1f} s",
            one.broken if one.looking == "thriftily" else "",
        )
        for one in stretches
    ]
    return join(
        f"H.264, {size[0]}x{size[1]}, 15 pictures a second; seconds of all sources in shares.", table(head, rows)
    )


def main(
    sources: Annotated[str, typer.Option("--sources", help="How many cameras, step by step.")] = "16,32,48,64",
    size: Annotated[str, typer.Option("--size", help="Of their pictures.")] = "1920x1080",
    seconds: Annotated[float, typer.Option("--seconds", help="How long each is measured.")] = 20.0,
    out: Out = None,
) -> None:
    """Measure what live sources take, in full and thriftily."""
    width, height = map(int, size.split("x"))
    steps = sorted(map(int, sources.split(",")))
    deliver(report((width, height), measure(steps, (width, height), seconds)), out)


if __name__ == "__main__":
    run(main)
