from pathlib import Path

import pytest

from facewarden.detector.audit.archive import expand, read_manifest
from facewarden.detector.errors import InputError


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
