"""The benchmark of attribution, on two small clips."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from facewarden.bench.material.corpus import Clip
from facewarden.bench.truth import attribution
from facewarden.bench.truth.attribution import Trial


def test_a_row_counts_right_wrong_and_strangers_each_of_their_own() -> None:
    outcomes = [("right", False)] * 6 + [("wrong", False)] * 2 + [("none", False)] * 2 + [("none", True)] * 3
    trials = [Trial("face", 2, stranger, outcome, 1.0) for outcome, stranger in [*outcomes, ("wrong", True)]]
    (row,) = [line for line in attribution.report(trials, 0).splitlines() if line.startswith("| face")]

    assert row == "| face | 10 | 60.0% | 25.0% | 4 | 25.0% | 1.0 | 1.0 |"


def test_whole_pictures_are_measured_and_a_clip_that_is_gone_is_left_out(
    tmp_path: Path, still_clip: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    clips = [
        Clip(name="a", path=still_clip(tmp_path / "a.avi"), label="fixed", repo="a/a"),
        Clip(name="b", path=still_clip(tmp_path / "b.avi"), label="fixed", repo="b/b"),
        Clip(name="gone", path=tmp_path / "gone.avi", label="fixed", repo="c/c"),
    ]
    report = attribution.measure(clips)

    assert "| whole, 8 bit | 6 | 100.0% | 0.0% | 2 | 0.0% |" in report
    assert "gone.avi" in capsys.readouterr().err


@pytest.fixture
def still_clip() -> Callable[[Path], Path]:
    """Writes two seconds of one still picture, which the file's name seeds."""

    def write(path: Path) -> Path:
        noise = np.random.default_rng(ord(path.stem[0])).integers(0, 256, (18, 32, 3), np.uint8)
        picture = cv2.resize(noise, (320, 180), interpolation=cv2.INTER_CUBIC)
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (320, 180))
        for _ in range(30):
            writer.write(picture)
        writer.release()
        return path

    return write
