"""The commands. No logic: what each does is in the package it calls."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..streams.errors import printable
from .commands import calls, ledger, models, policy, serve, site
from .commands.bench import bench
from .commands.demo import demo
from .commands.facts import facts
from .commands.options import AsJson, Date, Off, Packs
from .commands.run import run
from .commands.schema import schema
from .errors import FacewardenError, InputError, MissingLibrary
from .exits import BAD_INPUT, OK, VIOLATION
from .release import release

_INSTALL = (
    "a library of the operating system is missing ({problem}); on Debian: apt-get install libgl1 libglib2.0-0, "
    "or take the build of OpenCV without windows: pip uninstall opencv-python && pip install opencv-python-headless"
)

# What a slim install leaves to the host, and how to get it; of OpenCV any of its four builds will do, but only one.
_PACKAGES = {
    "cryptography": "cryptography",
    "cv2": "opencv-python-headless",
    "onnxruntime": "onnxruntime",
    "numpy": "numpy",
    "av": "av",
    "mcap": "mcap",
    "onnx": "onnx",
    **dict.fromkeys(
        ("starlette", "uvicorn", "httptools", "prometheus_client"), "'starlette uvicorn httptools prometheus-client'"
    ),
}

app = typer.Typer(
    name="facewarden",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(calls.app, name="calls")
app.add_typer(policy.app, name="policy")
app.add_typer(site.app, name="site")
app.add_typer(ledger.app, name="ledger")

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="[NAME=]URL...",
        help="Video files, folders of images, or synthetic:SCENE. The name defaults to the file's stem.",
        show_default=False,
    ),
]
MaxSeconds = Annotated[
    float | None, typer.Option("--max-seconds", min=0.0, help="Stop each source at this media time.", metavar="S")
]
AssumeFps = Annotated[
    float | None,
    typer.Option(
        "--assume-fps",
        min=0.01,
        help="Pictures a second where the pictures carry no time (folders, raw streams); 25 unless the stream hints.",
        metavar="RATE",
    ),
]
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
EveryPicture = Annotated[
    bool, typer.Option("--every-picture", help="Decode every picture, also where few of a long recording would do.")
]
ReportAsJson = Annotated[bool, typer.Option("--json", help="Print report.json on standard output, for machines.")]

app.command()(run)
app.command()(bench)
app.command()(schema)
app.command()(facts)
app.command()(demo)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"facewarden {release()}")
        raise typer.Exit


@app.callback()
def facewarden(
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Knows when face recognition runs on a camera, and says where it is prohibited."""


@app.command()
def classify(
    sources: Sources, as_json: AsJson = False, max_seconds: MaxSeconds = None, assume_fps: AssumeFps = None
) -> None:
    """Say of each source whether its camera is mobile or fixed, and its environment controlled or not.

    Exit status: 0, or 2 where a source could not be read to its end (the others are done all the same).

    Example: facewarden classify patrol.mp4 lobby=recordings/cam3.mkv
    """
    from .audit import Replay
    from .audit.tables import ProgressWatcher, show_sources
    from .console import show_json
    from .guard import Guard
    from .naming import name_sources

    _use_one_thread()
    count = len(sources)
    with ProgressWatcher(show_json, sources=count) if as_json else ProgressWatcher(sources=count) as watcher:
        answers = Replay(Guard(live=False), watcher, max_seconds, assume_fps).run(name_sources(sources))
    if not as_json:
        show_sources(answers)
    raise typer.Exit(_status(sum(answer.error is not None for answer in answers)))


@app.command()
def decide(as_json: AsJson = False, pack: Packs = None, date: Date = None, off: Off = None) -> None:
    """Judge fact sets from standard input, one JSON object a line; one decision a line comes out.

    A fact that is not named is unknown. A line that is no fact set is answered with an error; the others are done.

    Exit status: 0, or 2 where a line was no fact set.

    Example: echo '{"service": "azure_openai", "task": "speech", "operator": "us_police"}' | facewarden decide
    """
    from .console import show_decision, show_json
    from .policy import load_packs
    from .policy.lines import Refused, decide_lines
    from .site.site import DEFAULT_PACKS

    refused = False
    for answer in decide_lines(sys.stdin.buffer, load_packs(pack or DEFAULT_PACKS, off or ()), date):
        refused |= isinstance(answer, Refused)
        (show_json if as_json else show_decision)(answer)
    raise typer.Exit(BAD_INPUT if refused else OK)


@app.command()
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
    every_picture: EveryPicture = False,
    strict: Strict = False,
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
        raise typer.Exit(_audit_record(sources[0], pack, date, as_json))
    from .audit.archive import read_manifest
    from .audit.formats import parse_formats, write_formats
    from .audit.keeping import keep_other
    from .audit.session import Session, make_folder
    from .audit.tables import ProgressWatcher, show_report

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
        every_picture=every_picture,
    )
    wanted = parse_formats(formats)
    make_folder(out)
    _use_one_thread()
    with ProgressWatcher(sources=len(session.sources)) as watcher:
        report = session.run(watcher)
    for kept in keep_other(report, out):
        typer.echo(f"facewarden: a report of other inputs was there; it is kept as {printable(str(kept))}", err=True)
    path = write_formats(report, out, wanted)
    if as_json:
        sys.stdout.buffer.write(report.as_json())
    else:
        show_report(report, path)
    raise typer.Exit(_status(report.summary.unread, report.summary.violations))


models.register(app)
serve.register(app)


def main() -> None:
    """Run the command line; an error of ours is one line on standard error and exit status 2."""
    try:
        app()
    except FacewardenError as error:
        sys.exit(_complain(error))
    except ImportError as error:
        sys.exit(_complain(_missing(error)))


def _missing(error: ImportError) -> MissingLibrary:
    """What to install; raises the error again where it is none of an installation."""
    package = _PACKAGES.get((error.name or "").partition(".")[0])
    if package and isinstance(error, ModuleNotFoundError):
        return MissingLibrary(f"{error.name} is not installed; pip install {package}")
    if "cannot open shared object file" in str(error):
        return MissingLibrary(_INSTALL.format(problem=error))
    raise error


def _is_record(source: str) -> bool:
    """Whether to load what audits records: a video never has to wait for that."""
    if not source.endswith(".mcap") and not Path(source).is_dir():
        return False
    from .audit.past_records import is_record

    return is_record(source)


def _audit_record(source: str, pack: list[str] | None, date: str | None, as_json: bool) -> int:
    from .audit.past_records import audit_record
    from .console import show_json

    _use_one_thread()
    found, lines, status = audit_record(source, pack, date)
    if as_json:
        show_json(found)
    else:
        typer.echo("\n".join(lines))
    return status


def _use_one_thread() -> None:
    """Pictures as small as those analysed are done before other threads are awake; a host program keeps its own."""
    import cv2

    cv2.setNumThreads(1)


def _status(unread: int, violations: int = 0) -> int:
    if unread:
        return BAD_INPUT
    return VIOLATION if violations else OK


def _complain(error: FacewardenError) -> int:
    for line in str(error).splitlines():
        typer.echo(f"facewarden: {printable(line)}", err=True)
    return BAD_INPUT


if __name__ == "__main__":
    main()
