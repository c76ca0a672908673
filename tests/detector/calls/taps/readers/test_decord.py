"""decord's reader: which picture was given, and when in the video it is."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.kinds import PICTURES
from facewarden.detector.calls.taps.scripted import ScriptedGate

decord: Any = pytest.importorskip("decord", reason="decord is not installed here")


class Colours(ScriptedGate):
    """Notes the mean colour of each picture, too."""

    def __init__(self) -> None:
        super().__init__()
        self.colours: list[list[int]] = []

    def picture(self, url: str, pixels: Any, at: float, reader: object = None) -> None:
        super().picture(url, pixels, at, reader)
        self.colours.append([round(float(value)) for value in pixels.bgr().mean((0, 1))])


@pytest.fixture
def gate() -> Iterator[Colours]:
    gate = Colours()
    taps = Taps(gate, PICTURES)
    taps.install()
    yield gate
    taps.remove()


@pytest.fixture
def video(tmp_path: Path) -> str:
    """Ten pictures a second, each bluer than the one before."""
    path = str(tmp_path / "blue.avi")
    writer: Any = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for number in range(10):
        writer.write(np.full((48, 64, 3), (20 * number, 0, 0), np.uint8))
    writer.release()
    return path


def test_each_picture_is_told_with_its_time_however_it_is_asked_for(gate: Colours, video: str) -> None:
    reader = decord.VideoReader(video, num_threads=1)
    for take in (lambda: reader.next(), lambda: reader[5], lambda: reader.next(), lambda: reader.get_batch([2, -1])):
        take()

    urls, sizes, times = zip(*gate.pictures, strict=True)
    assert {*urls} == {video}
    assert {*sizes} == {(64, 48)}
    assert [round(at, 3) for at in times] == [0.0, 0.5, 0.6, 0.2, 0.9]
    assert all(abs(blue - 200 * at) < 12 for (blue, _, _), at in zip(gate.colours, times, strict=True))


def test_the_host_gets_what_it_gets_without_us(gate: Colours, video: str) -> None:
    watched = decord.VideoReader(video, num_threads=1)[3].asnumpy()
    gate.pictures.clear()
    seen: list[Any] = []
    thread = threading.Thread(target=lambda: seen.append(decord.VideoReader(video, num_threads=1)[:3].asnumpy()))
    thread.start()
    thread.join()
    assert watched.shape == (48, 64, 3)
    assert [len(batch) for batch in seen] == [len(gate.pictures)] == [3]
