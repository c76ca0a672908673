"""What others copy into their CI: the commands in it run as they stand."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "facewarden" / "action.yml"
GATE = '[facts]\ndate = 2026-11-22\n[cameras.door]\nmount = "wall"\n'


def read(path: Path) -> Any:
    return pytest.importorskip("yaml", reason="needs PyYAML: make docs brings it").safe_load(path.read_text())


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "notes.txt").write_text("no model")
    (tmp_path / "site.toml").write_text(GATE)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "value", "status"), [("scan", "models", 0), ("site", "site.toml", 0), ("bench", "--clip no-such.mp4", 2)]
)
def test_each_step_of_the_action_does_what_its_input_asks_for(
    shipped: Path, name: str, value: str, status: int
) -> None:
    action = read(ACTION)
    (step,) = [step for step in action["runs"]["steps"] if step.get("if") == f"inputs.{name} != ''"]
    (variable,) = step["env"]
    assert step["env"][variable] == f"${{{{ inputs.{name} }}}}"
    assert name in action["inputs"]
    assert run(step["run"], shipped, {variable: value}).returncode == status


def test_the_hook_for_pre_commit_looks_through_the_checkout(shipped: Path) -> None:
    (hook,) = read(ROOT / ".pre-commit-hooks.yaml")
    assert not hook["pass_filenames"]
    done = run(hook["entry"], shipped, {})
    assert (done.returncode, b"0 that recognise faces" in done.stdout) == (0, True), done.stdout


def run(command: str, folder: Path, given: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """As a runner does it: bash, with facewarden on the path."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder), "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), **given}
    return subprocess.run(["bash", "-ec", command], cwd=folder, env=environment, capture_output=True, check=False)
