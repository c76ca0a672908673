"""A program that is watched twice, by itself or by whoever runs it: the strictest counts, on both records."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from facewarden.detector import ProhibitedInference
from facewarden.detector.records import Decided, Event, Started, read_entries
from facewarden.detector.watching.plan import plan
from facewarden.detector.watching.start import Watching, unwatch, watch
from facewarden.detector.watching.supervise import supervise

STRICT = """
packs = ["microsoft"]
[operator]
operator = "us_police"
on_behalf_of = "nobody"
[facts]
service = "azure_openai"
date = "2026-01-02"
"""
LAX = 'packs = ["microsoft"]\n[facts]\nservice = "local"\n'
PROGRAM = """
from facewarden.detector import ProhibitedInference, watch
gate = watch().gate
model = gate.opened("dlib", "recogniser", task="identification")
try:
    gate.admit(model)
except ProhibitedInference:
    raise SystemExit(7)
"""


@pytest.fixture
def sites(tmp_path: Path) -> dict[str, Path]:
    for name, text in (("strict", STRICT), ("lax", LAX)):
        (tmp_path / f"{name}.toml").write_text(text)
    return {name: tmp_path / f"{name}.toml" for name in ("strict", "lax")}


@pytest.fixture(autouse=True)
def unwatched() -> Iterator[None]:
    yield
    unwatch()


def calls(record: Path) -> list[tuple[str, bool]]:
    return [
        (entry.effect, entry.refused) for entry in read_entries(record / "calls.jsonl") if isinstance(entry, Decided)
    ]


def nested(record: Path) -> list[str]:
    events = (entry for entry in read_entries(record / "events.jsonl") if isinstance(entry, Event))
    return [event.text for event in events if event.kind == "nested"]


def call(watching: Watching) -> bool:
    """Whether a recogniser's call runs."""
    model = watching.gate.opened("dlib", "recogniser", task="identification")
    try:
        watching.gate.admit(model)
    except ProhibitedInference:
        return False
    return True


@pytest.mark.parametrize(("outer", "inner"), [("strict", "lax"), ("lax", "strict")])
@pytest.mark.parametrize("late", [False, True])
def test_the_strictest_of_two_watches_counts_and_both_records_say_so(
    tmp_path: Path, sites: dict[str, Path], outer: str, inner: str, late: bool
) -> None:
    watching = watch(sites[outer], record=tmp_path / outer)
    if late:
        assert watching.gate
    assert watch(sites[inner], record=tmp_path / inner) is watching
    assert not call(watching)
    unwatch()

    assert calls(tmp_path / "strict") == [("prohibited", True)]
    assert calls(tmp_path / "lax") == [("allow", False)]
    assert nested(tmp_path / "strict") == []
    (text,) = nested(tmp_path / "lax")
    assert text.startswith("recogniser: refused by another watch: Prohibited")
    for record in (tmp_path / "strict", tmp_path / "lax"):
        assert any(isinstance(entry, Started) for entry in read_entries(record / "events.jsonl"))


def test_what_both_allow_runs(tmp_path: Path, sites: dict[str, Path]) -> None:
    watching = watch(sites["lax"], record=tmp_path / "one")
    watch(sites["lax"], record=tmp_path / "other")
    assert call(watching)
    unwatch()
    assert calls(tmp_path / "one") == calls(tmp_path / "other") == [("allow", False)]


def test_watching_by_the_same_once_more_changes_nothing(tmp_path: Path, sites: dict[str, Path]) -> None:
    watching = watch(sites["lax"], record=tmp_path)
    assert watch(sites["lax"], record=tmp_path) is watching
    assert watch() is watching
    call(watching)
    unwatch()
    assert len(calls(tmp_path)) == 1


def test_a_child_is_watched_by_both(tmp_path: Path, sites: dict[str, Path]) -> None:
    watch(sites["strict"], record=tmp_path / "strict")
    watch(sites["lax"], record=tmp_path / "lax")
    child = subprocess.run([sys.executable, "-c", PROGRAM], check=False)
    unwatch()
    assert child.returncode == 7
    assert (calls(tmp_path / "strict"), len(nested(tmp_path / "lax"))) == ([("prohibited", True)], 1)


@pytest.mark.slow
@pytest.mark.parametrize(("outer", "inner"), [("strict", "lax"), ("lax", "strict")])
def test_a_program_that_is_run_by_one_under_watch_is_watched_by_both(
    tmp_path: Path, sites: dict[str, Path], outer: str, inner: str
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    words = ["run", "--site", sites[inner], "--record", tmp_path / inner, "--", sys.executable, tmp_path / "program.py"]
    command = [sys.executable, "-m", "facewarden.detector", *map(str, words)]
    outcome = supervise(plan(sites[outer], record=tmp_path / outer), command)

    assert outcome.status == 7
    assert calls(tmp_path / "strict") == [("prohibited", True)]
    assert calls(tmp_path / "lax") == [("allow", False)]
    assert len(nested(tmp_path / "lax")) == 1
