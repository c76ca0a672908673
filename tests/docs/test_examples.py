"""The examples run as they stand, and say what they are there to show."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SAID = {
    "audit.py": "2 calls, 1 violations",
    "body_camera.py": "5 s: prohibited by MS-AOAI-2",
    "door.py": "verification: conditions",
}


def test_every_example_is_run() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(SAID)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "said"), SAID.items())
def test_an_example_does_what_it_says(name: str, said: str) -> None:
    done = subprocess.run([sys.executable, EXAMPLES / name], capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    assert said in done.stdout


@pytest.mark.slow
def test_the_cells_of_the_notebook_run_one_after_the_other(tmp_path: Path) -> None:
    notebook = json.loads((EXAMPLES / "audit.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    done = subprocess.run(
        [sys.executable, "-"], input="\n".join(cells), capture_output=True, text=True, timeout=120, cwd=tmp_path
    )

    assert done.returncode == 0, done.stderr
    assert "unit-17 mobile" in done.stdout
    assert "1 violation" in done.stdout
    assert (tmp_path / "report" / "report.html").is_file()
