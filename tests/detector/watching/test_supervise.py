import signal
import subprocess
import sys
from pathlib import Path

import pytest

from facewarden.detector.errors import InputError
from facewarden.detector.watching.start import plan
from facewarden.detector.watching.supervise import Outcome, doubts, summary, supervise

# In a process of its own: once a call of OpenVINO has failed, Python has no stack left on which to take a signal.
_SIGNALLED = """
import signal, subprocess, sys
from pathlib import Path

from facewarden.detector.watching.start import plan
from facewarden.detector.watching.supervise import supervise


class Popen(subprocess.Popen):
    def __init__(self, *args, **keys):
        signal.raise_signal(signal.SIGTERM)
        super().__init__(*args, **keys)


subprocess.Popen = Popen
sys.exit(supervise(plan(None, record=Path(sys.argv[1])), ["sleep", "30"]).status)
"""


def outcome_of(folder: Path, *command: str) -> Outcome:
    return supervise(plan(None, record=folder), command)


def test_a_program_keeps_its_exit_status(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, sys.executable, "-c", "raise SystemExit(7)")
    assert (outcome.status, outcome.processes) == (7, 1)


def test_a_program_that_a_signal_ends_says_so_as_a_shell_would(tmp_path: Path) -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert outcome_of(tmp_path, sys.executable, "-c", code).status == 128 + signal.SIGKILL


def test_a_signal_to_us_goes_on_to_the_program(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\n"
        "print('ready', flush=True)\n"
        "for _ in range(600): time.sleep(0.05)"
    )
    command = [
        Path(sys.executable).with_name("facewarden"),
        "run",
        "--record",
        tmp_path,
        "--",
        sys.executable,
        "-c",
        code,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as ours:
        assert ours.stdout is not None
        assert ours.stdout.readline() == "ready\n"
        ours.terminate()
        assert ours.wait(20) == 5


def test_a_signal_that_comes_while_the_program_starts_goes_on_to_it(tmp_path: Path) -> None:
    assert subprocess.run([sys.executable, "-c", _SIGNALLED, tmp_path], check=False).returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("command", [["true"], [sys.executable, "-I", "-c", ""]])
def test_a_program_that_was_never_watched_is_not_trusted(tmp_path: Path, command: list[str]) -> None:
    outcome = outcome_of(tmp_path, *command)
    assert not outcome.watched
    assert "trust nothing" in summary(outcome, tmp_path)[0]


def test_a_watch_that_never_came_on_says_what_kept_it_out(tmp_path: Path) -> None:
    why = "/usr/bin/python3: facewarden is not installed for it"
    said = summary(Outcome(status=1, processes=0, uncovered=(why,)), tmp_path)
    assert said == [f"the watch never came on: {why}; trust nothing"]


def test_only_this_run_is_counted_where_the_record_goes_on(tmp_path: Path) -> None:
    for _ in range(2):
        assert outcome_of(tmp_path, sys.executable, "-c", "").processes == 1


def test_a_program_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no-such-program: cannot be run"):
        outcome_of(tmp_path, "no-such-program")


def test_the_summary_counts_calls_by_effect(tmp_path: Path) -> None:
    calls = {"prohibited": 3, "allow": 4}
    lines = summary(Outcome(status=0, processes=2, calls=calls, refused=3, trouble=("a tap is lost",)), tmp_path)
    assert lines[0] == "a tap is lost"
    assert lines[1].startswith("7 calls judged (4 allow, 3 prohibited), 3 refused; 2 processes watched")


def test_names_that_no_camera_has_and_files_that_are_not_there_are_doubted(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[cameras.unit-17]\nmount = "body"\n')
    (tmp_path / "here.mp4").touch()
    given = {
        str(tmp_path / "here.mp4"): "unit17",
        "gone.mp4": "unit-17",
        "rtsp://127.0.0.1/a": "unit-17",
        "device-0": "x",
    }
    lines = list(doubts(given, tmp_path / "site.toml"))

    assert [line.partition(" is no camera of ")[0] for line in lines] == [
        "'unit17'", "unit-17: there is no gone.mp4 here yet", "'x'",
    ]  # fmt: skip
    assert "did you mean 'unit-17'?" in lines[0]


def test_calls_that_no_rule_is_about_are_told_from_those_that_a_rule_allows(tmp_path: Path) -> None:
    (line,) = summary(Outcome(status=0, processes=1, calls={"allow": 8}, ruleless=6), tmp_path)
    assert "8 calls judged (8 allow), 0 refused; of those allowed no rule of the packs is about 6;" in line
