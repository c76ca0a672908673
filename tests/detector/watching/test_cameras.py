import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from facewarden.detector.clock import ManualClock
from facewarden.detector.guard import Guard
from facewarden.detector.site import Site
from facewarden.detector.watching.cameras import Cameras
from facewarden.streams.frame import Frame, PackedPixels
from facewarden.streams.synthetic import SyntheticSource

PICTURE = PackedPixels(np.zeros((48, 64, 3), np.uint8), "bgr")


@pytest.fixture
def guard() -> Guard:
    return Guard(Site())


def name_of(frame: Frame | None) -> str | None:
    return frame and frame.source


def test_a_camera_is_called_by_the_name_that_was_given_for_its_url(guard: Guard) -> None:
    cameras = Cameras(guard, {"rtsp://10.0.0.7/stream1": "unit-17"})
    assert name_of(cameras.picture("rtsp://10.0.0.7/stream1", PICTURE, 0.0)) == "unit-17"


def test_a_file_is_the_same_however_the_program_writes_its_path(
    guard: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "patrol.mp4").touch()
    monkeypatch.chdir(tmp_path)
    cameras = Cameras(guard, {str(tmp_path / "patrol.mp4"): "unit-17"})
    assert name_of(cameras.picture("./patrol.mp4", PICTURE, 0.0)) == "unit-17"


def test_without_a_name_the_last_part_of_the_url_is_one(guard: Guard) -> None:
    assert name_of(Cameras(guard, {}).picture("rtsp://user:secret@10.0.0.7/lobby", PICTURE, 0.0)) == "lobby"


def test_two_cameras_are_never_taken_for_one(guard: Guard) -> None:
    cameras = Cameras(guard, {"device-0": "live"})
    urls = ["device-0", "rtsp://10.0.0.7/live", "rtsp://10.0.0.8/live", "rtsp://10.0.0.7/live"]
    assert [name_of(cameras.picture(url, PICTURE, 0.0)) for url in urls] == ["live", "live-2", "live-3", "live-2"]


@pytest.mark.parametrize("readers", [1, 2, 4])
def test_a_camera_that_several_threads_read_is_looked_at_once(readers: int) -> None:
    """Each has a capture of its own, with a clock of its own; their pictures are counted, and one's are looked at."""
    pictures = list(SyntheticSource("fixed", seconds=12, fps=10, size=(320, 180), seed=3))
    guard = Guard(live=False)
    cameras = Cameras(guard, {})

    def read() -> None:
        for frame in pictures:
            cameras.picture("rtsp://cam/1", frame.pixels, frame.media_time)

    threads = [threading.Thread(target=read) for _ in range(readers)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(before)
    (state,) = guard.watches.values()

    assert state.last.camera == "fixed"
    assert state.coverage().frames == readers * len(pictures)
    assert list(state.events) == []


def test_another_reader_takes_the_place_of_one_that_has_ended(guard: Guard) -> None:
    clock = ManualClock()
    cameras = Cameras(guard, {}, clock)
    with ThreadPoolExecutor(1) as other:

        def second(at: float) -> Frame | None:
            return other.submit(cameras.picture, "lobby", PICTURE, at, "second").result()

        assert cameras.picture("lobby", PICTURE, 0.0, "first") is not None
        assert second(0.0) is None
        clock.advance(3.0)
        assert second(0.1) is not None
        assert cameras.picture("lobby", PICTURE, 0.1, "first") is None


def test_every_picture_reaches_the_guard(guard: Guard) -> None:
    cameras = Cameras(guard, {})
    for number in range(5):
        cameras.picture("lobby", PICTURE, number / 25)
    assert guard.watch("lobby").coverage().frames == 5
