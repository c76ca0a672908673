"""What hostile files do to a scan: `python -m facewarden.bench.truth.hostile`.

Each is made in a folder of its own, between two honest recognisers, and the folder is scanned with the usual limits.
Told are the lines of the answer, whether the honest neighbours were found, what was written, seconds and memory.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import msgspec
import typer

from ..material.hostile import HOSTILE, Write
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table
from .programs.recogniser import linear_recogniser

MOST_SECONDS, MOST_MEMORY = 20.0, 2 << 30
_NOTE = """\
Wall-clock seconds of the whole command, starting and two honest recognisers included; processor time of all that
it started; the most memory that one of its processes held.
`python -m facewarden.bench.truth.hostile` makes this part alone."""


class Outcome(msgspec.Struct, frozen=True):
    """What a scan of a folder with one hostile file did.

    Attributes:
        name: of the file.
        said: of it, a line each.
        neighbours: honest recognisers found, of two.
        written: names that were not there before.
        seconds: by the wall.
        work: seconds of processor time.
        memory: bytes, at most at once in one process.
    """

    name: str
    said: tuple[str, ...]
    neighbours: int
    written: tuple[str, ...]
    seconds: float
    work: float
    memory: int

    @property
    def harmless(self) -> bool:
        """A line at least, the neighbours found, nothing written, within bounds."""
        within = self.seconds <= MOST_SECONDS and self.memory <= MOST_MEMORY
        return bool(self.said) and self.neighbours == 2 and not self.written and within


def try_all(names: Iterable[str] = (), *words: str) -> Iterator[Outcome]:
    """Scan each; those of PyTorch where torch is installed. `words` go to the command."""
    chosen = tuple(names)
    honest = linear_recogniser()
    for name, write in _all().items():
        if not chosen or name in chosen:
            yield _try(name, write, honest, words)


def _all() -> dict[str, Write]:
    try:
        from ..material.hostile_torch import HOSTILE_TORCH
    except ImportError:
        return HOSTILE
    return {**HOSTILE, **HOSTILE_TORCH}


def _try(name: str, write: Write, honest: bytes, words: tuple[str, ...]) -> Outcome:
    with TemporaryDirectory() as place:
        folder = Path(place)
        write(folder)
        for neighbour in ("a.honest", "z.honest"):
            (folder / neighbour).write_bytes(honest)
        before = _names(folder)
        started = time.monotonic()
        lines, usage = _scan(folder, words)
        seconds = time.monotonic() - started
        written = sorted(_names(folder) - before)
    theirs = [line for line in lines if not line["path"].endswith(".honest")]
    found = sum(line.get("recogniser") is True for line in lines if line["path"].endswith(".honest"))
    work, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    return Outcome(name, tuple(map(_said, theirs)), found, tuple(written), seconds, work, memory)


def _names(folder: Path) -> set[str]:
    return {ascii(str(path.relative_to(folder))) for path in folder.rglob("*")}


def _scan(folder: Path, words: tuple[str, ...]) -> tuple[list[dict[str, Any]], resource.struct_rusage]:
    """Lines of the answer, and what all of its processes took."""
    command = [sys.executable, "-m", "facewarden", "scan", str(folder), "--format", "json", "--no-cache"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--show-skipped", *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout
    lines = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    return [msgspec.json.decode(line) for line in lines], usage


def _said(line: dict[str, Any]) -> str:
    if "error" in line:
        return f"error: {line['error']['message']}"
    if "skipped" in line:
        return f"not looked at: {line['skipped']}"
    last = line["evidence"][-1]["detail"] if line["evidence"] else ""
    return f"{ {True: 'recogniser', False: 'none', None: 'undecided'}[line['recogniser']] }: {last}"


def _row(one: Outcome) -> tuple[str | float | int, ...]:
    said = one.said[0] if one.said else "nothing"
    more = f" (and {len(one.said) - 1} more lines)" if len(one.said) > 1 else ""
    return (
        one.name, "yes" if one.harmless else "NO", f"{one.seconds:.1f}", f"{one.work:.1f}", round(one.memory / 1e6),
        one.neighbours, ", ".join(one.written), said[:140] + more,
    )  # fmt: skip


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Only these.", show_default=False)] = None,
    out: Out = None,
) -> None:
    """Scan folders with hostile files, one after the other."""
    header = ("file", "harmless", "s", "processor s", "MB", "honest neighbours found, of 2", "written", "said of it")
    deliver(join("## Hostile files", _NOTE, table(header, map(_row, try_all(names or ())))), out)


if __name__ == "__main__":
    run(main)
