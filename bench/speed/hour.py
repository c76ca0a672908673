"""An hour of pictures as fast as they go: `python -m facewarden.bench.speed.hour [--minutes 60] [--picture FILE]`.

Rendered cameras are shown to one guard by media time, while threads have calls on them admitted and recorded. What
counts is what the process holds: memory, threads and descriptors stay where they are.
"""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import typer

from ...detector.admission import Admission
from ...detector.calls import Call
from ...detector.guard import Guard
from ...detector.ledger import open_record
from ...detector.records import Recorder
from ...streams.push import PushSource
from ..tools.command import Out, deliver, run
from ..tools.markdown import join
from .many import RATE, rendered
from .overload import declared
from .soak_report import Sample, drawn, held, sampled

_SCENES = ("fixed", "body")
# Seconds between two calls of a thread.
_EVERY = 0.01


class Hour(NamedTuple):
    """What became of it.

    Attributes:
        samples: one a minute of pictures; `at` in their seconds.
        calls: admitted, all of them on record.
        right: cameras that are taken for what they are, at the end.
        seconds: of processor time.
    """

    samples: list[Sample]
    calls: int
    right: int
    seconds: float


def measure(minutes: int, sources: int, threads: int) -> Hour:
    """Show so many minutes of so many cameras, with calls from so many threads."""
    guard = Guard(live=False)
    scenes = {f"cam-{number}": _SCENES[number % len(_SCENES)] for number in range(sources)}
    began, over = time.process_time(), threading.Event()
    with TemporaryDirectory() as folder:
        recorder = Recorder(open_record(Path(folder)))
        admission = Admission(declared, guard.judge_on, guard.site.enforcement, recorder)
        counts = [0] * threads
        calling = [
            threading.Thread(target=_call, args=(admission, list(scenes), over, counts, number))
            for number in range(threads)
        ]
        for thread in calling:
            thread.start()
        try:
            samples = _shown(guard, scenes, minutes)
        finally:
            over.set()
            for thread in calling:
                thread.join()
            recorder.close()
    truths = {"fixed": "fixed", "body": "mobile"}
    right = sum(guard.watch(name).beliefs[0].value == truths[scene] for name, scene in scenes.items())
    return Hour(samples, sum(counts), right, time.process_time() - began)


def _shown(guard: Guard, scenes: dict[str, str], minutes: int) -> list[Sample]:
    hosts = [(PushSource(name), rendered(scene)) for name, scene in scenes.items()]
    samples: list[Sample] = []
    for number in range(minutes * 60 * RATE):
        if number % (60 * RATE) == 0:
            samples.append(sampled(number / RATE, {}))
        for host, pictures in hosts:
            guard.observe(host.frame(pictures[number % len(pictures)], number / RATE, "gray"))
    return [*samples, sampled(minutes * 60.0, {})]


def _call(admission: Admission, names: Sequence[str], over: threading.Event, counts: list[int], place: int) -> None:
    while not over.wait(_EVERY):
        admission.admit(Call(names[(counts[place] + place) % len(names)], service="local"))
        counts[place] += 1


def report(hour: Hour, sources: int, threads: int) -> str:
    """The section for RESULTS.md."""
    pictures = sources * hour.samples[-1].at * RATE
    note = (
        f"{hour.samples[-1].at / 60:.0f} minutes of {sources} cameras, {pictures:,.0f} pictures of 640x360, in "
        f"{hour.seconds:.0f} s of processor time; {hour.calls:,} calls of {threads} threads, all on record. At the end "
        f"{hour.right} of {sources} cameras are taken for what they are."
    )
    return join(note, held(hour.samples))


def main(
    minutes: Annotated[int, typer.Option(min=1, help="Of pictures.")] = 60,
    sources: Annotated[int, typer.Option(min=1, help="How many cameras.")] = 16,
    threads: Annotated[int, typer.Option(min=1, help="That make calls.")] = 8,
    picture: Annotated[Path | None, typer.Option(help="Draw what the process held, as SVG.", metavar="FILE")] = None,
    out: Out = None,
) -> None:
    """Measure what an hour of pictures and calls leaves behind."""
    hour = measure(minutes, sources, threads)
    if picture:
        picture.write_text(drawn(hour.samples), encoding="utf-8")
    deliver(report(hour, sources, threads), out)


if __name__ == "__main__":
    run(main)
