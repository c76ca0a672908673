"""What a process does with taps that tests cannot do inside their own: import in this order, fork, and bear a load."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def run(script: str, *arguments: str) -> str:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(HERE / script), *arguments]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stderr[-2000:]
    return answer.stdout


def test_taps_that_were_there_first_see_every_runtime_and_so_does_a_forked_child() -> None:
    assert run("alive.py").endswith("taps alive\n")


def test_no_call_is_lost_under_load_and_nothing_grows() -> None:
    """A few seconds here; `python tests/detector/calls/taps/stress.py 60` is a minute of the same."""
    assert "seen" in run("stress.py", "3")
