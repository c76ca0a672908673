import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.kinds import PICTURES
from facewarden.detector.calls.taps.readers.ffmpeg_pipe import Piped, piped
from facewarden.detector.calls.taps.scripted import ScriptedGate

RAW = ["-f", "rawvideo", "-pix_fmt", "bgr24"]


@pytest.fixture
def gate() -> Iterator[ScriptedGate]:
    gate = ScriptedGate()
    taps = Taps(gate, PICTURES)
    taps.install()
    yield gate
    taps.remove()


def stand_in(folder: Path, size: int) -> str:
    """A program of the name that writes so many bytes."""
    path = folder / "ffmpeg"
    path.write_text(f"#!{sys.executable}\nimport sys\nsys.stdout.buffer.write(bytes({size}))")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (["ffmpeg", "-i", "rtsp://cam", *RAW, "-s", "64x48", "-"], Piped("rtsp://cam", "bgr24", (64, 48))),
        (["/x/ffmpeg-7", "-i", "a.mp4", *RAW, "-vf", "fps=5,scale=64:48", "pipe:1"], Piped("a.mp4", "bgr24", (64, 48))),
        ("ffmpeg -s 9x9 -i a.mp4 -f image2pipe -vcodec rawvideo -pix_fmt rgb24 -", Piped("a.mp4", "rgb24", None)),
        (["ffmpeg", "-i", "a.mp4", "-f", "mjpeg", "-"], Piped("a.mp4", "", None)),
        (["ffmpeg", "-i", "a.mp4", "-i", "b.mp4", *RAW, "-"], None),
        (["ffmpeg", "-i", "a.mp4", "out.mp4"], None),
        (["ls", "-i", "a", "-"], None),
        (["nice", "-n", "5", "ffmpeg", "-i", "a.mp4", "-f", "mjpeg", "-"], Piped("a.mp4", "", None)),
        (["sh", "-c", "exec ffmpeg -i a.mp4 -f mjpeg -"], Piped("a.mp4", "", None)),
        (["python", "ffmpeg_of_mine.py", "-i", "a.mp4", "-"], None),
    ],
)  # fmt: skip
def test_a_command_says_what_comes_through_its_pipe(command: object, found: Piped | None) -> None:
    assert piped(command) == found


@pytest.mark.parametrize("how", ["read", "readinto"])
def test_the_pictures_of_a_pipe_are_those_of_its_input(gate: ScriptedGate, tmp_path: Path, how: str) -> None:
    length = 64 * 48 * 3
    command = [stand_in(tmp_path, 3 * length), "-i", "rtsp://cam/1", *RAW, "-s", "64x48", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        read = 0
        while read < 3 * length:
            if how == "read":
                read += len(process.stdout.read(length // 2))
            else:
                read += process.stdout.readinto(np.empty(length // 2, np.uint8))  # pyright: ignore[reportAttributeAccessIssue]

    assert [(url, size) for url, size, _ in gate.pictures] == [("rtsp://cam/1", (64, 48))] * 3
    assert set(gate.read_from) == {"rtsp://cam/1"}


def test_what_is_read_at_once_or_by_asyncio_is_told_too(gate: ScriptedGate, tmp_path: Path) -> None:
    length = 64 * 48 * 3
    command = [stand_in(tmp_path, 2 * length), "-i", "rtsp://cam/1", *RAW, "-s", "64x48", "-"]

    async def read() -> bytes:
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        return (await process.communicate())[0]

    assert len(subprocess.run(command, capture_output=True, check=True).stdout) == 2 * length
    assert len(gate.pictures) == 2
    assert len(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout) == 2 * length
    assert len(gate.pictures) == 4
    assert len(asyncio.run(read())) == 2 * length
    assert [url for url, _, _ in gate.pictures] == ["rtsp://cam/1"] * 6


def test_where_the_size_is_not_said_it_is_the_file_s_own(gate: ScriptedGate, tmp_path: Path) -> None:
    import cv2

    film = str(tmp_path / "film.avi")
    writer = cv2.VideoWriter(film, cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    with subprocess.Popen([stand_in(tmp_path, 64 * 48 * 3), "-i", film, *RAW, "-"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert len(process.stdout.read()) == 64 * 48 * 3

    assert [(url, size) for url, size, _ in gate.pictures] == [(film, (64, 48))]


def test_another_program_s_pipe_is_left_alone(gate: ScriptedGate) -> None:
    assert subprocess.run(["echo", "-i", "x", "-"], capture_output=True, check=True).stdout == b"-i x -\n"
    assert (gate.pictures, gate.read_from) == ([], [])
