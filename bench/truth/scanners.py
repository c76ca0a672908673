"""A scan beside scanners of pickles, over one folder: `python -m facewarden.bench.truth.scanners FOLDER`.

They ask whether a file would run code, ours asks whether it recognises faces; so what is compared is which files each
looks into, by format, what it says of the others, and what it takes. Scanners that are not installed are left out.
"""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import msgspec
import typer

from ..tools.command import Out, deliver, run
from ..tools.markdown import Cell, join, table

_NOTE = """\
Files of the folder are counted once, whatever lies inside them. Ours takes every format by content; a file of another
kind counts as `no model`. Seconds are of processor time of each command and all that it starts, the interpreter
included, and by the wall. `pip install modelscan picklescan`, in an environment of their own, and
`python -m facewarden.bench.truth.scanners FOLDER --bin THAT/bin` makes this part alone."""
_NO_MODEL = "no model"


class Looked(msgspec.Struct, frozen=True):
    """What a scanner did with a folder.

    Attributes:
        name: of the scanner, and its version.
        into: files that it looked into, relative.
        passed: files of which it says that it did not look.
        found: what it raises, in a line.
        seconds: by the wall.
        work: seconds of processor time.
        memory: bytes, at most at once in one process.
    """

    name: str
    into: frozenset[str]
    passed: frozenset[str]
    found: str
    seconds: float
    work: float
    memory: int


class _Ran(msgspec.Struct, frozen=True):
    output: bytes
    seconds: float
    work: float
    memory: int


def ours(folder: Path) -> tuple[Looked, Mapping[str, str]]:
    """What a scan of ours does, and the format of every model."""
    words = [
        sys.executable,
        "-m",
        "facewarden",
        "scan",
        str(folder),
        "--format",
        "json",
        "--no-cache",
        "--show-skipped",
    ]
    ran = _run(words, folder)
    lines: list[dict[str, Any]] = [msgspec.json.decode(line) for line in ran.output.splitlines()]
    told = [line for line in lines if "recogniser" in line]
    formats = {_within(line["path"], folder): str(line["format"]) for line in told}
    passed = frozenset(_within(line["path"], folder) for line in lines if "skipped" in line or "error" in line)
    said = Counter({True: "recognise faces", False: "do not", None: "undecided"}[line["recogniser"]] for line in told)
    found = ", ".join(f"{count} {name}" for name, count in sorted(said.items()))
    closed = frozenset(_within(line["path"], folder) for line in told if _only_named(line))
    into = frozenset(formats) - closed
    return Looked("facewarden", into, passed | closed, found, ran.seconds, ran.work, ran.memory), formats


def _only_named(line: Mapping[str, Any]) -> bool:
    return any("not looked into" in one["detail"] for one in line["evidence"])


def modelscan(command: Path, folder: Path) -> Looked:
    """What modelscan does; it writes a report."""
    with TemporaryDirectory() as place:
        report = Path(place) / "report.json"
        words = [str(command), "-p", str(folder), "-r", "json", "-o", str(report), "--show-skipped"]
        ran = _run(words, Path(place))
        summary: dict[str, Any] = msgspec.json.decode(report.read_bytes())["summary"]
    into = frozenset(_within(one, folder) for one in summary["scanned"].get("scanned_files", ()))
    passed = frozenset(_within(one["source"], folder) for one in summary.get("skipped", {}).get("skipped_files", ()))
    name = f"modelscan {summary['modelscan_version']}"
    found = f"{summary['total_issues']} that would run something"
    return Looked(name, into, passed - into, found, ran.seconds, ran.work, ran.memory)


def picklescan(command: Path, folder: Path) -> Looked:
    """What picklescan does; of what it did not look into it says nothing."""
    words = [str(command), "-p", str(folder)]
    ran = _run([*words, "-l", "DEBUG"], folder)
    lines = ran.output.decode(errors="replace").splitlines()
    opened = (line.partition(f"{one}(")[2] for line in lines for one in ("scan_pytorch", "scan_pickle_bytes"))
    into = frozenset(_within(one.rstrip(")"), folder) for one in opened if one)
    found = ", ".join(line for line in lines if line.startswith(("Infected", "Dangerous")))
    plain = _run(words, folder)
    return Looked("picklescan", into, frozenset(), found, plain.seconds, plain.work, plain.memory)


def _run(words: Sequence[str], cwd: Path) -> _Ran:
    """Run it to its end; what it and all of its processes took."""
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - commands that the user names
        list(words), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT if "-l" in words else subprocess.DEVNULL
    )
    assert process.stdout
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    seconds = time.monotonic() - started
    return _Ran(output, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def _within(name: str, folder: Path) -> str:
    """The file of the folder that it is, or is in."""
    relative = os.path.relpath(name, folder) if Path(name).is_absolute() else name
    return relative.split("!/")[0].split(":")[0]


def report(folder: Path, commands: Mapping[str, Path]) -> str:
    """The tables."""
    own, formats = ours(folder)
    peers = [_PEERS[name](command, folder) for name, command in commands.items()]
    every = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    everyone = [own, *peers]
    header = ("scanner", "looked into", "said to be left out", "not spoken of", "found", "processor s", "s", "MB, most")
    kinds = ("format", "files", *(one.name for one in everyone))
    missing = [name for name in _PEERS if name not in commands]
    return join(
        "## Beside scanners of pickles",
        _NOTE,
        table(header, (_row(one, every) for one in everyone)),
        "Files looked into, by format:",
        table(kinds, _by_format(everyone, every, formats)),
        *([f"Not installed, and left out: {', '.join(missing)}."] if missing else []),
    )


def _row(one: Looked, every: Sequence[str]) -> tuple[Cell, ...]:
    silent = len(set(every) - one.into - one.passed)
    return (
        one.name, len(one.into & set(every)), len(one.passed & set(every)), silent, one.found, f"{one.work:.1f}",
        f"{one.seconds:.1f}", round(one.memory / 1e6),
    )  # fmt: skip


def _by_format(everyone: Sequence[Looked], every: Iterable[str], formats: Mapping[str, str]) -> list[tuple[Cell, ...]]:
    kinds = {name: formats.get(name, _NO_MODEL) for name in every}
    return [
        (kind, count, *(sum(kinds[name] == kind for name in one.into if name in kinds) for one in everyone))
        for kind, count in sorted(Counter(kinds.values()).items())
    ]


_PEERS: dict[str, Callable[[Path, Path], Looked]] = {"modelscan": modelscan, "picklescan": picklescan}


def main(
    folder: Annotated[
        Path, typer.Argument(help="Files of any kind.", exists=True, file_okay=False, show_default=False)
    ],
    bin_: Annotated[Path | None, typer.Option("--bin", help="Where the other scanners' commands lie.")] = None,
    out: Out = None,
) -> None:
    """Scan a folder with each, one after the other."""
    found = {name: shutil.which(name, path=str(bin_) if bin_ else None) for name in _PEERS}
    commands = {name: Path(command).absolute() for name, command in found.items() if command}
    deliver(report(folder.resolve(), commands), out)


if __name__ == "__main__":
    run(main)
