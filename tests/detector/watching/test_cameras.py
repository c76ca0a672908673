from pathlib import Path

import numpy as np
import pytest

from facewarden.detector.guard import Guard
from facewarden.detector.site import Site
from facewarden.detector.watching.cameras import Cameras
from facewarden.streams.frame import PackedPixels

PICTURE = PackedPixels(np.zeros((48, 64, 3), np.uint8), "bgr")


@pytest.fixture
def guard() -> Guard:
    return Guard(Site())


def test_a_camera_is_called_by_the_name_that_was_given_for_its_url(guard: Guard) -> None:
    cameras = Cameras(guard, {"rtsp://10.0.0.7/stream1": "unit-17"})
    assert cameras.picture("rtsp://10.0.0.7/stream1", PICTURE, 0.0).source == "unit-17"


def test_a_file_is_the_same_however_the_program_writes_its_path(
    guard: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "patrol.mp4").touch()
    monkeypatch.chdir(tmp_path)
    cameras = Cameras(guard, {str(tmp_path / "patrol.mp4"): "unit-17"})
    assert cameras.picture("./patrol.mp4", PICTURE, 0.0).source == "unit-17"


def test_without_a_name_the_last_part_of_the_url_is_one(guard: Guard) -> None:
    assert Cameras(guard, {}).picture("rtsp://user:secret@10.0.0.7/lobby", PICTURE, 0.0).source == "lobby"


def test_two_cameras_are_never_taken_for_one(guard: Guard) -> None:
    cameras = Cameras(guard, {"device-0": "live"})
    urls = ["device-0", "rtsp://10.0.0.7/live", "rtsp://10.0.0.8/live", "rtsp://10.0.0.7/live"]
    assert [cameras.picture(url, PICTURE, 0.0).source for url in urls] == ["live", "live-2", "live-3", "live-2"]


def test_every_picture_reaches_the_guard(guard: Guard) -> None:
    cameras = Cameras(guard, {})
    for number in range(5):
        cameras.picture("lobby", PICTURE, number / 25)
    assert guard.watch("lobby").coverage().frames == 5
