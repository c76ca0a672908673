"""Disks that are full: a small one, where the user may mount such; else a limit on how large files may become."""

import contextlib
import os
import resource
import signal
import subprocess
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

import pytest


class Disk(Protocol):
    """Attributes:
    folder: what is on it.
    """

    folder: Path

    @abstractmethod
    def full(self) -> contextlib.AbstractContextManager[None]:
        """Full to the last byte, as long as the block lasts."""
        ...


class SmallDisk:
    """A tmpfs of one megabyte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def full(self) -> Iterator[None]:
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as file:
            fill(file)
        yield
        filler.unlink()


class LimitedFiles:
    """No file of this process may become larger than any is by then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def full(self) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, before)


def fill(file: IO[bytes]) -> None:
    """Write until there is no room left, to the last byte."""
    for size in (65536, 1024, 1):
        with contextlib.suppress(OSError):
            while file.write(bytes(size)) == size:
                pass


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A folder with a small disk under it, or skip the test."""
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]).returncode:
        pytest.skip("only root may mount a file system that fills up")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
