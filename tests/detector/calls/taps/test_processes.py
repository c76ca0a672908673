"""What a process does with taps that tests cannot do inside their own: import in this order, fork, and bear a load."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[3]


def run(script: str, *arguments: str) -> str:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", f"helpers.{script}", *arguments]
    answer = subprocess.run(
        command, cwd=TESTS, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    return answer.stdout


def test_taps_that_were_there_first_see_every_runtime_and_so_does_a_forked_child() -> None:
    assert run("alive").endswith("taps alive\n")


def test_no_call_is_lost_under_load_and_nothing_grows() -> None:
    """A few seconds here; `python -m helpers.stress 60` in the folder tests is a minute of the same."""
    assert "seen" in run("stress", "2")
