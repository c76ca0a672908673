import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from subprocess import run as run_process
from typing import Any

import pytest

Command = Callable[..., CompletedProcess[str]]
Calls = Callable[..., Path]

POLICE: dict[str, object] = {
    "service": "azure_openai",
    "task": "identification",
    "operator": "us_police",
    "surveillance": False,
    "limited_access_approved": True,
    "consent": "valid",
}
MOUNTS = ("body", "dash", "handheld", "drone", "vehicle", "fixed", "ptz", "unknown")
CALL: dict[str, object] = {"source": "clip", "at": 1.0, "service": "azure_openai", "task": "identification"}
LIVE = '[operator]\noperator = "non_us_le"\non_behalf_of = "nobody"\n[facts]\ntiming = "real_time"\nconsent = "none"\n'


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def complaints(result: CompletedProcess[str]) -> list[str]:
    return [line for line in result.stderr.splitlines() if line.startswith("facewarden: ")]


def fact_lines(*sets: dict[str, object]) -> bytes:
    return "".join(json.dumps(facts) + "\n" for facts in sets).encode()


# --- where it is written to ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["policy list", "schema report", "--help"])
def test_a_full_disk_behind_standard_output_is_one_line_and_status_2(words: str) -> None:
    with Path("/dev/full").open("wb") as full:
        result = run_process(
            [sys.executable, "-m", "facewarden.detector.cli", *words.split()], stdout=full, stderr=-1, check=False
        )

    said = b"facewarden: standard output: cannot be written (No space left on device)\n"
    assert (result.returncode, result.stderr) == (2, said)


def test_what_is_too_large_for_the_memory_is_one_line_and_status_2(tmp_path: Path) -> None:
    large = tmp_path / "site.toml"
    with large.open("wb") as file:
        file.truncate(1 << 35)
    command = f"ulimit -v 4000000; exec {sys.executable} -m facewarden.detector.cli site check {large}"
    result = run_process(command, shell=True, stderr=-1, check=False)

    said = b"facewarden: there is not enough memory for what was given\n"
    assert (result.returncode, result.stderr) == (2, said)


def test_a_standard_output_that_is_closed_is_none_of_its_business() -> None:
    command = f"{sys.executable} -m facewarden.detector.cli policy list >&-"
    result = run_process(command, shell=True, stderr=-1, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


# --- help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["classify", "decide", "audit"])
def test_help_shows_an_example(facewarden: Command, command: str) -> None:
    result = facewarden(command, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "Example: " in result.stdout


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_names_every_command(facewarden: Command, flag: str) -> None:
    result = facewarden(flag)

    assert result.returncode == 0
    assert [name for name in ("classify", "decide", "audit", "demo") if name not in result.stdout] == []


@pytest.mark.parametrize(
    "words",
    [["classify"], ["audit"], ["clasify", "a.mp4"], ["classify", "--jsn", "a.mp4"], ["classify", "--max-seconds", "x"]],
)
def test_what_is_no_command_line_is_an_error(facewarden: Command, words: list[str]) -> None:
    result = facewarden(*words)

    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


# --- classify ---------------------------------------------------------------------------------------------------------


def test_a_classified_source_is_one_json_object_of_the_contract(facewarden: Command, clip: Path) -> None:
    result = facewarden("classify", "--json", clip)
    (answer,) = objects(result.stdout)

    assert result.returncode == 0
    assert answer["source"] == "clip"
    assert answer["mobility"].keys() >= {"value", "mount", "confidence", "decided_at"}
    assert answer["environment"].keys() >= {"value", "confidence", "decided_at"}
    assert answer["faces"].keys() >= {"assessed", "max_in_frame", "frames_with"}
    assert answer["coverage"].keys() >= {"frames", "analysed", "dropped", "unreadable", "seconds"}
    assert answer["cost_ms"].keys() >= {"mean", "p50", "p99", "max"}
    assert "error" not in answer


def test_the_values_of_a_classified_source_are_those_of_the_contract(facewarden: Command, clip: Path) -> None:
    (answer,) = objects(facewarden("classify", "--json", clip).stdout)

    assert answer["mobility"]["value"] in ("mobile", "fixed", "unknown")
    assert answer["mobility"]["mount"] in MOUNTS
    assert answer["environment"]["value"] in ("controlled", "uncontrolled", "unknown")
    assert 0 <= answer["mobility"]["confidence"] <= 1
    assert 0 <= answer["environment"]["confidence"] <= 1
    assert (answer["coverage"]["frames"], answer["coverage"]["seconds"]) == (50, pytest.approx(2.0, abs=0.05))
    assert 0 < answer["cost_ms"]["p50"] <= answer["cost_ms"]["p99"] <= answer["cost_ms"]["max"]


def test_answers_come_in_the_order_of_the_sources(facewarden: Command, clip: Path) -> None:
    result = facewarden("classify", "--json", f"b={clip}", f"a={clip}")
    assert [answer["source"] for answer in objects(result.stdout)] == ["b", "a"]


def test_a_classification_stops_at_the_time_it_was_given(facewarden: Command, clip: Path) -> None:
    (answer,) = objects(facewarden("classify", "--json", "--max-seconds", "1", clip).stdout)
    assert answer["coverage"]["frames"] == 25


def test_without_json_the_sources_are_a_table(facewarden: Command, clip: Path) -> None:
    result = facewarden("classify", f"lobby={clip}")
    assert (result.returncode, "lobby" in result.stdout, complaints(result)) == (0, True, [])


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ("missing", "not_found"),
        ("empty", "empty"),
        ("text", "unreadable"),
        ("audio", "no_video"),
        ("no_images", "empty"),
        ("no_index", "truncated"),
        ("cut", "truncated"),
        ("too_long", "not_found"),
    ],
)
def test_a_bad_source_is_one_line_and_status_2_and_the_others_are_done(
    facewarden: Command, bad_sources: dict[str, Path], clip: Path, bad: str, kind: str
) -> None:
    result = facewarden("classify", "--json", bad_sources[bad], clip)
    first, second = objects(result.stdout)

    assert (result.returncode, first["error"]["kind"], second["coverage"]["frames"]) == (2, kind, 50)
    assert complaints(result) == [f"facewarden: {first['error']['message']}"]


def test_a_bad_source_is_one_line_in_the_table_as_well(facewarden: Command, bad_sources: dict[str, Path]) -> None:
    result = facewarden("classify", bad_sources["empty"])
    assert (result.returncode, len(complaints(result)), "not read" in result.stdout) == (2, 1, True)


def test_a_name_that_is_no_text_does_not_break_the_answer(facewarden: Command) -> None:
    """Linux allows any bytes in a file's name."""
    result = facewarden("classify", "--json", "caf\udce9.mp4")
    assert (result.returncode, len(complaints(result)), len(objects(result.stdout))) == (2, 1, 1)


def test_no_bad_source_makes_any_library_chatter(bad_sources: dict[str, Path]) -> None:
    """In a process of its own, where libraries written in C reach standard error as well."""
    sources = [str(bad_sources[name]) for name in ("missing", "empty", "text", "audio", "no_images", "no_index", "cut")]
    command = [sys.executable, "-m", "facewarden.detector", "classify", "--json", *sources]
    result = run_process(command, capture_output=True, text=True, check=False)

    assert result.returncode == 2
    assert len(result.stdout.splitlines()) == len(sources)
    assert result.stderr.splitlines() == complaints(result)
    assert len(complaints(result)) == len(sources)


# --- decide -----------------------------------------------------------------------------------------------------------


def test_a_decision_is_one_json_object_of_the_contract(facewarden: Command) -> None:
    result = facewarden("decide", "--json", "--date", "2026-11-22", stdin=fact_lines(POLICE))
    (decision,) = objects(result.stdout)

    assert (result.returncode, result.stderr) == (0, "")
    assert (decision["effect"], decision["deciding"], decision["unknown"]) == ("prohibited", ["MS-AOAI-1"], [])
    assert [rule.keys() >= {"id", "outcome", "effect"} for rule in decision["rules"]] == [True] * 8
    assert {rule["outcome"] for rule in decision["rules"]} <= {"true", "false", "unknown"}
    assert [entry.keys() >= {"name", "version", "sha256"} for entry in decision["packs"]] == [True]


def test_a_day_given_stands_in_for_the_one_that_is_missing(facewarden: Command) -> None:
    lines = fact_lines(POLICE, {**POLICE, "date": "2024-05-01"})
    decisions = objects(facewarden("decide", "--json", "--date", "2024-04-30", stdin=lines).stdout)
    assert [decision["deciding"] for decision in decisions] == [[], ["MS-AOAI-1"]]


def test_a_prohibition_is_an_answer_and_no_failure(facewarden: Command) -> None:
    result = facewarden("decide", "--date", "2026-11-22", stdin=fact_lines(POLICE))
    assert (result.returncode, result.stdout.startswith("prohibited")) == (0, True)


def test_without_json_every_decision_is_one_line(facewarden: Command) -> None:
    worst = {**POLICE, "camera": "mobile", "environment": "uncontrolled", "timing": "real_time", "consent": "none"}
    result = facewarden("decide", "--date", "2026-11-22", stdin=fact_lines(worst, POLICE))
    assert len(result.stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"operater": "us_police"}', "did you mean 'operator'"),
        (b'{"operator": "police"}', "expected us_police"),
        (b"not json", "line 2"),
        (b"[]", "line 2"),
        (b'{"city": "Z\xfcrich"}', "line 2"),
        (b'{"city": ' + b"[" * 100_000, "line 2"),
    ],
)
def test_a_bad_line_is_answered_and_so_are_the_others(facewarden: Command, line: bytes, words: str) -> None:
    result = facewarden("decide", "--json", stdin=fact_lines(POLICE) + line + b"\n" + fact_lines(POLICE))
    first, second, third = objects(result.stdout)

    assert (result.returncode, first) == (2, third)
    assert words in second["error"]["message"]
    assert second["error"]["kind"] == "facts"


def test_no_facts_at_all_are_no_decisions(facewarden: Command) -> None:
    result = facewarden("decide", "--json")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


# --- audit ------------------------------------------------------------------------------------------------------------


def test_an_audit_prints_the_report_that_it_writes(facewarden: Command, clip: Path, tmp_path: Path) -> None:
    result = facewarden("audit", clip, "--json", "--out", tmp_path / "out")

    assert result.returncode == 0
    assert result.stdout == (tmp_path / "out" / "report.json").read_text()
    assert json.loads(result.stdout).keys() >= {"sources", "calls", "coverage", "summary"}


@pytest.mark.parametrize(("consent", "status"), [("valid", 0), ("none", 3)])
def test_a_violation_is_status_3(
    facewarden: Command,
    clip: Path,
    write_calls: Calls,
    write_site: Callable[[str], Path],
    tmp_path: Path,
    consent: str,
    status: int,
) -> None:
    site = write_site(LIVE + '[cameras.clip]\ncamera = "fixed"\nenvironment = "controlled"\n')
    calls = write_calls({**CALL, "facts": {"consent": consent}})
    result = facewarden("audit", clip, "--calls", calls, "--site", site, "--out", tmp_path)
    assert (result.returncode, complaints(result)) == (status, [])


def test_a_call_that_is_held_is_status_0(facewarden: Command, clip: Path, write_calls: Calls, tmp_path: Path) -> None:
    result = facewarden("audit", clip, "--calls", write_calls(CALL), "--out", tmp_path)
    assert (result.returncode, "1 held" in result.stdout) == (0, True)


def test_a_source_that_was_not_read_is_status_2_even_where_there_are_violations(
    facewarden: Command, clip: Path, write_calls: Calls, write_site: Callable[[str], Path], tmp_path: Path
) -> None:
    calls = write_calls({**CALL, "facts": {"consent": "none"}})
    result = facewarden("audit", clip, "gone.mp4", "--calls", calls, "--site", write_site(LIVE), "--out", tmp_path)

    assert (result.returncode, len(complaints(result))) == (2, 1)
    assert json.loads((tmp_path / "report.json").read_text())["summary"]["violations"] == 1


def test_every_reported_decision_can_be_made_again_by_decide(
    facewarden: Command, clip: Path, write_calls: Calls, write_site: Callable[[str], Path], tmp_path: Path
) -> None:
    calls = write_calls(CALL, {**CALL, "task": "speech"}, {**CALL, "source": None}, {**CALL, "at": 9, "facts": {}})
    site = write_site(LIVE + '[cameras.clip]\nmount = "dash"\n')
    report = facewarden("audit", clip, "--calls", calls, "--site", site, "--out", tmp_path, "--json").stdout
    judged = json.loads(report)["calls"]
    again = facewarden("decide", "--json", stdin=fact_lines(*(call["facts"] for call in judged)))

    assert objects(again.stdout) == [call["decision"] for call in judged]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["audit", "{clip}", "--calls", "gone.jsonl"], "gone.jsonl: cannot be read"),
        (["audit", "{clip}", "--site", "gone.toml"], "gone.toml: cannot be read"),
        (["audit", "{clip}", "--site", "{clip}"], "is not UTF-8"),
        (["audit", "{clip}", "--pack", "mircosoft"], "no pack 'mircosoft'"),
        (["audit", "{clip}", "--pack", "gone.toml"], "gone.toml: cannot be read"),
        (["audit", "{clip}", "--date", "soon"], "YYYY-MM-DD"),
        (["audit", "{clip}", "--out", "{clip}"], "cannot be written"),
        (["audit", "{clip}", "{clip}"], "two sources are called"),
        (["audit", "x={clip}", "x=gone.mp4"], "two sources are called 'x'"),
        (["classify", "x={clip}", "x=gone.mp4"], "two sources are called 'x'"),
        (["decide", "--pack", "mircosoft"], "shipped are"),
        (["decide", "--date", "2024-02-30"], "YYYY-MM-DD"),
        (["demo", "--out", "{clip}"], "cannot be written"),
    ],
)
def test_bad_input_is_one_line_on_standard_error_and_status_2(
    facewarden: Command, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = facewarden(*(word.format(clip=clip) for word in words), stdin=fact_lines(POLICE))

    assert (result.returncode, result.stdout, len(complaints(result))) == (2, "", 1)
    assert complaint in complaints(result)[0]
    assert "Traceback" not in result.stderr


def test_a_call_on_a_source_that_is_not_audited_is_an_error(
    facewarden: Command, clip: Path, write_calls: Calls, tmp_path: Path
) -> None:
    result = facewarden("audit", f"lobby={clip}", "--calls", write_calls(CALL), "--out", tmp_path)

    assert result.returncode == 2
    assert "source 'clip'; this audit has: lobby" in complaints(result)[0]


# --- a machine that lacks a library -----------------------------------------------------------------------------------


@pytest.fixture
def without_libgl(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine where OpenCV cannot be loaded."""
    (tmp_path / "cv2").mkdir()
    problem = "libGL.so.1: cannot open shared object file: No such file or directory"
    (tmp_path / "cv2" / "__init__.py").write_text(f"raise ImportError({problem!r})\n")
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def test_a_missing_library_is_one_line_that_says_what_to_install(without_libgl: dict[str, str]) -> None:
    command = [sys.executable, "-m", "facewarden.detector", "classify", "a.mp4"]
    result = run_process(command, env=without_libgl, capture_output=True, text=True, check=False)

    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert "libGL.so.1" in result.stderr
    assert "apt-get install libgl1" in result.stderr
    assert "opencv-python-headless" in result.stderr


def test_where_no_opencv_is_installed_one_line_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "cv2.py").write_text("raise ModuleNotFoundError(\"No module named 'cv2'\", name='cv2')\n")
    command = [sys.executable, "-m", "facewarden.detector", "classify", "a.mp4"]
    result = run_process(command, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)

    assert result.returncode == 2
    assert result.stderr == "facewarden: cv2 is not installed; pip install opencv-python-headless\n"


@pytest.mark.parametrize("words", [["--help"], ["classify", "--help"], ["audit", "--help"]])
def test_help_needs_no_library(without_libgl: dict[str, str], words: list[str]) -> None:
    command = [sys.executable, "-m", "facewarden.detector", *words]
    assert run_process(command, env=without_libgl, capture_output=True, check=False).returncode == 0


# --- real recordings --------------------------------------------------------------------------------------------------

AT = (0.5, 3.0, 7.5)
POLICE_SITE = """
[operator]
operator = "non_us_le"
on_behalf_of = "nobody"

[facts]
timing = "real_time"
consent = "valid"
surveillance = false
limited_access_approved = true

[places.road]
environment = "uncontrolled"

[places.room]
environment = "controlled"

[cameras.dash]
place = "road"

[cameras.room]
place = "room"

[cameras.wall]
place = "room"
mount = "wall"
"""


def test_live_identification_on_a_real_dash_camera_is_a_violation(
    facewarden: Command, corpus: Path, write_calls: Calls, write_site: Callable[[str], Path], tmp_path: Path
) -> None:
    source = f"dash={corpus / 'dash_udacity_solidwhite.mp4'}"
    calls = write_calls(*({**CALL, "source": "dash", "at": at} for at in AT))
    result = facewarden(
        "audit", source, "--calls", calls, "--site", write_site(POLICE_SITE), "--out", tmp_path, "--json"
    )

    assert result.returncode == 3
    assert [call["decision"]["deciding"] for call in json.loads(result.stdout)["calls"]] == [["MS-AOAI-2"]] * 3


@pytest.mark.parametrize(("camera", "held"), [("wall", 0), ("room", 3)])
def test_the_same_on_a_real_camera_over_a_street_that_is_declared_a_room_is_none_and_held_unless_it_is_fixed(
    facewarden: Command,
    corpus: Path,
    write_calls: Calls,
    write_site: Callable[[str], Path],
    tmp_path: Path,
    camera: str,
    held: int,
) -> None:
    source = f"{camera}={corpus / 'adith_cctv.mp4'}"
    calls = write_calls(*({**CALL, "source": camera, "at": at} for at in AT))
    result = facewarden(
        "audit", source, "--calls", calls, "--site", write_site(POLICE_SITE), "--out", tmp_path, "--max-seconds", "8"
    )
    assert (result.returncode, f"3 calls: 0 violations, {held} held" in result.stdout) == (0, True)


def test_the_version_is_told(facewarden: Command) -> None:
    assert facewarden("--version").stdout.startswith("facewarden ")


def test_a_command_that_there_is_not_is_told_with_the_one_that_was_meant(facewarden: Command) -> None:
    result = facewarden("decid")
    assert result.returncode == 2
    assert "Did you mean 'decide'?" in result.stderr
