"""The commands. No logic: what each does is in the package it calls."""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ..streams.errors import printable
from .commands import calls, ledger, models, policy, serve, site
from .commands.audit import audit
from .commands.bench import bench
from .commands.demo import demo
from .commands.facts import facts
from .commands.options import AsJson, AssumeFps, Date, MaxSeconds, Off, Packs
from .commands.replaying import status_of, use_one_thread
from .commands.run import run
from .commands.schema import schema
from .errors import FacewardenError, InputError, MissingLibrary
from .exits import BAD_INPUT, OK
from .release import release

if TYPE_CHECKING:
    from .policy import Decision
    from .policy.lines import Refused

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

# Of what is written to: that it took no more.
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

app = typer.Typer(
    name="facewarden",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich takes longer to load than all else
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
app.command()(audit)
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
    from .guard import Guard
    from .json_lines import show_json
    from .naming import name_sources

    use_one_thread()
    count = len(sources)
    with ProgressWatcher(show_json, sources=count) if as_json else ProgressWatcher(sources=count) as watcher:
        answers = Replay(Guard(live=False), watcher, max_seconds, assume_fps).run(name_sources(sources))
    if not as_json:
        show_sources(answers)
    raise typer.Exit(status_of(sum(answer.error is not None for answer in answers)))


@app.command()
def decide(as_json: AsJson = False, pack: Packs = None, date: Date = None, off: Off = None) -> None:
    """Judge fact sets from standard input, one JSON object a line; one decision a line comes out.

    A fact that is not named is unknown. A line that is no fact set is answered with an error; the others are done.

    Exit status: 0, or 2 where a line was no fact set.

    Example: echo '{"service": "azure_openai", "task": "speech", "operator": "us_police"}' | facewarden decide
    """
    from .policy.lines import Refused, decide_lines
    from .policy.pack import DEFAULT_PACKS, load_packs

    if as_json:
        from .json_lines import show_json as show
    elif sys.stdout.isatty():
        from .console import show_decision as show
    else:
        show = _show_line  # a script need not wait for rich

    refused = False
    for answer in decide_lines(sys.stdin.buffer, load_packs(pack or DEFAULT_PACKS, off or ()), date):
        refused |= isinstance(answer, Refused)
        show(answer)
    raise typer.Exit(BAD_INPUT if refused else OK)


def _show_line(answer: "Decision | Refused") -> None:
    typer.echo("  ".join(map(printable, answer.line)))


models.register(app)
serve.register(app)


def main() -> None:
    """Run the command line; an error of ours, or of the disk, is one line on standard error and exit status 2."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115  # whoever began us may have closed it
    try:
        _run()
    except FacewardenError as error:
        sys.exit(_complain(error))
    except ImportError as error:
        sys.exit(_complain(_missing(error)))
    except MemoryError:
        sys.exit(_complain(InputError("there is not enough memory for what was given")))
    except BrokenPipeError:
        sys.exit(1)  # as typer has it: who reads has enough
    except OSError as error:
        sys.exit(_complain(_unwritten(error)))


def _run() -> None:
    try:
        _asked(sys.argv[1:])()
    finally:
        _flush()


def _flush() -> None:
    """Write what waits; what cannot be written does not wait for the end, where it would be no status of ours."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def _unwritten(error: OSError) -> InputError:
    """What the disk did not take; raises the error again where it is another."""
    if error.errno not in _FULL:
        raise error
    return InputError(f"{error.filename or 'standard output'}: cannot be written ({error.strerror})")


def _asked(words: Sequence[str]) -> typer.Typer:
    """The app with the one command that is called, where one is: to build all takes longer than many of them run."""
    asked, word = copy(app), words[0] if words else ""
    asked.registered_commands = [one for one in app.registered_commands if word in (one.name, _name(one.callback))]
    asked.registered_groups = [one for one in app.registered_groups if word == one.name]
    return asked if asked.registered_commands or asked.registered_groups else app


def _name(callback: Callable[..., object] | None) -> str:
    return "" if callback is None else callback.__name__


def _missing(error: ImportError) -> MissingLibrary:
    """What to install; raises the error again where it is none of an installation."""
    package = _PACKAGES.get((error.name or "").partition(".")[0])
    if package and isinstance(error, ModuleNotFoundError):
        return MissingLibrary(f"{error.name} is not installed; pip install {package}")
    if "cannot open shared object file" in str(error):
        return MissingLibrary(_INSTALL.format(problem=error))
    raise error


def _complain(error: FacewardenError) -> int:
    for line in str(error).splitlines():
        typer.echo(f"facewarden: {printable(line)}", err=True)
    return BAD_INPUT


if __name__ == "__main__":
    main()
