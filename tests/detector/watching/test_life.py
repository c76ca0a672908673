"""What becomes of a program's processes is on record, however they end and whatever they start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from facewarden.detector.watching.children import unwatched
from facewarden.detector.watching.start import plan
from facewarden.detector.watching.supervise import Outcome, summary, supervise

WATCHED = {"FACEWARDEN_WATCH": "{}", "PATH": os.environ["PATH"]}
FORKED = """
import os, signal, sys
for how in ("exit", "_exit", "abort", "term"):
    child = os.fork()
    if not child:
        {"exit": lambda: sys.exit(0), "_exit": lambda: os._exit(0), "abort": os.abort,
         "term": lambda: os.kill(os.getpid(), signal.SIGTERM)}[how]()
    os.waitpid(child, 0)
"""
HOLDS = 'packs = ["microsoft"]\n[enforcement]\nuncovered = "hold"'


def outcome_of(folder: Path, code: str, site: str = 'packs = ["microsoft"]') -> Outcome:
    (folder / "site.toml").write_text(site)
    return supervise(plan(folder / "site.toml", record=folder / "record"), [sys.executable, "-c", code])


def test_forked_children_are_counted_and_those_that_a_signal_ended_are_named(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, FORKED)
    assert (outcome.status, outcome.processes, len(outcome.killed)) == (0, 5, 2)
    assert "ended by a signal or a crash: " in "\n".join(summary(outcome, tmp_path))


def test_a_program_that_ends_at_once_was_watched(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, "import os; os._exit(3)")
    assert (outcome.status, outcome.processes, outcome.killed) == (3, 1, ())


def test_a_program_that_becomes_another_has_ended(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, "import os; os.execv('/bin/sh', ['sh', '-c', 'exit 4'])")
    assert (outcome.status, outcome.processes, outcome.killed) == (4, 1, ())
    assert outcome.uncovered == ("/bin/sh: it is a shell",)


def test_an_attempt_to_become_another_that_fails_is_no_end(tmp_path: Path) -> None:
    code = "import os\ntry: os.execv('/no/such', ['x'])\nexcept OSError: os.abort()"
    assert len(outcome_of(tmp_path, code).killed) == 1


def python_of_another() -> Path | None:
    """A Python for which facewarden is not installed."""
    there = Path("/usr/bin/python3")
    if not there.exists():
        return None
    tried = subprocess.run([there, "-I", "-c", "import facewarden"], capture_output=True, check=False)
    return there if tried.returncode else None


@pytest.mark.parametrize(("site", "runs"), [('packs = ["microsoft"]', True), (HOLDS, False)])
def test_another_python_starts_unless_the_site_holds_it_and_is_named(tmp_path: Path, site: str, runs: bool) -> None:
    other = python_of_another()
    if other is None:
        pytest.skip("there is no other Python here")
    code = f"import subprocess, sys; sys.exit(subprocess.run(['{other}', '-c', 'print(1)']).returncode)"
    outcome = outcome_of(tmp_path, code, site)

    assert outcome.status == (0 if runs else 2)
    assert [one.rpartition(": ")[2] for one in outcome.uncovered] == (
        ["facewarden is not installed for it"] if runs else []
    )


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("subprocess.run([sys.executable, '-I', '-c', ''])", "started with -I"),
        ("subprocess.run([sys.executable, '-c', ''], env={})", "its environment was cleared"),
        ("os.waitpid(os.posix_spawn(sys.executable, [sys.executable, '-Sc', ''], os.environ), 0)", "started with -S"),
        ("os.spawnv(os.P_WAIT, sys.executable, [sys.executable, '-E', '-c', ''])", "started with -E"),
    ],
)
def test_a_python_that_cannot_be_watched_is_named_and_does_not_start_where_it_is_held(
    tmp_path: Path, start: str, why: str
) -> None:
    reported = outcome_of(tmp_path, f"import os, subprocess, sys; {start}")
    assert (reported.status, reported.uncovered) == (0, (f"{sys.executable}: {why}",))
    held = outcome_of(tmp_path, f"import os, subprocess, sys; {start}", HOLDS)
    assert held.uncovered == (f"{sys.executable}: not started: {why}",)


def test_other_programs_are_named_once_each_and_start(tmp_path: Path) -> None:
    code = "import os, subprocess\nfor _ in range(3): subprocess.run(['true']); os.system('exit 0')"
    outcome = outcome_of(tmp_path, code, HOLDS)
    assert outcome.status == 0
    assert sorted(one.partition(": ")[2] for one in outcome.uncovered) == [
        "it is a shell",
        "it is no Python",
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["-c", "-I"], None),
        (["-m", "x", "-I"], None),
        (["script.py", "-I"], None),
        (["-W", "ignore", "x.py"], None),
        (["-Wignore", "-uE", "x.py"], "started with -E"),
        (["-bI"], "started with -I"),
        (["-"], None),
    ],
)
def test_what_python_is_told_before_its_program_decides(arguments: list[str], why: str | None) -> None:
    found = unwatched(sys.executable, ["python", *arguments], WATCHED, "FACEWARDEN_WATCH")
    assert found == (why and (sys.executable, why, True))


def test_a_script_is_the_python_of_its_first_line(tmp_path: Path) -> None:
    for line, why in ((b"#!/usr/bin/env python3\n", None), (b"#!/usr/bin/python3 -I\n", "started with -I")):
        (tmp_path / "tool").write_bytes(line)
        (tmp_path / "tool").chmod(0o755)
        found = unwatched("tool", ["tool"], WATCHED | {"PATH": str(tmp_path)}, "FACEWARDEN_WATCH")
        assert found == (why and (str(tmp_path / "tool"), why, True))
