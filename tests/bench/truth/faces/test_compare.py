"""The comparison, on pictures whose faces are known."""

from pathlib import Path

import numpy as np
import pytest

from facewarden.bench.truth.faces import compare
from facewarden.bench.truth.faces.labels import Label, Labelled, Picture
from facewarden.bench.truth.faces.scoring import Known, Tally
from facewarden.detector.environment.faces import Face, ScriptedFaces
from facewarden.detector.environment.faces.network import THRESHOLD

POINTS = np.zeros((5, 2), np.float32)


def picture(width: int, height: int, *faces: Label) -> Picture:
    return Picture(np.zeros((height, width), np.uint8), Labelled("one", faces), "open")


def test_pictures_are_judged_as_a_detector_gets_them_320_px_wide() -> None:
    detector = ScriptedFaces([[Face((10, 10, 30, 40), 0.9, POINTS)]])
    tally = compare.judge(detector, [picture(640, 360, Label((20, 20, 60, 80)))])

    assert tally.known == [Known(40, 0.9, None)]


def test_the_report_has_a_line_for_everyone_and_one_for_each_size() -> None:
    tally = Tally()
    tally.add([Face((10, 10, 30, 40), 0.9, POINTS)], Labelled("one", (Label((10, 10, 30, 40)),)), 1.0)
    text = compare.report({compare.OURS: tally, "yunet.onnx": tally}, 1)

    assert f"| facewarden | {THRESHOLD:.2f} | 100.0 % | 100.0 % | 100.0 % | 100.0 % |  |" in text
    assert "| yunet.onnx | 32 to 48 | 1 | 100.0 % | 100.0 % |  |" in text
    assert "1 labelled faces, 1 of them 24 px" in text


def test_only_networks_that_are_known_are_set_beside_ours(tmp_path: Path) -> None:
    (tmp_path / "other.onnx").write_bytes(b"other")

    assert compare.yunets(tmp_path) == {}
    assert compare.yunets(None) == {}


def test_everything_is_measured_in_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "_TIMED", 4)
    monkeypatch.setattr(compare, "read_pictures", lambda *_: [picture(200, 300), picture(640, 360)])
    text = compare.measure(tmp_path)

    assert "2 pictures of the part `val`" in text
    assert "### What finding faces costs" in text
    assert "| facewarden | " in text
