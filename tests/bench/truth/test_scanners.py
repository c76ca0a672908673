"""Our scan beside others: what each looks into, what it says that it leaves out, and who is not installed."""

import json
import stat
from pathlib import Path

import pytest

from facewarden.bench.truth import scanners
from facewarden.bench.truth.programs.recogniser import linear_recogniser

REPORT = {
    "summary": {
        "modelscan_version": "1.0",
        "total_issues": 2,
        "scanned": {"scanned_files": ["w.pt"]},
        "skipped": {"skipped_files": [{"source": "m.onnx"}, {"source": "w.pt:w/data/0"}]},
    }
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "models"
    place.mkdir()
    (place / "m.onnx").write_bytes(linear_recogniser())
    (place / "w.pt").write_bytes(b"no state of anything")
    return place


def command(place: Path, name: str, body: str) -> Path:
    path = place / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_each_scanner_counts_the_files_that_it_looked_into(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "report").write_text(json.dumps(REPORT))
    modelscan = command(tmp_path, "modelscan", f'cp {tmp_path}/report "$6"')
    picklescan = command(tmp_path, "picklescan", f'echo "scan_pytorch({folder}/w.pt)"; echo "Infected files: 1"')
    text = scanners.report(folder, {"modelscan": modelscan, "picklescan": picklescan})

    assert "| facewarden | 1 | 1 | 0 | 1 recognise faces |" in text
    assert "| modelscan 1.0 | 1 | 1 | 0 | 2 that would run something |" in text
    assert "| picklescan | 1 | 0 | 1 | Infected files: 1 |" in text
    assert "| onnx | 1 | 1 | 0 | 0 |" in text


def test_scanners_that_are_not_installed_are_named(folder: Path) -> None:
    assert "Not installed, and left out: modelscan, picklescan." in scanners.report(folder, {})
