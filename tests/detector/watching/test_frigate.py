"""Frigate's face processor under `facewarden run`: its cameras are told apart, and one that is refused ends quietly."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from facewarden.detector.records import Decided, read_entries

pytestmark = pytest.mark.slow
PROGRAM = Path(__file__).parents[2] / "helpers" / "frigate_program.py"
# One that may be recognised on, and one that may not, for it is worn.
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

[cameras."front porch"]
mount = "wall"

[cameras.vest]
mount = "body"
"""


@pytest.mark.parametrize("place", ["model", "recognizer"])
def test_each_camera_is_judged_by_its_own_name_and_the_thread_goes_on(
    tmp_path: Path, recogniser: bytes, place: str
) -> None:
    (tmp_path / "embed.onnx").write_bytes(recogniser)
    (tmp_path / "site.toml").write_text(SITE)
    command = [Path(sys.executable).with_name("facewarden"), "run", "--site", tmp_path / "site.toml"]
    command += [
        "--record",
        tmp_path / "record",
        "--",
        sys.executable,
        PROGRAM,
        tmp_path / "app",
        place,
        tmp_path / "embed.onnx",
    ]
    done = subprocess.run([*command, "vest", "front porch"], capture_output=True, text=True, check=True)
    decided = [one for one in read_entries(tmp_path / "record" / "calls.jsonl") if isinstance(one, Decided)]

    # a face that somebody uploads belongs to no camera: the strictest counts
    assert json.loads(done.stdout) == [["front porch"], False, ["front porch"], False]
    assert [(one.source, one.effect) for one in decided if one.source] == [
        ("vest", "prohibited"),
        ("front porch", "allow"),
    ] * 2
    assert {one.runtime for one in decided} == {"frigate"}
