import pytest

from facewarden.detector import console
from facewarden.detector.policy import decide, load_packs
from facewarden.detector.policy.lines import Refused

DECISION = decide(
    {
        "service": "azure_openai",
        "task": "identification",
        "operator": "us_police",
        "camera": "mobile",
        "environment": "uncontrolled",
        "timing": "real_time",
        "consent": "none",
        "date": "2026-11-22",
    },
    load_packs(["microsoft"]),
)
Output = pytest.CaptureFixture[str]


def test_a_decision_is_one_line_however_much_it_has_to_say(capsys: Output) -> None:
    console.show_decision(DECISION)
    (line,) = capsys.readouterr().out.splitlines()

    assert line.startswith("prohibited")
    assert DECISION.explanation in line


def test_a_terminal_gets_no_word_in_two_parts(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    path = "rep/" * 30
    console.show(f"{'what is said of it ' * 8}{path} and after")
    lines = capsys.readouterr().out.splitlines()

    assert [len(line) <= 80 or line.strip() == path for line in lines] == [True] * len(lines)
    assert " ".join(" ".join(lines).split()) == f"{'what is said of it ' * 8}{path} and after"


def test_a_terminal_that_says_it_has_no_width_is_written_to(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "0")
    console.show("what is said")

    assert capsys.readouterr().out == "what is said\n"


def test_a_line_that_is_no_fact_set_is_one_line(capsys: Output) -> None:
    console.show_decision(Refused({"kind": "facts", "message": "line 2: [bold]" + "long " * 60}))
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("error  line 2: [bold]long")
