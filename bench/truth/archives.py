"""Whether an archive comes out the same whatever befalls its audit: `python -m facewarden.bench.truth.archives`.

Short recordings are made, all different, and one of them is none. They are audited in this process, and the processor
time of the first and the last tenth of them is set beside each other; then some of them by several processes, by Ray
where it is installed, and by runs that are killed at random moments and gone on with. Each report has to have the same
bytes, but for the day on which it was made.
"""

import importlib.util
import os
import signal
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, NamedTuple

import numpy as np
import typer
from msgspec.structs import replace

from ...detector.audit import Answer, Report, Unread
from ...detector.audit.engines import Silent
from ...detector.audit.session import Session
from ...streams.source import open_source
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table
from .audits import film

_SCENE: Final = "synthetic:body?seconds=1&size=160x96"
# So long a run may go on before it is killed, seconds.
_LONGEST_S: Final = 20.0


class Speed(NamedTuple):
    """What each file cost, seconds of processor time, in a tenth of an archive.

    Attributes:
        files: of the archive.
        unread: rows of those that could not be read.
        covered: whether each file is in the report once.
    """

    files: int
    first: float
    last: float
    unread: int
    covered: bool


class Alike(NamedTuple):
    """Whether a way to audit some files gives the bytes of one process.

    Attributes:
        kills: how often it was killed meanwhile.
    """

    way: str
    same: bool
    kills: int = 0


class _Times(Silent):
    def __init__(self) -> None:
        self.times = [time.process_time()]

    def done(self, answer: Answer | Unread) -> None:  # noqa: ARG002 - each counts
        self.times.append(time.process_time())


def make(folder: Path, files: int) -> None:
    """Write so many recordings of a second, all of different content, the middle one unreadable."""
    once = folder / "once.mp4"
    with open_source(_SCENE) as source:
        film((frame.luma for frame in source), once, 1.0)
    content = once.read_bytes()
    once.unlink()
    for number in range(files):
        mark = b"\0\0\0\x10free" + number.to_bytes(8, "big")  # a box that players pass over
        (folder / f"{number:05}.mp4").write_bytes(b"no video" if number == files // 2 else content + mark)


def speed(folder: Path) -> Speed:
    """Audit a folder in this process."""
    times = _Times()
    report = Session(sources=[str(folder)], workers=1).run(times)
    spent = [after - before for before, after in zip(times.times, times.times[1:], strict=False)]
    tenth = max(1, len(spent) // 10)
    names = [answer.source for answer in report.sources]
    there = [path.stem for path in sorted(folder.glob("*.mp4"))]
    return Speed(
        files=len(there),
        first=sum(spent[:tenth]) / tenth,
        last=sum(spent[-tenth:]) / tenth,
        unread=report.summary.unread,
        covered=sorted(names) == there,
    )


def alike(folder: Path, kills: int, seed: int) -> Iterator[Alike]:
    """Audit a folder in several ways."""
    sources = [str(folder)]
    one = _bytes(Session(sources=sources, workers=1).run(Silent()))
    for workers in (2, 4):
        yield Alike(f"{workers} processes", _bytes(Session(sources=sources, workers=workers).run(Silent())) == one)
    if importlib.util.find_spec("ray") is not None:
        yield Alike("Ray", _bytes(Session(sources=sources, engine="ray", workers=2).run(Silent())) == one)
    with TemporaryDirectory() as out:
        killed = _run_and_kill(folder, Path(out), kills, np.random.default_rng(seed))
        report = Session(sources=sources, workers=2, out=Path(out), resume=True).run(Silent())
        yield Alike("2 processes, killed with all that they were, and resumed", _bytes(report) == one, killed)


def _bytes(report: Report) -> str:
    return sha256(replace(report, generated="").as_json()).hexdigest()


def _run_and_kill(folder: Path, out: Path, kills: int, chance: np.random.Generator) -> int:
    """Begin, and kill it with all its workers after a while; gives how often it was not done by then."""
    killed = 0
    for _ in range(kills):
        child = get_context("spawn").Process(target=_session, args=(str(folder), str(out)))
        child.start()
        child.join(chance.uniform(0, _LONGEST_S))
        if child.is_alive() and child.pid is not None:
            killed += 1
            _end(child.pid)
        child.join()
    return killed


def _session(folder: str, out: str) -> None:
    os.setsid()
    Session(sources=[folder], workers=2, out=Path(out), resume=True).run(Silent())


def _end(pid: int) -> None:
    """End a process, and all that it has started where it leads a group of its own."""
    if os.getpgid(pid) == pid:
        os.killpg(pid, signal.SIGKILL)
    else:
        os.kill(pid, signal.SIGKILL)


def report(found: Speed, ways: Sequence[Alike]) -> str:
    """The tables of both."""
    covered = "each file once" if found.covered else "not each file once"
    return join(
        f"{found.files} files, one of them unreadable: {found.unread} row of that; in the report: {covered}.",
        f"Processor time a file: {found.first * 1e3:.1f} ms in the first tenth, {found.last * 1e3:.1f} in the last.",
        table(
            ("way", "same bytes as one process", "killed"),
            [(one.way, "yes" if one.same else "no", one.kills) for one in ways],
        ),
    )


def main(
    files: Annotated[int, typer.Option(help="Recordings of the archive.", min=2)] = 1000,
    some: Annotated[int, typer.Option(help="Of them those that are audited in every way.", min=2)] = 40,
    kills: Annotated[int, typer.Option(help="Runs that are killed.", min=0)] = 10,
    seed: int = 0,
    out: Out = None,
) -> None:
    """Audit an archive in every way."""
    with TemporaryDirectory() as large, TemporaryDirectory() as small:
        make(Path(large), files)
        make(Path(small), some)
        deliver(report(speed(Path(large)), [*alike(Path(small), kills, seed)]), out)


if __name__ == "__main__":
    run(main)
