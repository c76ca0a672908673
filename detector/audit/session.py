"""An audit from files to report."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from msgspec.structs import replace

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
        strict: a call on a source that is not given is an error; otherwise it is skipped, and counted, unless all are.
    """

    sources: Sequence[str]
    calls: Path | None = None
    site: Path | None = None
    packs: Sequence[str] | None = None
    date: str | None = None
    max_seconds: float | None = None
    assume_fps: float | None = None
    pictures: Path | None = None
    strict: bool = False

    def run(self, watcher: Watcher) -> Report:
        """Replay, judge, report. Everything written by a person is checked before the first picture is read.

        Raises:
            InputError: the site file, the call log, a pack or the date is wrong, or a picture cannot be kept. A
                source that cannot be read is no error here but a part of the report.
        """
        site = load_site(self.site) if self.site else Site()
        calls = read_calls(self.calls) if self.calls else []
        named = name_sources(self.sources)
        given = _on_given(calls, list(named), self.calls, self.strict)
        date = str(check_fact("date", self.date)) if self.date else None
        guard = Guard(site, packs_of(site, self.packs), live=False, date=date)
        pictures = Pictures(self.pictures, given) if self.pictures else None
        answers = Replay(guard, watcher, self.max_seconds, self.assume_fps, pictures).run(named)
        inputs = [self.site, self.calls, *map(local_path, named.values())]
        names = pictures.names if pictures else None
        report = audit(guard, answers, given, [path for path in inputs if path], names)
        summary = replace(report.summary, skipped=len(calls) - len(given))
        return replace(report, summary=summary, notes=tuple(_notes(site if self.site else None, list(named), calls)))


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


def write_report(report: Report, folder: Path) -> Path:
    """Write `report.json` into the folder; gives the file's path.

    Raises:
        InputError: it cannot be written.
    """
    path = make_folder(folder) / "report.json"
    try:
        path.write_bytes(report.as_json())
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from error
    return path


def _on_given(calls: Sequence[Call], names: Sequence[str], log: Path | None, strict: bool) -> list[Call]:
    """The calls on the sources given, and those of no known source."""
    given = [call for call in calls if call.source is None or call.source in names]
    if len(given) < len(calls) and (strict or not given):  # all of them elsewhere: a name is misspelt
        number, call = next((n, call) for n, call in enumerate(calls, 1) if call not in given)
        raise CallLogError(f"{log}: call {number} is on source '{call.source}'; this audit has: {', '.join(names)}")
    return given


def _notes(site: Site | None, names: Sequence[str], calls: Sequence[Call]) -> Iterator[str]:
    """What an audit leaves out, or has nothing declared of."""
    for source, count in Counter(call.source for call in calls if call.source is not None).items():
        if source not in names:
            yield f"{count} calls on '{source}' are not judged: no recording of it is given ({', '.join(names)})"
    declared = site.cameras if site else {}
    for name in names if declared else ():
        if name not in declared:
            yield f"'{name}' is no camera of the site: nothing of its own is declared"
    for name in declared:
        if name not in names:
            yield f"the camera '{name}' is declared, and no recording of it is given"
