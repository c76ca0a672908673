"""Whether `facewarden bench --against` can be trusted: `python -m facewarden.bench.speed.planted`.

The checkout is compared with copies of itself: unchanged ones, with a process that burns a core beside every other run,
and ones in which one stage was made a fifth slower, or in which each picture leaves a kilobyte behind.
"""

import multiprocessing
import shutil
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, NamedTuple

import typer

from ...detector.errors import InputError
from ..tools.command import Out, deliver, run
from ..tools.markdown import cell, join, table
from . import against, versions
from .against import Comparison
from .measure import MOST_KEPT

ROOT: Final = Path(__file__).parents[2]
# Appended to a module: the fifth part of what was spent is spent once more, or every fifth call is done twice where a
# clock would cost more than that.
_LONGER: Final = """
def _planted(work):
    from time import thread_time_ns as now
    def longer(*given, **named):
        begun = now()
        found = work(*given, **named)
        until = now() + (now() - begun) // 5 if {where} else 0
        while now() < until:
            pass
        return found
    return longer
{what} = _planted({what})
"""
_OFTENER: Final = """
def _planted(work):
    from itertools import cycle
    turns = cycle((True, False, False, False, False)).__next__
    def oftener(*given, **named):
        if turns():
            work(*given, **named)
        return work(*given, **named)
    return oftener
{what} = _planted({what})
"""
_LEAKING: Final = """
_kept = []
def _planted(work):
    def leaking(*given, **named):
        _kept.append(bytes(1024))
        return work(*given, **named)
    return leaking
{what} = _planted({what})
"""


class Plant(NamedTuple):
    """Where something is planted: at the end of a module, on a function or method of it."""

    module: str
    what: str
    code: str = _OFTENER
    where: str = "True"

    def into(self, folder: Path) -> None:
        """Plant it into a folder that holds facewarden."""
        with (folder / "facewarden" / self.module).open("a", encoding="utf-8") as file:
            file.write(self.code.format(what=self.what, where=self.where))


PLANTS: Final = {
    "frame 1080p luma": Plant("detector/guard.py", "Guard.observe", _LONGER, "not hasattr(given[1].pixels, 'order')"),
    "frame 1080p bgr": Plant("detector/guard.py", "Guard.observe", _LONGER, "hasattr(given[1].pixels, 'order')"),
    "luma": Plant("streams/frame.py", "Frame.thumbnail", _LONGER),
    "mobility": Plant("detector/mobility/estimator.py", "MobilityEstimator.update", _LONGER),
    "environment": Plant("detector/environment/estimator.py", "EnvironmentEstimator.update", _LONGER),
    "faces": Plant("detector/environment/faces/closeup.py", "CloseUp.detect", _LONGER),
    "attribution keep": Plant("detector/calls/attribution/recent.py", "Recent.add", _LONGER),
    "attribution find": Plant("detector/calls/attribution/content.py", "match", _LONGER),
    "decide anew": Plant("detector/policy/engine.py", "Policy.judge"),
    "decide remembered": Plant("detector/policy/engine.py", "Policy.__call__"),
    "call": Plant("detector/guard.py", "Guard.authorise"),
    "admission": Plant("detector/admission.py", "Admission.admit"),
}
LEAK: Final = Plant("detector/guard.py", "Guard.observe", _LEAKING)


UNCHANGED: Final = "unchanged"
MEMORY: Final = "memory"
Row = tuple[str | int | float, ...]


def main(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="WHAT", help=f"{UNCHANGED}, {MEMORY}, or a stage: {', '.join(PLANTS)}."),
    ] = None,
    runs: Annotated[int, typer.Option(min=0, help="Of unchanged trees.")] = 20,
    pairs: Annotated[int, typer.Option(min=3, help="Pairs of processes in each run; an odd number.")] = against.PAIRS,
    out: Out = None,
) -> None:
    """Compare this checkout with unchanged copies of itself, and with copies made slower stage by stage.

    Each row is told on standard error as soon as it is known, the report at the end.
    """
    deliver(join("# Planted", report(only, runs, pairs)), out)


def report(only: Sequence[str] | None = None, runs: int = 20, pairs: int = against.PAIRS) -> str:
    """Unchanged copies, slower ones, and one that leaks; two hours.

    Args:
        only: some of it: `unchanged`, `memory`, names of stages; by default all.
        runs: of unchanged trees.
        pairs: of processes in each run.

    Raises:
        InputError: there is no such part.
    """
    wanted = only or (UNCHANGED, *PLANTS, MEMORY)
    if unknown := set(wanted) - {UNCHANGED, *PLANTS, MEMORY}:
        raise InputError(f"--only {min(unknown)}: is neither a stage nor {UNCHANGED} or {MEMORY}")
    blocks: list[str] = []
    if UNCHANGED in wanted:
        header = ("run", "neighbour", "seconds", "controls, %", "most, %", "called slower")
        blocks += ["### Unchanged", table(header, _told(unchanged(runs, pairs)))]
    if stages := [name for name in PLANTS if name in wanted]:
        header = ("stage", "", "seconds", "times", "controls, %", "called slower")
        blocks += ["### A fifth slower", table(header, _told(slowed(stages, pairs)))]
    if MEMORY in wanted:
        blocks += ["### Memory", table(("tree", "bytes a picture", ""), _told(leaking()))]
    return join(*blocks)


def unchanged(runs: int, pairs: int) -> Iterator[Row]:
    """Runs of an unchanged tree; beside every second a neighbour burns a core."""
    with copied() as there, copied() as here:
        for number in range(runs):
            busy = number % 2 == 1
            with burning(int(busy)):
                found, seconds = _compared(here, there, pairs)
            yield number + 1, "busy" if busy else "", seconds, found.floor * 100, _most(found), _named(found)


def slowed(stages: Iterable[str], pairs: int) -> Iterator[Row]:
    """Each stage a fifth slower, one by one."""
    for stage in stages:
        with copied() as there, copied(PLANTS[stage]) as here:
            found, seconds = _compared(here, there, pairs)
        ratio = {one.name: one.ratio for one in found.stages}[stage] or 0.0
        is_found = stage in {one.name for one in found.slower}
        yield stage, "found" if is_found else "MISSED", seconds, ratio, found.floor * 100, _named(found)


def leaking() -> Iterator[Row]:
    """What a picture leaves behind, in an unchanged tree and in one that keeps a kilobyte of each."""
    for name, plant in ((UNCHANGED, None), ("a kilobyte a picture", LEAK)):
        with copied(plant) as tree:
            kept = versions.growth(tree)
        yield name, kept, "found" if kept > MOST_KEPT else ""


def _told(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        typer.echo(" | ".join(map(cell, row)), err=True)
        yield row


@contextmanager
def copied(plant: Plant | None = None) -> Generator[Path]:
    """A folder from which a copy of this checkout can be imported, with something planted."""
    with TemporaryDirectory(prefix="facewarden-planted-") as folder:
        linked = versions.importable(ROOT, Path(folder) / "links")
        copy = Path(folder) / "copy"
        shutil.copytree(linked, copy, ignore=shutil.ignore_patterns("__pycache__", "training", "node_modules"))
        if plant:
            plant.into(copy)
        yield copy


@contextmanager
def burning(processes: int) -> Generator[None]:
    """So many neighbours that burn a core each."""
    neighbours = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(processes)]
    for one in neighbours:
        one.start()
    try:
        yield
    finally:
        for one in neighbours:
            one.terminate()


def _burn() -> None:
    until = time.monotonic() + 3600
    while time.monotonic() < until:
        sum(range(1000))


def _compared(here: Path, there: Path, pairs: int) -> tuple[Comparison, int]:
    started = time.monotonic()
    return against.between(here, there, "planted", lambda _: None, pairs), round(time.monotonic() - started)


def _most(found: Comparison) -> float:
    """How far the stage is from 1 that is furthest, percent."""
    return 100 * max(abs((one.ratio or 1.0) - 1.0) for one in found.stages)


def _named(found: Comparison) -> str:
    return ", ".join(one.name for one in found.slower) if found.measurable else "not measurable"


if __name__ == "__main__":
    run(main)
