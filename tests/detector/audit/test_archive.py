from pathlib import Path

import pytest

from facewarden.detector.audit.archive import expand, read_manifest
from facewarden.detector.errors import InputError
from facewarden.streams.address import parse_source
from facewarden.streams.segments import begins_at, segments_at


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    for name in ("b.mp4", "a/1.MKV", "a/notes.txt", "pictures/1.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_a_folder_of_videos_stands_for_all_of_them_in_the_order_of_their_names(archive: Path) -> None:
    assert list(expand([str(archive)])) == [str(archive / "a/1.MKV"), str(archive / "b.mp4")]


def test_a_folder_of_pictures_is_one_source(archive: Path) -> None:
    assert list(expand([str(archive / "pictures")])) == [str(archive / "pictures")]


def test_a_pattern_stands_for_the_files_that_fit(archive: Path) -> None:
    assert list(expand([f"{archive}/*.mp4", "desk=x*.mp4"])) == [str(archive / "b.mp4"), "desk=x*.mp4"]


def test_a_pattern_that_fits_nothing_is_an_error(archive: Path) -> None:
    with pytest.raises(InputError, match=r"\*\.avi: no file fits this pattern"):
        list(expand([f"{archive}/*.avi"]))


def test_a_manifest_names_a_source_a_line(tmp_path: Path) -> None:
    manifest = tmp_path / "list.txt"
    manifest.write_text("\ufeff# the night of the 5th\nunit-17=patrol.mp4\n\n  lobby.mkv  \n")

    assert read_manifest(manifest) == ["unit-17=patrol.mp4", "lobby.mkv"]


@pytest.mark.parametrize(
    ("content", "problem"), [(b"", "names no source"), (b"\xff\xfe", "it is not UTF-8"), (None, "No such file")]
)
def test_a_manifest_that_says_nothing_is_an_error(tmp_path: Path, content: bytes | None, problem: str) -> None:
    manifest = tmp_path / "list.txt"
    if content is not None:
        manifest.write_bytes(content)
    with pytest.raises(InputError, match=problem):
        read_manifest(manifest)


def test_the_recordings_of_a_camera_are_one_source_and_other_videos_their_own(tmp_path: Path) -> None:
    for name in ("site/gate/2026-11-25_10-00-00-000000.mp4", "site/gate/2026-11-25_10-01-00-000000.mp4", "other.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert list(expand([str(tmp_path)])) == [
        f"site-gate=segments:{tmp_path}?camera=site%2Fgate",
        str(tmp_path / "other.mp4"),
    ]


def test_files_that_say_when_they_begin_are_one_source_of_their_name(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).touch()
    told = [
        f"cam={tmp_path}/b.mp4 recorded_from=2026-11-23T11:00:00+01:00",
        str(tmp_path / "other.mp4"),
        f"cam={tmp_path}/a.mp4   recorded_from=2026-11-23T09:59:00Z",
    ]
    joined, other = expand(told)

    name, url = parse_source(joined)
    assert (name, other) == ("cam", told[1])
    assert begins_at(url) == 1795427940.0  # 2026-11-23 09:59:00, UTC
    assert [(one.path.name, one.begins - 1795427940.0) for one in segments_at(url)] == [("a.mp4", 0.0), ("b.mp4", 60.0)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cam={}/a.mp4 recorded_from=yesterday", "'yesterday' is no time; expected a time with its offset from UTC"),
        ("cam={}/a.mp4 recorded_from=2026-11-23T10:00:00", "is no time"),
        ("cam={}/none.mp4 recorded_from=2026-11-23T10:00:00Z", "there is none of this name"),
        ("cam=rtsp://cam/1 recorded_from=2026-11-23T10:00:00Z", "recorded_from is for a video file"),
    ],
)
def test_a_beginning_that_is_none_is_told(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "a.mp4").touch()
    with pytest.raises(InputError, match=problem):
        list(expand([text.format(tmp_path)]))
