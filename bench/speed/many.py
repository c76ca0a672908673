"""Many live sources in one process: `python -m facewarden.bench.speed.many [--sources 64] [--neighbours 2]`.

Rendered pictures of mobile and fixed cameras are pushed in real time by a few threads. What counts: every source comes
to its verdict, nothing is shed on a quiet machine, and beside neighbours that burn every core what is shed is counted
and no source starves.
"""

import multiprocessing
import resource
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, NamedTuple

import typer

from ...detector.guard import Guard
from ...streams.frame import Image
from ...streams.push import PushSource
from ...streams.synthetic import SyntheticSource
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table

RATE, SECONDS, SIZE = 25, 20.0, (640, 360)
_FEEDERS = 2
_SCENES = ("fixed", "body", "fixed", "dash")
_PICTURES = 10 * RATE


class Result(NamedTuple):
    """What became of the sources.

    Attributes:
        right: sources whose verdict is what their scene is.
        undecided: sources without a verdict.
        analysed, dropped, late: pictures that were looked at, that were due and shed, and that were never pushed
            because the pushing thread itself came too late.
        fewest: pictures looked at of the source that had the fewest.
        cores: processor time of the process, in cores.
        megabytes: largest resident size.
    """

    right: int
    undecided: int
    analysed: int
    dropped: int
    late: int
    fewest: int
    cores: float
    megabytes: float


def measure(sources: int, seconds: float, neighbours: int) -> Result:
    """Push pictures of so many sources for so many seconds, beside so many processes that burn a core each."""
    footage = {scene: rendered(scene) for scene in dict.fromkeys(_SCENES)}
    burning = [multiprocessing.Process(target=burn, daemon=True) for _ in range(neighbours)]
    for process in burning:
        process.start()
    try:
        return _pushed(sources, seconds, footage)
    finally:
        for process in burning:
            process.terminate()


def _pushed(sources: int, seconds: float, footage: dict[str, Sequence[Image]]) -> Result:
    guard = Guard()
    scenes = {f"cam-{number}": _SCENES[number % len(_SCENES)] for number in range(sources)}
    for name in scenes:
        guard.watch(name)
    names, late = list(scenes), [0] * _FEEDERS
    used, began = time.process_time(), time.monotonic()

    def feed(feeder: int) -> None:
        late[feeder] = push(guard, {name: footage[scenes[name]] for name in names[feeder::_FEEDERS]}, seconds)

    threads = [threading.Thread(target=feed, args=(feeder,)) for feeder in range(_FEEDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cores = (time.process_time() - used) / (time.monotonic() - began)
    return _result(guard, scenes, sum(late), cores)


def _result(guard: Guard, scenes: dict[str, str], late: int, cores: float) -> Result:
    verdicts = {name: guard.watch(name).beliefs[0].value for name in scenes}
    coverage = [guard.watch(name).coverage() for name in scenes]
    truths = {name: "fixed" if scene == "fixed" else "mobile" for name, scene in scenes.items()}
    return Result(
        right=sum(verdicts[name] == truths[name] for name in scenes),
        undecided=sum(verdict == "unknown" for verdict in verdicts.values()),
        analysed=sum(part.analysed for part in coverage),
        dropped=sum(part.dropped for part in coverage),
        late=late,
        fewest=min(part.analysed for part in coverage),
        cores=cores,
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def push(guard: Guard, cameras: Mapping[str, Sequence[Image]], seconds: float) -> int:
    """Hand over what cameras show, luma, at `RATE` in real time; how many came a second too late, and were not."""
    hosts = [(PushSource(name), pictures) for name, pictures in cameras.items()]
    began, late = time.monotonic(), 0
    for number in range(int(seconds * RATE)):
        ahead = began + number / RATE - time.monotonic()
        if ahead < -1.0:
            late += len(hosts)
            continue
        time.sleep(max(0.0, ahead))
        for host, pictures in hosts:
            guard.observe(host.frame(pictures[number % len(pictures)], number / RATE, "gray"))
    return late


@cache
def rendered(scene: str) -> Sequence[Image]:
    """Pictures of a rendered scene, to show there and back again, so that they go on without a cut."""
    pictures = [frame.luma for frame in SyntheticSource(scene, seed=3, seconds=_PICTURES / RATE, fps=RATE, size=SIZE)]
    return [*pictures, *pictures[-2:0:-1]]


def burn() -> None:
    """Take a core."""
    while True:
        pass


def report(sources: int = 64, seconds: float = SECONDS, neighbours: Sequence[int] = (0, 2)) -> str:
    """The section for RESULTS.md."""
    rows = [(number, measure(sources, seconds, number)) for number in neighbours]
    head = ("neighbours", "right", "undecided", "looked at", "shed", "late", "fewest of one", "cores", "MB")
    lines = [
        (
            str(number),
            f"{found.right} of {sources}",
            str(found.undecided),
            str(found.analysed),
            str(found.dropped),
            str(found.late),
            str(found.fewest),
            f"{found.cores:.2f}",
            f"{found.megabytes:.0f}",
        )
        for number, found in rows
    ]
    size = f"{SIZE[0]}x{SIZE[1]}"
    note = f"{sources} sources of {size} luma, {RATE} pictures a second, {seconds:g} s, pushed by two threads."
    return join(note, table(head, lines))


def main(
    sources: Annotated[int, typer.Option("--sources", help="How many cameras.")] = 64,
    seconds: Annotated[float, typer.Option("--seconds", help="How long.")] = SECONDS,
    neighbours: Annotated[int, typer.Option("--neighbours", help="Processes beside it that burn a core each.")] = 0,
    out: Out = None,
) -> None:
    """Measure what becomes of many live sources in one process."""
    deliver(report(sources, seconds, [neighbours]), out)


if __name__ == "__main__":
    run(main)
