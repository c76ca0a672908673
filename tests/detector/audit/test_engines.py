"""Whoever replays the sources, in whatever order, and whatever befalls them: the report is the same."""

import importlib.util
import os
from collections.abc import Callable
from multiprocessing import active_children
from pathlib import Path

import pytest
from msgspec.structs import replace

from facewarden.detector.audit import Answer, Report, Unread
from facewarden.detector.audit.session import Session
from facewarden.detector.errors import InputError

SOURCES = (*(f"cam-{seed}=synthetic:body?seed={seed}&seconds=1" for seed in (1, 2, 3)), "gone=no-such.mp4")


class Told:
    """A watcher that does something when a source is done."""

    def __init__(self, when_done: Callable[[], None] = lambda: None) -> None:
        self.answers: list[Answer | Unread] = []
        self._when_done = when_done

    def begin(self, source: str, length: float | None) -> None: ...

    def at(self, media_time: float) -> None: ...

    def interrupted(self) -> None: ...

    def done(self, answer: Answer | Unread) -> None:
        self.answers.append(answer)
        self._when_done()


def stop() -> None:
    raise KeyboardInterrupt


def same(report: Report) -> bytes:
    """What two audits of the same have to agree on."""
    return replace(report, generated="").as_json()


@pytest.fixture(scope="module")
def alone() -> bytes:
    return same(Session(sources=SOURCES, workers=1).run(Told()))


@pytest.mark.slow
def test_several_processes_report_what_one_does(alone: bytes) -> None:
    told = Told()

    assert same(Session(sources=SOURCES, workers=2).run(told)) == alone
    assert {answer.source for answer in told.answers} == {"cam-1", "cam-2", "cam-3", "gone"}


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced_and_its_source_done_again(alone: bytes) -> None:
    struck: list[int | None] = []

    def kill() -> None:
        if not struck and (child := next(iter(active_children()), None)):
            struck.append(child.pid)
            child.kill()

    assert same(Session(sources=SOURCES, workers=2).run(Told(kill))) == alone
    assert struck


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray")
@pytest.mark.filterwarnings("ignore")
def test_a_ray_cluster_reports_what_one_process_does(alone: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)

    assert same(Session(sources=SOURCES, engine="ray", workers=2).run(Told())) == alone


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_an_audit_that_is_interrupted_reports_what_it_has_and_is_gone_on_with(
    workers: int, alone: bytes, tmp_path: Path
) -> None:
    session = Session(sources=SOURCES, workers=workers, out=tmp_path, resume=True)
    partial = session.run(Told(stop))

    assert partial.partial
    assert [answer.error["kind"] for answer in partial.sources if answer.error].count("interrupted") >= 1
    assert len(partial.sources) == len(SOURCES)
    assert same(session.run(Told())) == alone


def test_a_source_that_is_done_is_not_looked_at_again(tmp_path: Path) -> None:
    session = Session(sources=SOURCES[:1], out=tmp_path, resume=True)
    first, (part,) = session.run(Told()), (tmp_path / "parts").iterdir()
    written = part.stat().st_mtime_ns

    assert same(session.run(Told())) == same(first)
    assert part.stat().st_mtime_ns == written


def test_a_part_that_is_torn_is_made_anew(tmp_path: Path, alone: bytes) -> None:
    session = Session(sources=SOURCES, out=tmp_path, resume=True, workers=1)
    session.run(Told())
    for part in (tmp_path / "parts").iterdir():
        part.write_bytes(part.read_bytes()[:100])

    assert same(session.run(Told())) == alone


def test_what_a_killed_run_left_aside_goes_and_what_another_worker_is_writing_stays(tmp_path: Path) -> None:
    dead, written = tmp_path / "parts" / "a.0.part", tmp_path / "parts" / "b.0.part"
    dead.parent.mkdir()
    dead.touch()
    written.touch()
    os.utime(dead, (0, 0))
    Session(sources=["gone=no-such.mp4"], out=tmp_path, resume=True).run(Told())

    assert not dead.exists()
    assert written.exists()


def test_a_recording_that_has_changed_under_its_name_is_looked_at_again(tmp_path: Path, clip: Path) -> None:
    recording = tmp_path / "cam.mkv"
    recording.write_bytes(clip.read_bytes())
    session = Session(sources=[str(recording)], out=tmp_path / "out", resume=True)
    whole = session.run(Told()).coverage.frames
    recording.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])

    assert session.run(Told()).coverage.frames < whole


def test_an_engine_that_is_not_known_is_an_error() -> None:
    with pytest.raises(InputError, match="there is no 'spark'; known are local, ray"):
        Session(sources=SOURCES[:1], engine="spark").run(Told())


def test_nothing_but_the_report_is_left_where_an_audit_came_to_its_end(tmp_path: Path) -> None:
    Session(sources=SOURCES[:1], out=tmp_path).run(Told())

    assert list(tmp_path.iterdir()) == []
