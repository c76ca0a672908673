"""`facewarden audit`: recordings and the calls made on them, or what was recorded live."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ...streams.errors import printable
from ..errors import InputError
from .options import AssumeFps, Date, MaxSeconds, Packs
from .replaying import status_of, use_one_thread

CallLog = Annotated[Path | None, typer.Option("--calls", help="Call log: one call a line, JSON.", metavar="FILE")]
SiteFile = Annotated[
    Path | None, typer.Option("--site", help="What is declared: operator, cameras, places (TOML).", metavar="FILE")
]
ReportFolder = Annotated[
    Path,
    typer.Option(
        "--out",
        help="Where report.html and report.json go; one of other inputs there is kept as report.json~.",
        metavar="DIR",
    ),
]
WithPictures = Annotated[
    bool, typer.Option("--pictures", help="Beside it, a small picture of each call's moment, faces blurred.")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="A call on a source that is not given is an error, and not only counted.")
]
AuditedSources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME=]URL...",
        help="As for classify; a folder of videos, or a pattern, stands for its files.",
        show_default=False,
    ),
]
Manifest = Annotated[Path | None, typer.Option(help="More sources: a file with [NAME=]URL a line.", metavar="FILE")]
EngineName = Annotated[str, typer.Option("--engine", help="Who replays: local processes, or ray.", metavar="local|ray")]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Sources at once; by default all cores where there are several.", metavar="N")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on where an audit into the same folder was interrupted; keep all parts.")
]
Formats = Annotated[
    str,
    typer.Option("--format", help="Beside report.json: html, csv, junit, md; several by commas.", metavar="LIST"),
]
KeyPictures = Annotated[
    bool, typer.Option("--key-pictures", help="Of a long recording decode key pictures alone, where few will do.")
]
RecordFolder = Annotated[
    Path | None, typer.Option("--record", help="Put what was found and decided into a record as well.", metavar="DIR")
]
ReportAsJson = Annotated[bool, typer.Option("--json", help="Print report.json on standard output, for machines.")]


def audit(
    sources: AuditedSources = None,
    calls: CallLog = None,
    site: SiteFile = None,
    pack: Packs = None,
    out: ReportFolder = Path("facewarden-report"),
    pictures: WithPictures = False,
    formats: Formats = "html",
    manifest: Manifest = None,
    engine: EngineName = "local",
    workers: Workers = None,
    resume: Resume = False,
    key_pictures: KeyPictures = False,
    strict: Strict = False,
    record: RecordFolder = None,
    as_json: ReportAsJson = False,
    date: Date = None,
    max_seconds: MaxSeconds = None,
    assume_fps: AssumeFps = None,
) -> None:
    """Replay recorded streams, judge the face-recognition calls that were made on them, and report.

    Writes report.html, a page for people that opens anywhere, and report.json, with all that is needed to decide
    again. A source that cannot be read does not keep the others from being audited.

    Exit status: 0 no violation, 3 at least one (a call that was prohibited, or lacked its authorisation),
    2 input could not be read (also where there are violations). A call held for want of a fact is counted, and is
    no violation.

    Of a recording of `facewarden serve` (one *.mcap), or of a record's folder: whether the same comes of it again, and
    what --pack and --date would change. Exit status: 0 the same, 3 a call is decided otherwise, 4 something differs.

    Example: facewarden audit unit-17=patrol.mp4 --calls calls.jsonl --site site.toml
    """
    if len(sources or ()) == 1 and not manifest and sources and _is_record(sources[0]):
        if calls or site:
            raise InputError(f"{sources[0]}: what was recorded has its calls and site; leave out --calls and --site")
        raise typer.Exit(_audit_record(sources[0], pack, date, as_json))
    for one in sources or ():
        if _is_record(one.partition("=")[2] or one):
            raise InputError(f"{one}: what was recorded is gone through by itself, one at a time and without a name")
    from ..audit.archive import read_manifest
    from ..audit.formats import parse_formats, write_formats
    from ..audit.keeping import keep_other
    from ..audit.session import Session, make_folder
    from ..audit.tables import ProgressWatcher, show_report

    if not (sources or manifest):
        raise InputError("there is nothing to audit: name a source, or --manifest FILE")
    session = Session(
        sources=[*(sources or ()), *(read_manifest(manifest) if manifest else ())],
        calls=calls,
        site=site,
        packs=pack,
        date=date,
        max_seconds=max_seconds,
        assume_fps=assume_fps,
        out=out,
        pictures=pictures,
        engine=engine,
        workers=workers,
        resume=resume,
        command=("facewarden", *map(printable, sys.argv[1:])),
        strict=strict,
        key_pictures=key_pictures,
        record=record,
    )
    wanted = parse_formats(formats)
    make_folder(out)
    use_one_thread()
    with ProgressWatcher(sources=len(session.sources)) as watcher:
        report = session.run(watcher)
    for kept in keep_other(report, out):
        typer.echo(f"facewarden: a report of other inputs was there; it is kept as {printable(str(kept))}", err=True)
    path = write_formats(report, out, wanted)
    if as_json:
        sys.stdout.buffer.write(report.as_json())
    else:
        show_report(report, path, out / "report.html" if "html" in wanted else None)
    raise typer.Exit(status_of(report.summary.unread, report.summary.violations))


def _is_record(source: str) -> bool:
    """Whether to load what audits records: a video never has to wait for that."""
    if not source.endswith(".mcap") and not Path(source).is_dir():
        return False
    from ..audit.past_records import is_record

    return is_record(source)


def _audit_record(source: str, pack: list[str] | None, date: str | None, as_json: bool) -> int:
    from ..audit.past_records import audit_record
    from ..json_lines import show_json

    use_one_thread()
    found, lines, status = audit_record(source, pack, date)
    if as_json:
        show_json(found)
    else:
        typer.echo("\n".join(lines))
    return status
