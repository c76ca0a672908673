"""This version against another: both built first, then measured in turns, in fresh processes.

Pairs in the order ABBA, the median of the ratios of each pair, and controls that neither version can touch, which say
how much of a difference is the machine's own: blocks one after the other find 60 % where there is nothing.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import mkdtemp
from typing import Final, Literal

import msgspec

from ...detector.errors import InputError
from . import probe
from .measure import Progress

PAIRS: Final = 7
# A difference counts from here on, and from three times what the controls differ by.
_LEAST: Final = 1.08
_TIMES_THE_FLOOR: Final = 3.0
_CLEAR: Final = 1.04
# Where the controls themselves differ by so much, nothing can be said.
_NOISE: Final = 0.1

Verdict = Literal["slower", "faster", "same", "not measurable", "only here"]


class Compared(msgspec.Struct, frozen=True):
    """A stage in both versions: `ratio` is this one's time over the other's; None where only one has the stage."""

    name: str
    ratio: float | None
    verdict: Verdict


class Comparison(msgspec.Struct, frozen=True, tag_field="schema", tag="facewarden.bench.comparison/1"):
    """Two versions; `floor` is how much the controls differed, which neither can change."""

    other: str
    floor: float
    limit: float
    stages: tuple[Compared, ...]

    @property
    def slower(self) -> tuple[Compared, ...]:
        """What has become slower."""
        return tuple(stage for stage in self.stages if stage.verdict == "slower")

    @property
    def measurable(self) -> bool:
        """Whether the controls let anything be said."""
        return self.floor <= _NOISE


def compare(other: str, tell: Progress, pairs: int = PAIRS) -> Comparison:
    """Measure what is installed here against another version.

    Args:
        other: a wheel, or a revision of the Git repository that the current folder is in.
        tell: told how it goes.
        pairs: how many; an odd number.

    Raises:
        InputError: the other version cannot be had.
    """
    with _unpacked(other) as theirs:
        ours = Path(__file__).parents[2]
        runs = list(_in_turns(_importable(ours, theirs.parent / "ours"), theirs, tell, pairs))
    return judge(other, runs)


def judge(other: str, runs: list[tuple[dict[str, float | None], dict[str, float | None]]]) -> Comparison:
    """What pairs of runs, this version's first, come to."""
    floor = max(abs(median(_ratios(name, runs)) - 1.0) for name in probe.CONTROLS)
    limit = max(_LEAST, 1 + _TIMES_THE_FLOOR * floor)
    stages = tuple(_compared(name, _ratios(name, runs), len(runs), limit, floor) for name in probe.STAGES)
    return Comparison(other, round(floor, 4), round(limit, 4), stages)


def _ratios(name: str, runs: list[tuple[dict[str, float | None], dict[str, float | None]]]) -> list[float]:
    pairs = [(here[name], there[name]) for here, there in runs]
    return sorted(ours / theirs for ours, theirs in pairs if ours and theirs)


def _compared(name: str, ratios: list[float], pairs: int, limit: float, floor: float) -> Compared:
    """Slower, or faster, where the middle pair is beyond the limit, and all pairs but one are on its side."""
    if len(ratios) < pairs:
        return Compared(name, None, "only here")
    middle, verdict = median(ratios), "same"
    if floor > _NOISE:
        verdict = "not measurable"
    elif middle > limit and ratios[1] > _CLEAR:
        verdict = "slower"
    elif middle < 1 / limit and ratios[-2] < 1 / _CLEAR:
        verdict = "faster"
    return Compared(name, round(middle, 4), verdict)


def _in_turns(
    ours: Path, theirs: Path, tell: Progress, pairs: int
) -> Iterator[tuple[dict[str, float | None], dict[str, float | None]]]:
    for number in range(pairs):
        tell(f"pair {number + 1} of {pairs}")
        if number % 2:
            there, here = _measured(theirs), _measured(ours)
        else:
            here, there = _measured(ours), _measured(theirs)
        yield here, there


def _measured(folder: Path) -> dict[str, float | None]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-P", "-W", "ignore", str(Path(probe.__file__))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise InputError(f"a version could not be measured: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    return json.loads(done.stdout)


@contextmanager
def _unpacked(other: str) -> Generator[Path]:
    """A folder from which the other version can be imported."""
    folder = Path(mkdtemp(prefix="facewarden-against-"))
    try:
        wheel = Path(other) if other.endswith(".whl") else _built(other, folder)
        _run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder / "there"), str(wheel)])
        yield folder / "there"
    finally:
        rmtree(folder, ignore_errors=True)


def _built(revision: str, folder: Path) -> Path:
    if not re.fullmatch(r"[\w./~^@{}-]+", revision) or revision.startswith("-"):
        raise InputError(f"{revision}: is no revision")
    tree = folder / "tree"
    tree.mkdir()
    archive = folder / "tree.tar"
    _run(["git", "archive", "--output", str(archive), revision])
    _run(["tar", "-xf", str(archive), "-C", str(tree)])
    _run([
        sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), str(tree),
    ])  # fmt: skip
    return next(folder.glob("*.whl"))


def _importable(root: Path, folder: Path) -> Path:
    """A folder from which what runs here is imported: the installed one, or a checkout's packages under their name."""
    if root.name == "facewarden":
        return root.parent
    package = folder / "facewarden"
    package.mkdir(parents=True)
    for name in ("bench", "detector", "models", "streams"):
        (package / name).symlink_to(root / name)
    for file in (root / "detector" / "package").glob("*.py"):
        (package / file.name).symlink_to(file)
    return folder


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise InputError(f"{' '.join(command[:3])}: {(done.stderr.strip().splitlines() or ['it failed'])[-1]}")
