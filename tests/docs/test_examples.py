"""The examples run as they stand, and say what they are there to show."""

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
