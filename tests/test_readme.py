"""The README's commands run as written, in order, in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text()
BLOCKS = [block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "facewarden " in block]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_command_of_the_readme_runs_as_written(block: str, folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", block],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    expected = re.search(r"# exit (\d)|exit (\d):", block)

    assert done.returncode == int(next(filter(None, expected.groups())) if expected else 0), done.stderr
    assert "Traceback" not in done.stderr


def test_the_readme_s_python_runs_with_a_camera_and_a_service_of_its_own(folder: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    host = (
        "from facewarden.streams.synthetic import SyntheticSource\n"
        "camera_loop = lambda: ((f.media_time, f.bgr()) for f in SyntheticSource('body', seconds=3))\n"
        "identify = lambda picture: None\n"
    )
    done = subprocess.run([sys.executable, "-c", host + code], cwd=folder, capture_output=True, text=True, check=True)

    assert "MS-AOAI-2" in done.stdout


def test_every_command_and_its_contract_is_in_the_readme() -> None:
    assert all(
        f"facewarden {command}" in README
        for command in ("classify", "decide", "audit", "demo", "policy", "site", "identify", "scan", "run")
    )
