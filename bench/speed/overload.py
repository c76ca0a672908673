"""More than the machine can do, and then no more: `python -m facewarden.bench.speed.overload [--sources 8]`.

Rendered cameras are pushed in real time while calls on them are admitted and recorded, for three stretches: before,
under a load of one kind, and after. What counts: work is shed and no camera starves, the gate keeps its latency, and
all is as before when the load is gone. Each kind is tried in a process of its own.
"""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, NamedTuple

import numpy as np
import typer

from ...detector.admission import Admission
from ...detector.calls import Call
from ...detector.guard import Guard
from ...detector.ledger import open_record
from ...detector.records import Recorder
from ...streams.frame import Image
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table
from .many import RATE, burn, push, rendered

_SCENES: Final = ("fixed", "body")
# Seconds between two calls, and of a write to a disk that stalls.
_EVERY: Final = 0.01
_STALL: Final = 1.0
# Cameras under a load of them, for each that there was.
_MANY: Final = 8
_STRETCHES: Final = ("before", "under it", "after")


class Stretch(NamedTuple):
    """What became of a stretch.

    Attributes:
        looked_at, in_part, shed: pictures a camera and second that were looked at, those of them at motion alone, and
            those that were due and shed; of the cameras that were there all the time.
        p50, p99, longest: milliseconds from when a call was due until it was ruled on.
        held: calls that were held because the record could not be kept.
    """

    looked_at: float
    in_part: float
    shed: float
    p50: float
    p99: float
    longest: float
    held: int


class Scene:
    """Cameras that are pushed, and calls on them.

    Args:
        folder: of the record.
        sources: how many cameras.
        seconds: how long each of the three stretches is.
    """

    def __init__(self, folder: Path, sources: int, seconds: float) -> None:
        self.guard, self.seconds = Guard(), seconds
        self.footage = {scene: rendered(scene) for scene in _SCENES}
        self.cameras = self.named("cam", sources)
        self._recorder = Recorder(open_record(folder))
        self._admission = Admission(declared, self.guard.judge_on, self.guard.site.enforcement, self._recorder)
        self._taken: list[tuple[float, bool]] = []

    def named(self, name: str, count: int) -> dict[str, Sequence[Image]]:
        """So many cameras, of each scene in turn, and what they show."""
        return {f"{name}-{number}": self.footage[_SCENES[number % len(_SCENES)]] for number in range(count)}

    def run(self, load: Callable[["Scene"], Generator[None]]) -> list[Stretch]:
        """The three stretches."""
        whole = self.seconds * len(_STRETCHES)
        for name in self.cameras:
            self.guard.watch(name)
        threads = [
            threading.Thread(target=push, args=(self.guard, self.cameras, whole)),
            threading.Thread(target=self._call, args=(whole,)),
        ]
        for thread in threads:
            thread.start()
        found = [self._stretch()]
        with contextmanager(load)(self):
            found.append(self._stretch())
        found.append(self._stretch())
        for thread in threads:
            thread.join()
        self._recorder.close()
        return found

    def _call(self, seconds: float) -> None:
        names, began = list(self.cameras), time.monotonic()
        for number in range(int(seconds / _EVERY)):
            due = began + number * _EVERY
            time.sleep(max(0.0, due - time.monotonic()))
            self._admission.admit(Call(names[number % len(names)], service="local"))
            self._taken.append((1000 * (time.monotonic() - due), self._recorder.failed is not None))

    def _stretch(self) -> Stretch:
        before, first = self._counted(), len(self._taken)
        time.sleep(self.seconds)
        share = self.seconds * len(self.cameras)
        looked_at, in_part, shed = ((now - then) / share for now, then in zip(self._counted(), before, strict=True))
        taken = self._taken[first:] or [(np.nan, False)]  # none came through at all
        p50, p99, longest = np.percentile([ms for ms, _ in taken], (50, 99, 100)).tolist()
        return Stretch(looked_at, in_part, shed, p50, p99, longest, sum(held for _, held in taken))

    def _counted(self) -> tuple[int, int, int]:
        parts = [self.guard.watch(name).coverage() for name in self.cameras]
        return sum(one.analysed for one in parts), sum(one.in_part for one in parts), sum(one.dropped for one in parts)

    def verdicts(self) -> int:
        """Cameras whose verdict is what their scene is."""
        said = [self.guard.watch(name).beliefs[0].value for name in self.cameras]
        truths = ["fixed" if _SCENES[number % 2] == "fixed" else "mobile" for number in range(len(said))]
        return sum(one == other for one, other in zip(said, truths, strict=True))


def declared(call: Call, pictures: Iterable[object], baggage: str = "") -> None:
    """Whose picture it is, the call says itself."""


def more_sources(scene: Scene) -> Generator[None]:
    """Cameras come, many times as many."""
    new = scene.named("new", _MANY * len(scene.cameras))
    thread = threading.Thread(target=push, args=(scene.guard, new, scene.seconds))
    thread.start()
    yield
    thread.join()
    for name in new:
        scene.guard.forget(name)


def neighbours(_: Scene) -> Generator[None]:
    """Other processes take two cores for each that there is."""
    burning = [multiprocessing.Process(target=burn, daemon=True) for _ in range(2 * (os.cpu_count() or 1))]
    for process in burning:
        process.start()
    yield
    for process in burning:
        process.kill()
        process.join()


def one_core(_: Scene) -> Generator[None]:
    """All threads of the process are left with one core, which a neighbour takes as well."""
    cores = os.sched_getaffinity(0)
    _pin({min(cores)})
    burning = multiprocessing.Process(target=burn, daemon=True)
    burning.start()
    yield
    burning.kill()
    burning.join()
    _pin(cores)


def _pin(cores: set[int]) -> None:
    for thread in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(thread.name), cores)


def interpreter(_: Scene) -> Generator[None]:
    """The host computes in Python, and holds the interpreter as long as it is let."""
    ended = threading.Event()

    def compute() -> None:
        while not ended.is_set():
            sum(range(1000))

    thread = threading.Thread(target=compute)
    thread.start()
    yield
    ended.set()
    thread.join()


def disk(_: Scene) -> Generator[None]:
    """What is written takes a second to be on the disk: a stand-in, for no disk can be asked to stall."""
    whole = os.fsync, os.fdatasync

    def slowly(_: int) -> None:
        time.sleep(_STALL)

    os.fsync = os.fdatasync = slowly
    yield
    os.fsync, os.fdatasync = whole


KINDS: Final[Mapping[str, Callable[[Scene], Generator[None]]]] = {
    "more sources": more_sources,
    "neighbours": neighbours,
    "one core": one_core,
    "interpreter": interpreter,
    "disk": disk,
}


def measure(kind: str, sources: int, seconds: float) -> tuple[list[Stretch], int]:
    """The stretches of a kind, and how many cameras have the right verdict in the end."""
    with TemporaryDirectory() as folder:
        scene = Scene(Path(folder), sources, seconds)
        return scene.run(KINDS[kind]), scene.verdicts()


def report(sources: int, seconds: float, kinds: Sequence[str] = tuple(KINDS)) -> str:
    """A table: a row for each stretch of each kind."""
    context = multiprocessing.get_context("spawn")
    rows: list[tuple[str | float | int | None, ...]] = []
    for kind in kinds:
        with ProcessPoolExecutor(1, context) as process:
            stretches, right = process.submit(measure, kind, sources, seconds).result()
        for name, stretch in zip(_STRETCHES, stretches, strict=True):
            rows.append((kind, name, *stretch, f"{right} of {sources}" if name == _STRETCHES[-1] else None))
    head = (
        "kind",
        "stretch",
        "looked at",
        "in part",
        "shed",
        "p50 ms",
        "p99 ms",
        "longest",
        "held",
        "right in the end",
    )
    note = f"{sources} sources at {RATE} pictures a second, {seconds:g} s a stretch, a call every {1000 * _EVERY:g} ms."
    return join(note, table(head, rows))


def main(
    sources: Annotated[int, typer.Option("--sources", help="How many cameras.")] = 8,
    seconds: Annotated[float, typer.Option("--seconds", help="How long a stretch is.")] = 15.0,
    out: Out = None,
) -> None:
    """Measure what becomes of cameras and calls under more than the machine can do."""
    deliver(report(sources, seconds), out)


if __name__ == "__main__":
    run(main)
