"""A session in several files: each is closed with its hash, and they are gone through as one."""

import shutil
from pathlib import Path

import pytest
from helpers.recordings import session
from helpers.services import wait_for

from facewarden.detector import Call, Site
from facewarden.detector.audit.past_records import audit_record
from facewarden.detector.recording.messages import Session
from facewarden.detector.recording.parts import RecordingLimits
from facewarden.detector.recording.reading import read_messages
from facewarden.detector.recording.replay import Replay
from facewarden.detector.recording.replayed import Replayed
from facewarden.streams.recording import digest_of

SITE = Site(operator={"operator": "non_us_le"}, cameras={"desk": {"mount": "wall"}})


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[str]]:
    told = list[str]()
    recording, _ = session(
        tmp_path_factory.mktemp("session"), site=SITE, limits=RecordingLimits(hours=1 / 3600), told=told.append
    )
    assert recording.close()
    first = recording.path.with_name(recording.path.name.split(".")[0] + ".mcap")
    files = sorted(recording.path.parent.iterdir(), key=lambda path: (len(path.name), path.name))
    assert files[0] == first
    return files, told


def test_a_file_ends_where_it_has_become_old_and_the_next_begins(recorded: tuple[list[Path], list[str]]) -> None:
    files, told = recorded
    assert len(files) >= 4
    assert told == [f"{path.name}: sha256 {digest_of(path)}" for path in files]


def test_each_file_names_the_one_that_it_goes_on_from(recorded: tuple[list[Path], list[str]]) -> None:
    files, _ = recorded
    begins = [next(one.message for one in read_messages(path)) for path in files]
    assert [one.after for one in begins if isinstance(one, Session)] == [None, *map(digest_of, files[:-1])]


def test_a_session_of_several_files_is_the_same_again(recorded: tuple[list[Path], list[str]]) -> None:
    files, _ = recorded
    found = Replay(files[-1]).run()
    assert found.first is None
    assert found.from_looks
    assert [*found.before, found.recording] == [path.name for path in files]
    assert found.pictures == 240


def test_the_first_file_is_a_recording_of_its_own(recorded: tuple[list[Path], list[str]]) -> None:
    found = Replay(recorded[0][0]).run()
    assert found.same
    assert (found.before, found.pictures) == ({}, 62)


def test_where_one_before_is_missing_calls_are_decided_by_what_was_seen(
    recorded: tuple[list[Path], list[str]], tmp_path: Path
) -> None:
    files, _ = recorded
    for path in (files[0], *files[2:]):
        shutil.copy(path, tmp_path)
    found, lines, status = audit_record(str(tmp_path / files[-1].name), None, None)
    assert status == 0
    assert any(line.startswith(f"it goes on from {files[1].name}, which is not there") for line in lines)
    assert isinstance(found, Replayed)
    assert (found.missing, found.pictures, found.from_looks) == (files[1].name, 0, False)


def test_a_file_that_was_put_in_anothers_place_is_found(recorded: tuple[list[Path], list[str]], tmp_path: Path) -> None:
    files, _ = recorded
    for path in files:
        shutil.copy(path, tmp_path)
    shutil.copy(files[0], tmp_path / files[1].name)
    found = Replay(tmp_path / files[2].name).run()
    assert not found.same


def test_a_file_ends_where_it_has_become_large(tmp_path: Path) -> None:
    scene = {"desk": "synthetic:fixed?seconds=1&size=320x180"}
    recording, guard = session(tmp_path, scene, limits=RecordingLimits(megabytes=0.05))
    wait_for(lambda: recording.path.stat().st_size > 50_000 or len([*tmp_path.iterdir()]) > 1)
    guard.judge(Call(source="desk"))
    recording.close()
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) > 1
    assert max(sizes) < 250_000
