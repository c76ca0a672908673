"""`facewarden demo`: an audit of two rendered cameras, and a watched program of which a call is refused."""

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from .replaying import status_of

_SAMPLE = ("program.py", "program.toml")
_SCENES = {"unit-17": "body?seed=17", "booking-desk": "fixed?seed=4"}
_BEFORE = """
[bold]A program under watch[/]
{folder}/program.py knows nothing of facewarden: it shows a face recogniser one picture of each camera. In Oregon no
face recognition may run on what an officer's worn camera records (US-OR). Under `facewarden run` it does this:"""
_AFTER = """\
The call on the worn camera was refused before the recogniser ran; the other one went through. Run it again:
  {command}"""


def demo(
    out: Annotated[Path, typer.Option(help="Where the demo's files and report.json go.", metavar="DIR")] = Path(
        "facewarden-demo"
    ),
) -> None:
    """See an audit of two rendered cameras, and a program of which a call is refused; together in less than a minute.
    Nothing else is needed."""
    import cv2

    from ..audit.demo import run_demo
    from ..audit.tables import ProgressWatcher, show_demo

    cv2.setNumThreads(1)
    with ProgressWatcher() as watcher:
        report, path = run_demo(out, watcher)
    show_demo(report, path)
    if report.partial:
        raise typer.Exit(status_of(report.summary.unread))
    _show_program(out)


def _show_program(out: Path) -> None:
    """Run the sample program under watch; it prints what became of its calls, and we what was seen."""
    from rich.markup import escape

    from ..console import show
    from ..watching.plan import plan
    from ..watching.supervise import summary, supervise

    folder, record = out / "program", out / "program" / "record"
    _prepare(folder)
    show(_BEFORE.format(folder=escape(str(folder))))
    sys.stdout.flush()  # the program writes to the same terminal
    program = [str(folder / "program.py"), str(folder)]
    outcome = supervise(plan(folder / "program.toml", record=record), [sys.executable, *program])
    for line in summary(outcome, record):
        show(f"  facewarden: {escape(line)}")
    command = f"facewarden run --site {folder}/program.toml --record {record} -- python {' '.join(program)}"
    show(_AFTER.format(command=escape(command)))


def _prepare(folder: Path) -> None:
    """The program, its site, its recogniser and what its cameras have filmed; an earlier demo's record goes."""
    from importlib.resources import files

    from ...bench.truth.programs.film import film
    from ...bench.truth.programs.recogniser import linear_recogniser
    from ..audit.session import make_folder

    make_folder(folder)
    shutil.rmtree(folder / "record", ignore_errors=True)
    for name in _SAMPLE:
        sample = files("facewarden.detector.audit").joinpath("sample", name)
        (folder / name).write_bytes(sample.read_bytes())
    (folder / "recogniser.onnx").write_bytes(linear_recogniser(pictures=20))
    for camera, scene in _SCENES.items():
        film(folder / f"{camera}.avi", f"{scene}&seconds=2")
