"""Versions of facewarden side by side: built, unpacked, each in a process of its own that does as it is asked."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryFile, mkdtemp
from types import TracebackType
from typing import Final, Self

from ...detector.errors import InputError
from . import probe

PACKAGES: Final = ("bench", "detector", "models", "streams")
_PROBE: Final = (sys.executable, "-P", "-W", "ignore", str(Path(probe.__file__)))


class Side:
    """A process that imports facewarden from a folder and times stages.

    Args:
        folder: what stands first on its path.
        pictures: from `probe.save_pictures`.
    """

    def __init__(self, folder: Path, pictures: Path) -> None:
        self._told = TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(  # noqa: S603 - ours
            [*_PROBE, str(pictures)],
            env={**_environment(folder), "TMPDIR": str(pictures.parent)},  # it is killed, and cannot clean up
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._told,
            text=True,
            bufsize=1,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._told.close()

    def spent(self, stage: str, times: int) -> int | None:
        """Nanoseconds of processor time of a stage, done so many times; None where this version lacks it.

        Raises:
            InputError: the process has ended.
        """
        given, answers = self._process.stdin, self._process.stdout
        assert given is not None
        assert answers is not None
        try:
            given.write(f"{times} {stage}\n")
            answer = answers.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise InputError(f"a version could not be measured: {self._why()}")
        return json.loads(answer)

    def _why(self) -> str:
        self._process.wait()
        self._told.seek(0)
        return (self._told.read().strip().splitlines() or ["it ended"])[-1]


def growth(folder: Path) -> float:
    """Bytes that a picture leaves behind in the guard of the version in a folder; see `probe.growth`."""
    done = subprocess.run(_PROBE, env=_environment(folder), capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return float(done.stdout)


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONHASHSEED": "0"}


@contextmanager
def unpacked(other: str) -> Generator[Path]:
    """A folder from which a wheel's version, or a revision's, can be imported.

    Raises:
        InputError: it cannot be had.
    """
    folder = Path(mkdtemp(prefix="facewarden-against-"))
    try:
        wheel = Path(other) if other.endswith(".whl") else _built(other, folder)
        _run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder / "there"), str(wheel)])
        yield folder / "there"
    finally:
        rmtree(folder, ignore_errors=True)


def importable(root: Path, folder: Path) -> Path:
    """A folder from which what runs here is imported: the installed one, or a checkout's packages under their name."""
    if root.name == "facewarden":
        return root.parent
    package = folder / "facewarden"
    package.mkdir(parents=True)
    for name in PACKAGES:
        (package / name).symlink_to(root / name)
    for file in (root / "detector" / "package").glob("*.py"):
        (package / file.name).symlink_to(file)
    return folder


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


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise InputError(f"{' '.join(command[:3])}: {(done.stderr.strip().splitlines() or ['it failed'])[-1]}")
