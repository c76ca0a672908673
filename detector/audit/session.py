"""An audit from files to report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from ...streams.address import local_path
from ..calls import Call, read_calls
from ..errors import CallLogError, InputError
from ..facts import check_fact
from ..guard import Guard
from ..naming import name_sources
from ..site import Site, load_site
from ..site.terms import packs_of
from .judging import audit
from .pictures import Pictures
from .replay import Replay, Watcher
from .report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What to audit, and by what.

    Attributes:
        sources: `[NAME=]URL` each.
        calls: the call log; without one there are only verdicts.
        site: the site file; without one nothing is declared.
        packs: policy packs, instead of those that the site names.
        date: the day to judge by where neither site nor call names one; by default today.
        max_seconds, assume_fps: see `Replay`.
        pictures: the folder in which to keep a small picture of each call's moment, faces blurred.
        command: the command line that asked for it, for the report to say.
    """

    sources: Sequence[str]
    calls: Path | None = None
    site: Path | None = None
    packs: Sequence[str] | None = None
    date: str | None = None
    max_seconds: float | None = None
    assume_fps: float | None = None
    pictures: Path | None = None
    command: Sequence[str] = ()

    def run(self, watcher: Watcher) -> Report:
        """Replay, judge, report. Everything written by a person is checked before the first picture is read.

        Raises:
            InputError: the site file, the call log, a pack or the date is wrong, or a picture cannot be kept. A
                source that cannot be read is no error here but a part of the report.
        """
        site = load_site(self.site) if self.site else Site()
        calls = read_calls(self.calls) if self.calls else []
        named = name_sources(self.sources)
        _check_sources(calls, list(named), self.calls)
        date = str(check_fact("date", self.date)) if self.date else None
        guard = Guard(site, packs_of(site, self.packs), live=False, date=date)
        pictures = Pictures(self.pictures, calls) if self.pictures else None
        answers = Replay(guard, watcher, self.max_seconds, self.assume_fps, pictures, traced=True).run(named)
        inputs = [self.site, self.calls, *map(local_path, named.values())]
        names = pictures.names if pictures else None
        return audit(guard, answers, calls, [path for path in inputs if path], names, self.command)


def make_folder(folder: Path) -> Path:
    """Make the folder, if need be, and be sure that it can be written to: better before the work than after it.

    Raises:
        InputError: it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from error


def _check_sources(calls: Sequence[Call], names: list[str], log: Path | None) -> None:
    for number, call in enumerate(calls, 1):
        if call.source is not None and call.source not in names:
            known = ", ".join(names)
            raise CallLogError(f"{log}: call {number} is on source '{call.source}'; this audit has: {known}")
