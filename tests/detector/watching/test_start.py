import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from facewarden.detector import Call, ProhibitedInference, unwatch, watch
from facewarden.detector.calls.taps import TapState
from facewarden.detector.errors import InputError
from facewarden.detector.records import Event, Started, read_entries
from facewarden.detector.watching.start import STARTUP, Plan, plan


@pytest.fixture(autouse=True)
def unwatched_afterwards() -> Iterator[None]:
    yield
    unwatch()


def started(folder: Path) -> set[int]:
    """The processes that were watched."""
    return {entry.pid for entry in read_entries(folder / "events.jsonl") if isinstance(entry, Started)}


def events(folder: Path, kind: str) -> list[str]:
    entries = read_entries(folder / "events.jsonl")
    return [entry.text for entry in entries if isinstance(entry, Event) and entry.kind == kind]


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_unwatching_leaves_the_process_as_it_was() -> None:
    def state() -> tuple[object, ...]:
        return dict(vars(cv2.VideoCapture)), dict(vars(threading.Thread)), list(sys.meta_path), dict(os.environ)

    before = state()
    assert watch().guard
    assert all(now != then for now, then in zip(state(), before, strict=True))
    unwatch()

    assert state() == before


def test_watching_twice_is_watching_once() -> None:
    assert watch() is watch()


def test_the_guard_of_a_watched_process_can_be_handed_pictures() -> None:
    assert watch().guard.watch("lobby").coverage().frames == 0


def test_a_python_process_that_is_started_is_watched_too(tmp_path: Path) -> None:
    watch(record=tmp_path)
    child = python("import os; print(os.getpid())")
    unwatch()

    assert started(tmp_path) == {os.getpid(), int(child.stdout)}


def test_a_spawned_worker_is_watched_too(tmp_path: Path) -> None:
    watch(record=tmp_path)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        worker = pool.apply(os.getpid)
        pool.close()
        pool.join()
    unwatch()

    assert started(tmp_path) >= {os.getpid(), worker}


def test_what_a_site_file_says_wrong_is_said_before_anything_is_watched(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("operators = 1")
    with pytest.raises(InputError, match="operators"):
        watch(tmp_path / "site.toml")
    assert str(STARTUP) not in os.environ.get("PYTHONPATH", "")


@pytest.mark.parametrize("told", ["{", '{"site": "/no/such/site.toml"}', '{"sight": 1}'])
def test_a_program_that_cannot_be_watched_does_not_start(told: str) -> None:
    child = python("print('started')", PYTHONPATH=str(STARTUP), FACEWARDEN_WATCH=told)
    assert (child.returncode, child.stdout) == (2, "")
    assert child.stderr.startswith("facewarden: this program cannot be watched, so it is not started: ")
    assert child.stderr.count("\n") == 1


def test_the_start_up_hook_of_the_machine_still_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('the hook of the machine')")
    child = python("", **plan(None).environment() | {"PYTHONPATH": f"{STARTUP}:{tmp_path}"})
    assert child.stdout == "the hook of the machine\n"


def test_our_start_up_hook_does_nothing_where_nobody_asked() -> None:
    child = python("import sys; print('facewarden' in sys.modules)", PYTHONPATH=str(STARTUP), FACEWARDEN_WATCH="{}")
    silent = subprocess.run(
        [sys.executable, "-c", "import sys; print('facewarden' in sys.modules)"],
        env={key: value for key, value in os.environ.items() if key != "FACEWARDEN_WATCH"}
        | {"PYTHONPATH": str(STARTUP)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (child.stdout, silent.stdout) == ("True\n", "False\n")


def test_the_paths_of_a_plan_hold_in_another_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    made = plan("site.toml", packs=["microsoft", "own.toml"], record="record")
    assert made == Plan(
        str(tmp_path / "site.toml"), ("microsoft", str(tmp_path / "own.toml")), {}, str(tmp_path / "record")
    )


def test_a_program_that_makes_no_call_starts_without_anything_that_is_needed_for_one(tmp_path: Path) -> None:
    heavy = {"cv2", "av", "numpy", "onnx", "onnxruntime", "rich", "typer", "http.client", "importlib.resources"}
    ours = {"facewarden.detector.policy", "facewarden.detector.site", "facewarden.detector.facts"}
    child = python(
        f"import sys; print(*sorted({heavy | ours!r} & set(sys.modules)))", **plan(None, record=tmp_path).environment()
    )
    assert child.stdout == "\n"


def test_a_call_is_judged_in_a_process_that_had_loaded_nothing_for_it(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('operator = {operator = "us_police"}\ncameras = {cam = {mount = "body"}}')
    child = python(
        "from http.client import HTTPConnection\n"
        "HTTPConnection('127.0.0.1', 9).request('POST', 'http://x.cognitiveservices.azure.com/face/v1.0/identify')",
        **plan(tmp_path / "site.toml", record=tmp_path).environment(),
    )
    assert "ProhibitedInference" in child.stderr


def test_where_the_site_file_was_spoiled_since_the_program_starts_and_every_call_is_held(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("operators = 1")
    child = python(
        "from http.client import HTTPConnection\n"
        "print('started')\n"
        "HTTPConnection('127.0.0.1', 9).request('POST', 'http://x.cognitiveservices.azure.com/face/v1.0/identify')",
        **plan(tmp_path / "site.toml", record=tmp_path).environment(),
    )
    assert child.stdout == "started\n"
    assert "site.toml" in child.stderr.splitlines()[-1]
    assert "ProhibitedInference" in child.stderr.splitlines()[-1]
    assert any("site.toml" in text for text in events(tmp_path, "failure"))


def test_a_lost_tap_is_an_event_and_closes_the_gate_until_it_is_back(tmp_path: Path) -> None:
    watching = watch(record=tmp_path)
    watching.changed(TapState("echo", "lost", "taken away"))
    with pytest.raises(ProhibitedInference, match=r"a tap is lost \(echo: taken away\)"):
        watching.gate.request(Call(service="local"))
    watching.changed(TapState("echo", "on"))
    watching.gate.request(Call(service="local"))
    unwatch()

    assert [text for text in events(tmp_path, "tap") if text.startswith("echo")] == [
        "echo: lost taken away",
        "echo: on",
    ]


def test_a_site_may_only_want_to_hear_of_lost_taps(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[enforcement]\nlost_tap = "report"')
    watching = watch(tmp_path / "site.toml")
    watching.changed(TapState("echo", "lost", "taken away"))
    watching.gate.request(Call(service="local"))


def test_somebody_who_takes_our_replacement_away_is_found_out(tmp_path: Path) -> None:
    original = cv2.VideoCapture.read
    watching = watch(record=tmp_path)
    cv2.VideoCapture.read = original
    states = {state.runtime: state for state in watching.taps.check()}
    assert states["opencv-video"].state == "lost"
    assert "read" in states["opencv-video"].detail
