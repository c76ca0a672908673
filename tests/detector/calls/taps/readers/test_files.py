from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.kinds import PICTURES
from facewarden.detector.calls.taps.scripted import ScriptedGate


@pytest.fixture
def gate() -> Iterator[ScriptedGate]:
    gate = ScriptedGate()
    taps = Taps(gate, PICTURES)
    taps.install()
    yield gate
    taps.remove()


def test_a_picture_that_opencv_reads_is_told_with_its_file(gate: ScriptedGate, tmp_path: Path) -> None:
    path = str(tmp_path / "one.png")
    cv2.imwrite(path, np.zeros((48, 64, 3), np.uint8))
    assert cv2.imread(path) is not None
    assert cv2.imread(path, cv2.IMREAD_GRAYSCALE) is not None
    assert cv2.imread(str(tmp_path / "none.png")) is None

    assert gate.read_from == [path, path, str(tmp_path / "none.png")]
    assert [(url, size) for url, size, _ in gate.pictures] == [(path, (64, 48))] * 2


def test_a_file_that_pillow_opens_is_told(gate: ScriptedGate, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    cv2.imwrite(str(tmp_path / "one.png"), np.zeros((48, 64, 3), np.uint8))
    with image.open(tmp_path / "one.png") as opened:
        assert opened.size == (64, 48)
    assert gate.read_from[-1] == str(tmp_path / "one.png")


def test_files_that_numpy_or_dlib_read_are_told(gate: ScriptedGate, tmp_path: Path) -> None:
    path = str(tmp_path / "one.png")
    cv2.imwrite(path, np.zeros((48, 64, 3), np.uint8))
    assert cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR) is not None
    assert gate.read_from == [path]
    dlib = pytest.importorskip("dlib")
    assert dlib.load_rgb_image(path).shape == (48, 64, 3)
    assert gate.read_from == [path, path]


def test_what_a_codec_context_decodes_is_told_once(gate: ScriptedGate, tmp_path: Path) -> None:
    path = str(tmp_path / "film.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    for _ in range(3):
        writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    with av.open(path) as container:
        codec = container.streams.video[0].codec_context
        frames = [frame for packet in container.demux(video=0) for frame in codec.decode(packet)]
    assert len(frames) == len(gate.pictures) == 3
    with av.open(path) as container:
        assert len([*container.decode(video=0)]) == 3
    assert len(gate.pictures) == 6
