"""A program that was not written for this, unchanged, under `facewarden run`."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from facewarden.detector.records import Decided, read_entries
from facewarden.streams.source import open_source

PROGRAM = Path(__file__).parents[2] / "helpers" / "program.py"
SITE = """
packs = ["microsoft"]

[facts]
operator = "non_us_le"
on_behalf_of = "nobody"
service = "azure_openai"
timing = "real_time"
consent = "valid"
surveillance = false
environment = "uncontrolled"
limited_access_approved = true
"""
DECLARED_FIXED = SITE + '\n[cameras.film]\nmount = "wall"\n'


def film(path: Path, scene: str, seconds: float) -> Path:
    """A rendered scene as a video file."""
    writer = None
    with open_source(f"synthetic:{scene}?seconds={seconds}") as source:
        for frame in source:
            picture = np.ascontiguousarray(frame.bgr())
            size = picture.shape[1], picture.shape[0]
            writer = writer or cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, size)
            writer.write(picture)
    assert writer is not None
    writer.release()
    return path


def run(folder: Path, site: str, *arguments: str | Path) -> tuple[int, int, list[Decided]]:
    """Pictures compared, calls refused, and the record."""
    (folder / "site.toml").write_text(site)
    command = [Path(sys.executable).with_name("facewarden"), "run", "--site", folder / "site.toml"]
    command += ["--record", folder / "record", "--", sys.executable, PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    compared, refused = map(int, done.stdout.split())
    entries = read_entries(folder / "record" / "calls.jsonl")
    return compared, refused, [entry for entry in entries if isinstance(entry, Decided)]


@pytest.fixture(params=["made here", "published"])
def models(request: pytest.FixtureRequest, tmp_path: Path, recogniser: bytes) -> list[Path]:
    """A recogniser, and a face detector where the models are published ones."""
    if request.param == "made here":
        (tmp_path / "embed.onnx").write_bytes(recogniser)
        return [tmp_path / "embed.onnx"]
    zoo: Path = request.getfixturevalue("zoo")
    return [zoo / "mbf_foamliu.onnx", zoo / "yunet_n_dynamic.onnx"]


def test_it_is_stopped_on_a_mobile_camera(tmp_path: Path, models: list[Path]) -> None:
    video = film(tmp_path / "film.avi", "body", 6)
    compared, refused, record = run(tmp_path, SITE, video, *models)

    assert (compared, refused) == (0, 18)
    assert {call.source for call in record} == {"film"}
    assert record[-1].deciding == ("MS-AOAI-2",)


def test_it_is_left_alone_on_a_fixed_one(tmp_path: Path, models: list[Path]) -> None:
    video = film(tmp_path / "film.avi", "fixed", 6)
    compared, refused, record = run(tmp_path, DECLARED_FIXED, video, *models)

    assert (compared, refused) == (18, 0)
    assert {call.effect for call in record} == {"allow"}
