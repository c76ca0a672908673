"""A program under `facewarden run --ask`: the service beside it has the cameras and decides."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from helpers.services import Running, running, wait_for

from facewarden.detector.records import Decided, Event, read_entries
from facewarden.detector.sidecar.scripted import Scripted

from .test_program import film

PROGRAM = Path(__file__).parents[2] / "helpers" / "embedder.py"
PYTHON = Path(sys.executable)
# An environment as a host brings it: numpy 1.26, OpenCV 4.11 without windows, ONNX Runtime 1.22; `make host` makes it.
HOST = Path(__file__).parents[3] / "build" / "host" / "bin" / "python"
FACEWARDEN = PYTHON.with_name("facewarden")
TOKEN = "a-token-of-thirty-two-characters"
SITE = """
packs = ["microsoft"]

[facts]
operator = "non_us_le"
on_behalf_of = "nobody"
service = "azure_openai"
timing = "real_time"
consent = "valid"
surveillance = false
environment = "uncontrolled"
limited_access_approved = true

[cameras.street]
mount = "body"

[cameras.lobby]
mount = "wall"

[sources.street]
url = "{0}/street.avi"

[sources.lobby]
url = "{0}/lobby.avi"
"""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the two cameras show."""
    folder = tmp_path_factory.mktemp("films")
    film(folder / "street.avi", "body", 0.5)
    film(folder / "lobby.avi", "fixed", 0.5)
    return folder


@pytest.fixture
def folder(tmp_path: Path, films: Path, recogniser: bytes) -> Path:
    """A site that has the films as cameras, and a model."""
    (tmp_path / "site.toml").write_text(SITE.format(films))
    (tmp_path / "embed.onnx").write_bytes(recogniser)
    return tmp_path


@pytest.fixture
def service(folder: Path) -> Generator[Running]:
    listen = ("127.0.0.1:0", f"unix:{folder}/ask.sock")
    with running(folder / "site.toml", Scripted, record=folder / "kept", listen=listen) as found:
        wait_for(lambda: found.http.get("/readyz").status_code == 200)
        yield found


def command(folder: Path, video: Path, pause: float = 0.0, *options: str, python: Path = PYTHON) -> list[str]:
    asked = [python.with_name("facewarden"), "run", "--ask", f"unix:{folder}/ask.sock", *options]
    watched = [*asked, "--record", folder / "record" / video.stem, "--"]
    return [*map(str, [*watched, python, PROGRAM, video, folder / "embed.onnx", pause])]


def answers(
    folder: Path, video: Path, *options: str, python: Path = PYTHON, environment: Mapping[str, str] | None = None
) -> list[str]:
    asked = command(folder, video, 0.5, *options, python=python)
    told = {**os.environ, **(environment or {})}
    done = subprocess.run(asked, capture_output=True, text=True, check=True, env=told)
    return done.stdout.splitlines()


def at_once(*asked: Callable[[], list[str]]) -> list[list[str]]:
    """What each gives, all at the same time: they wait more than they work."""
    with ThreadPoolExecutor(len(asked)) as pool:
        return [*pool.map(lambda one: one(), asked)]


def unwatched(folder: Path, video: Path, python: Path = PYTHON) -> list[str]:
    alone = [python, PROGRAM, video, folder / "embed.onnx"]
    return subprocess.run(alone, capture_output=True, text=True, check=True).stdout.splitlines()


def decided(folder: Path, name: str) -> list[Decided]:
    return [entry for entry in read_entries(folder / name / "calls.jsonl") if isinstance(entry, Decided)]


@pytest.mark.slow
@pytest.mark.parametrize("way", ["environment", "thread", "content"])
def test_its_calls_are_decided_by_the_camera_that_the_service_has(
    folder: Path, films: Path, service: Running, way: str
) -> None:
    asked = list[Callable[[], list[str]]]()
    for name in ("street", "lobby"):
        video = films / f"{name}.avi"
        said = {"FACEWARDEN_SOURCE": name} if way == "environment" else {}
        if way == "content":
            video = Path(shutil.copy(video, folder / f"copy-{name}.avi"))
        asked.append(partial(answers, folder, video, environment=said))
    street, lobby, alone = at_once(*asked, partial(unwatched, folder, films / "lobby.avi"))

    assert lobby == alone
    assert len(street) == 4
    assert all("Prohibited by" in line for line in street), street
    service.stop()
    kept = decided(folder, "kept")
    assert sorted((call.source, call.refused) for call in kept) == [("lobby", False)] * 4 + [("street", True)] * 4
    assert {call.attributed_by for call in kept} <= {way, "content"}
    assert [entry for one in (folder / "record").iterdir() for entry in decided(one, ".")] == []


@pytest.mark.slow
def test_a_host_of_other_versions_asks_the_service_in_its_own_environment(
    folder: Path, films: Path, service: Running
) -> None:
    if not HOST.with_name("facewarden").exists():
        pytest.skip("no environment like a host's is there: make host")
    versions = "import cv2, numpy, onnxruntime as o; print(numpy.__version__, cv2.__version__, o.__version__)"
    found = subprocess.run([HOST, "-c", versions], capture_output=True, text=True, check=True).stdout
    assert found.startswith("1.26.4 4.11.0 1.22.0")

    street, lobby, alone = at_once(
        partial(answers, folder, films / "street.avi", python=HOST),
        partial(answers, folder, films / "lobby.avi", python=HOST),
        partial(unwatched, folder, films / "lobby.avi", HOST),
    )
    assert all("Prohibited by" in line for line in street)
    assert lobby == alone
    service.stop()
    kept = decided(folder, "kept")
    assert sorted((call.source, call.refused) for call in kept) == [("lobby", False)] * 4 + [("street", True)] * 4


@pytest.mark.slow
def test_a_service_that_wants_a_token_is_told_it_and_answers_nobody_else(folder: Path, films: Path) -> None:
    (folder / "token").write_text(TOKEN)
    (folder / "old").write_text("another-token-of-as-many-letters")
    listen = ("127.0.0.1:0", f"unix:{folder}/ask.sock")
    with running(folder / "site.toml", Scripted, listen=listen, token_file=folder / "token") as service:
        wait_for(lambda: service.http.get("/readyz").status_code == 200)
        video, known = films / "lobby.avi", ("--token-file", f"{folder}/token")
        lobby, alone, street, *refused = at_once(
            partial(answers, folder, video, *known),
            partial(unwatched, folder, video),
            partial(answers, folder, films / "street.avi", *known),
            partial(answers, folder, Path(shutil.copy(video, folder / "nobody.avi"))),
            partial(answers, folder, Path(shutil.copy(video, folder / "other.avi")), "--token-file", f"{folder}/old"),
        )
    assert lobby == alone
    assert all("Prohibited by" in line for line in street)
    assert all("status 401" in line for lines in refused for line in lines)


@pytest.mark.slow
def test_its_calls_are_held_once_the_service_is_lost(folder: Path, films: Path) -> None:
    serve = [FACEWARDEN, "serve", "--site", folder / "site.toml", "--listen", f"unix:{folder}/ask.sock"]
    with subprocess.Popen([*map(str, serve)], stderr=subprocess.DEVNULL) as sidecar:
        wait_for((folder / "ask.sock").exists)
        environment = {**os.environ, "FACEWARDEN_SOURCE": "desk"}
        asked = command(folder, films / "lobby.avi", 0.5)
        with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as run:
            assert run.stdout is not None
            first = run.stdout.readline()
            sidecar.send_signal(signal.SIGKILL)
            given, told = run.communicate(timeout=60)
    assert "does not answer" not in first
    assert all("does not answer" in line for line in given.splitlines()[1:])
    assert "calls are held, for the service cannot be asked" in told
    events = [entry for entry in read_entries(folder / "record" / "lobby" / "events.jsonl") if isinstance(entry, Event)]
    assert sum("cannot be asked" in event.text for event in events) == 1
    assert {(call.effect, call.refused) for call in decided(folder / "record", "lobby")} == {("hold", True)}


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--ask", "127.0.0.1:7070"], "expected unix:PATH"),
        (["--ask", "unix:/x", "--site", "site.toml"], "give --site and --pack to it"),
        (["--ask", "unix:/x", "--token-file", "/nowhere"], "/nowhere: cannot be read"),
        (["--token-file", "/nowhere"], "give --ask unix:PATH as well"),
    ],
)
def test_what_it_cannot_ask_is_told_at_once(tmp_path: Path, options: list[str], what: str) -> None:
    given = [FACEWARDEN, "run", *options, "--record", tmp_path, "--", "true"]
    done = subprocess.run([*map(str, given)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert what in done.stderr
