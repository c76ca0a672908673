"""An audit from files to report."""

import os
import time
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Final

from msgspec.structs import replace

from ...streams.segments import begins_at
from ..calls import Call, read_calls
from ..clock import Recorded, today
from ..errors import CallLogError, InputError, RecordError
from ..facts import check_fact
from ..judge import Judge
from ..ledger import open_record
from ..naming import name_sources
from ..records import Entry, Recorder
from ..records.here import ended, started
from ..site import Site, load_site
from ..site.terms import packs_of
from ..words import many
from .archive import expand
from .engines import here, in_processes, not_played, with_ray
from .judging import audit
from .ledger_head import head_beside
from .past import Past
from .recorded import entries_of
from .replay import Watcher
from .report import INTERRUPTED, Report
from .sparing import spans_of
from .unit import Played, Unit

# So many sources are worth the start of other processes.
_MANY: Final = 4
# What is written aside is renamed at once: a file so old, seconds, is nobody's any more.
_ASIDE_S: Final = 3600.0
ENGINES: Final = ("local", "ray")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What to audit, and by what.

    Attributes:
        sources: as `archive.expand` takes them.
        out: the folder that the report goes to, and what it is made of; without one nothing is left behind.
        calls: the call log; without one there are only verdicts.
        site: the site file; without one nothing is declared.
        packs: policy packs, instead of those that the site names.
        date: the day to judge by where neither site nor call names one; by default today.
        max_seconds, assume_fps: see `Replay`.
        pictures: keep a small picture of each call's moment, faces blurred.
        command: the command line that asked for it, for the report to say.
        engine: `local` or `ray`: who replays the sources.
        workers: how many at once; by default one, and all cores where there are several sources.
        resume: take what an earlier audit has left of the same content and settings, and leave all for a later one.
        strict: a log without a call, and a call on a source that is not given, is an error; otherwise the first is a
            note, and the other is skipped, and counted, unless all are
            (with `resume` that is no error: what is audited may be one part of an archive).
        key_pictures: decode key pictures alone where few will do, see `Sparing`; by default every picture is.
        record: the folder of a record, which gets what was found and decided as well.
    """

    sources: Sequence[str]
    out: Path | None = None
    calls: Path | None = None
    site: Path | None = None
    packs: Sequence[str] | None = None
    date: str | None = None
    max_seconds: float | None = None
    assume_fps: float | None = None
    pictures: bool = False
    command: Sequence[str] = ()
    engine: str = "local"
    workers: int | None = None
    resume: bool = False
    strict: bool = False
    key_pictures: bool = False
    record: Path | None = None

    def run(self, watcher: Watcher) -> Report:
        """Replay, judge, report. Everything written by a person is checked before the first picture is read.

        An interruption (`KeyboardInterrupt`) ends the replay: what is done is reported, and the rest named.

        Raises:
            InputError: the site file, the call log, a pack or the date is wrong, or the folder cannot be written to. A
                source that cannot be read is no error here but a part of the report.
            RecordError: the record could not be written.
        """
        if self.engine not in ENGINES:
            raise InputError(f"--engine: there is no '{self.engine}'; known are {', '.join(ENGINES)}")
        site = load_site(self.site) if self.site else Site()
        calls = read_calls(self.calls) if self.calls else []
        named = name_sources(list(expand(self.sources)))
        if self.calls and self.strict and not calls:
            raise CallLogError(f"{self.calls}: holds no call")
        calls = [*_placed(calls, named)]
        given = _on_given(calls, named, self.calls, self.strict, self.resume)
        date = str(check_fact("date", self.date)) if self.date else None
        judge = Judge(site, packs_of(site, self.packs), date=date)
        recorder = Recorder(open_record(self.record)) if self.record else None
        units = [self._unit(name, url, site, given) for name, url in named.items()]
        played = self._play(units, watcher)
        past = Past(judge, {one.answer.source: one.history for one in played}, today(Recorded()))
        inputs = [path for path in (self.site, self.calls) if path]
        report = audit(past, played, given, inputs, self.command, head_beside(self.calls) if self.calls else None)
        summary = replace(report.summary, skipped=len(calls) - len(given))
        empty = [f"{self.calls} holds no call"] if self.calls and not calls else []
        notes = *empty, *_notes(site if self.site else None, named, calls), *_left_out(report)
        if recorder is not None:
            _keep(recorder, [started(), *entries_of(report, site, judge.packs), ended()])
        return replace(report, summary=summary, notes=notes)

    def _unit(self, name: str, url: str, site: Site, calls: Sequence[Call]) -> Unit:
        wanted = enumerate(calls) if self.pictures and self.out else ()
        asked = [call.at for call in calls if call.source in (name, None)]
        known = [at for at in asked if at is not None]
        few = self.key_pictures and len(known) == len(asked)  # a call of an unknown moment may be any
        return Unit(
            name=name,
            url=url,
            max_seconds=self.max_seconds,
            assume_fps=self.assume_fps,
            faces=site.faces,
            moments=tuple((call.at, n) for n, call in wanted if call.at is not None and call.source == name),
            pictures=str(self.out) if self.pictures and self.out else None,
            spans=spans_of(known) if few else None,
        )

    def _play(self, units: Sequence[Unit], watcher: Watcher) -> list[Played]:
        """The results, in the order of the units, whoever does them and whenever they come."""
        done: dict[str, Played] = {}
        with self._parts() as parts:
            try:
                for played in self._engine(units, parts, watcher):
                    done[played.answer.source] = played
            except KeyboardInterrupt:
                watcher.interrupted()
        missing = "the audit was interrupted before its end; --resume goes on"
        return [done.get(unit.name) or not_played(unit, INTERRUPTED, f"{unit.name}: {missing}") for unit in units]

    def _engine(self, units: Sequence[Unit], parts: Path, watcher: Watcher) -> Iterator[Played]:
        workers = self.workers or (1 if len(units) < _MANY else len(os.sched_getaffinity(0)))
        if self.engine == "ray":
            return with_ray(units, parts, watcher, self.workers)
        return here(units, parts, watcher) if workers == 1 else in_processes(units, parts, watcher, workers)

    @contextmanager
    def _parts(self) -> Generator[Path]:
        """The folder of results: kept where the audit did not come to its end, or may be gone on with."""
        if self.out is None:
            with TemporaryDirectory() as folder:
                yield Path(folder)
            return
        parts = self.out / "parts"
        if not self.resume:
            rmtree(parts, ignore_errors=True)
        _sweep(make_folder(parts))
        yield parts
        if not self.resume:
            rmtree(parts, ignore_errors=True)


def _sweep(parts: Path) -> None:
    """Remove what runs that were killed had not written to its end; what is newer may be another worker's."""
    for aside in parts.glob("*.part"):
        with suppress(OSError):
            if time.time() - aside.stat().st_mtime > _ASIDE_S:
                aside.unlink()


def _keep(recorder: Recorder, entries: Iterable[Entry]) -> None:
    for entry in entries:
        recorder.put(entry)
    failed = recorder.failed
    recorder.close()
    if failed:
        raise RecordError(failed)


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


def _on_given(calls: Sequence[Call], names: Collection[str], log: Path | None, strict: bool, part: bool) -> list[Call]:
    """The calls on the sources given, and those of no known source."""
    given = [call for call in calls if call.source is None or call.source in names]
    if len(given) < len(calls) and (strict or not (given or part)):  # all of them elsewhere: a name is misspelt
        number, call = next((n, call) for n, call in enumerate(calls, 1) if call not in given)
        raise CallLogError(f"{log}: call {number} is on source '{call.source}'; this audit has: {', '.join(names)}")
    return given


def _placed(calls: Sequence[Call], named: Mapping[str, str]) -> Iterator[Call]:
    """The calls; one of which only the wall clock is known gets its moment in a recording that knows its own."""
    begins = {name: at for name, url in named.items() if (at := begins_at(url)) is not None}
    for call in calls:
        began = begins.get(call.source or "")
        if call.at is None and call.made_at is not None and began is not None and call.made_at >= began:
            yield replace(call, at=round(call.made_at - began, 6))
        else:
            yield call


def _notes(site: Site | None, names: Collection[str], calls: Sequence[Call]) -> Iterator[str]:
    """What an audit leaves out, or has nothing declared of."""
    for source, count in Counter(call.source for call in calls if call.source is not None).items():
        if source not in names:
            given = ", ".join(names)
            yield f"not judged: {many(count, 'call')} on '{source}': no recording of it is given ({given})"
    declared = site.cameras if site else {}
    for name in names if declared else ():
        if name not in declared:
            yield f"'{name}' is no camera of the site: nothing of its own is declared"
    for name in declared:
        if name not in names:
            yield f"the camera '{name}' is declared, and no recording of it is given"


def _left_out(report: Report) -> Iterator[str]:
    """What lies beside the pictures of a source, and was not watched."""
    for answer in report.sources:
        yield from (f"{answer.source}: {text}" for text in getattr(answer, "left_out", ()))
