from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from facewarden.detector import console
from facewarden.detector.audit import Answer, Report, Unread
from facewarden.detector.audit import tables as view
from facewarden.detector.audit.report import JudgedCall, Summary
from facewarden.detector.belief import EnvironmentBelief, Faces, MobilityBelief
from facewarden.detector.budget import Cost
from facewarden.detector.policy import decide, load_packs
from facewarden.detector.sight.state import Coverage

COVERAGE = Coverage(100, 40, 60, 0, 0, 4.0)
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


def answer(source: str = "cam", **changes: object) -> Answer:
    found: dict[str, object] = {
        "mobility": MobilityBelief(
            value="mobile", mount="body", confidence=0.97, mount_confidence=0.7, decided_at=1.25
        ),
        "environment": EnvironmentBelief(),
        "coverage": COVERAGE,
        "cost_ms": Cost(0.5, 0.4, 2.0, 3.0),
        **changes,
    }
    return Answer(source=source, url=f"{source}.mp4", faces=Faces(), **found)  # pyright: ignore[reportArgumentType]


def unread(source: str = "cam") -> Unread:
    return Unread(source, f"{source}.mp4", {"kind": "empty", "message": f"{source}.mp4: the file is empty"})


def report(*calls: JudgedCall) -> Report:
    return Report("2026-11-22", "0.1.0", (), (answer(),), calls, COVERAGE, Summary(1, 0, 1, 1, 0, {"prohibited": 1}))


def judged(source: str | None = "cam", contradictions: tuple[str, ...] = ()) -> JudgedCall:
    return JudgedCall(source, 3.25, "azure_openai", "identification", DECISION, "hold", {}, {}, contradictions)


def test_a_claim_that_was_not_confirmed_is_shown(capsys: Output) -> None:
    call = msgspec.structs.replace(judged(), unconfirmed=("environment: declared controlled, not confirmed",))
    view.show_report(report(call), Path("report.json"))
    assert "unconfirmed  cam: environment: declared controlled, not confirmed" in capsys.readouterr().out


def test_a_place_that_could_be_controlled_is_said_to_be_no_more(capsys: Output) -> None:
    view.show_sources([answer(environment=EnvironmentBelief(consistent_with_controlled=True))])
    assert "could be controlled" in " ".join(capsys.readouterr().out.split())


# --- sources ----------------------------------------------------------------------------------------------------------


def test_a_source_is_a_row_with_its_verdict_and_its_cost(capsys: Output) -> None:
    view.show_sources([answer("unit-17")])
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "unit-17" in line]
    assert [
        word
        for word in ("mobile (0.97), likely body (0.70)", "1.2 s", "100", "40", "0.50 ms (p99 2.00)")
        if word not in row
    ] == []


def test_a_source_that_was_not_read_says_so(capsys: Output) -> None:
    view.show_sources([unread()])
    assert "not read" in capsys.readouterr().out


def test_a_source_that_was_read_in_part_says_so(capsys: Output) -> None:
    view.show_sources([answer(error={"kind": "truncated", "message": "cut"})])
    assert "in part" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["[red]cam[/red]", "[/]", "cam[0]", ":warning:"])
def test_a_name_is_shown_as_it_is_whatever_it_looks_like(capsys: Output, name: str) -> None:
    view.show_sources([answer(name), unread(name)])
    assert capsys.readouterr().out.count(name) == 2


# --- reports ----------------------------------------------------------------------------------------------------------


def test_a_report_shows_the_call_why_it_is_closed_the_sum_and_its_file(capsys: Output) -> None:
    view.show_report(report(judged()), Path("out/report.json"))
    out = capsys.readouterr().out

    assert [word for word in ("3.2 s", "prohibited", "MS-AOAI-1", "hold") if word not in out] == []
    assert "1 call: 1 violation, 0 held" in out
    assert "out/report.json" in out


def test_a_call_of_no_known_source_has_a_question_mark(capsys: Output) -> None:
    view.show_report(report(judged(source=None)), Path("report.json"))
    assert any("?" in line and "azure_openai" in line for line in capsys.readouterr().out.splitlines())


def test_a_call_whose_moment_is_not_known_is_not_shown_at_the_first_second(capsys: Output) -> None:
    call = msgspec.structs.replace(judged(), at=None)
    view.show_report(report(call), Path("report.json"))
    out = capsys.readouterr().out
    (row,) = [line for line in out.splitlines() if "azure_openai" in line and "cam" in line]
    assert "unknown" in row
    assert "0.0 s" not in row
    assert "1 calls are of an unknown moment" in out


def test_a_contradiction_is_shown_once(capsys: Output) -> None:
    call = judged(contradictions=("camera: declared fixed, seen mobile",) * 2)
    view.show_report(report(call), Path("report.json"))
    assert capsys.readouterr().out.count("cam: camera: declared fixed, seen mobile") == 1


# --- progress ---------------------------------------------------------------------------------------------------------


def test_where_no_person_watches_each_source_is_one_plain_line_on_standard_error(capsys: Output) -> None:
    with view.ProgressWatcher() as watcher:
        watcher.begin("cam", 4.0)
        watcher.at(2.0)
        watcher.done(answer())
        watcher.done(unread("other"))
    out, err = capsys.readouterr()

    assert out == ""
    assert err.splitlines() == [
        "cam: mobile (0.97), likely body (0.70), reached at 1.2 s, 100 pictures",
        "facewarden: other.mp4: the file is empty",
    ]


def test_an_answer_is_handed_on_as_soon_as_it_is_there() -> None:
    emitted: list[Answer | Unread] = []
    with view.ProgressWatcher(emitted.append) as watcher:
        watcher.done(unread())
        assert emitted == [unread()]


@pytest.mark.parametrize("length", [None, 4.0])
def test_a_name_that_looks_like_markup_does_not_break_the_progress(length: float | None) -> None:
    with view.ProgressWatcher() as watcher:
        watcher.begin("[/]", length)
        watcher.at(1.0)
        watcher.done(answer("[/]"))


def on_80_columns(capsys: Output, show: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(console, "_PIPED_WIDTH", 80)
    show()
    return capsys.readouterr().out.splitlines()


def test_a_table_of_sources_fits_80_columns_and_cuts_no_word(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = on_80_columns(capsys, lambda: view.show_sources([answer("booking-desk"), unread()]), monkeypatch)

    assert max(map(len, lines)) <= 80
    words = {word for line in lines for word in line.split()}
    assert {"booking-desk", "environment", "pictures", "seconds", "(0.97),", "not", "read"} <= words


def test_thousands_of_calls_are_a_row_a_kind_and_fit_80_columns(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = replace(judged(), decision=decide({"service": "local"}, load_packs(["microsoft"])))
    calls = [*[allowed] * 2000, *(judged(source=f"cam-{number}") for number in range(130))]
    many = replace(report(judged()), calls=tuple(calls))
    lines = on_80_columns(capsys, lambda: view.show_report(many, Path("report.json")), monkeypatch)

    tabled = [line.split() for line in lines if line.startswith(("prohibited ", "allow "))][:2]
    assert [row[:2] for row in tabled] == [["prohibited", "130"], ["allow", "2000"]]
    assert tabled[0][2:] == ["cam-0,", "cam-1,", "cam-2", "azure_openai", "MS-AOAI-1,"]
    assert any("127 more" in line for line in lines)
    assert len(lines) < 30


def test_what_is_to_be_said_of_many_sources_is_said_once(capsys: Output) -> None:
    calls = [replace(judged(source), note="after the last picture") for source in ("a", "b", "c", "d", "e", None)]
    view.show_report(replace(report(judged()), calls=tuple(calls)), Path("report.json"))

    assert "a, b, c and 3 more: after the last picture" in capsys.readouterr().out


def test_of_an_archive_what_was_not_read_is_shown_first(capsys: Output) -> None:
    archive = replace(report(judged()), sources=(*(answer(f"cam-{number}") for number in range(120)), unread("torn")))
    view.show_report(archive, Path("report.json"))
    out = capsys.readouterr().out

    assert "torn" in out.splitlines()[3]
    assert "... and 21 more sources" in out


def test_no_more_notes_are_told_than_a_person_reads(capsys: Output) -> None:
    noted = replace(report(judged()), notes=tuple(f"note {number}" for number in range(12)))
    view.show_report(noted, Path("report.json"))
    out = capsys.readouterr().out

    assert "note 9" in out
    assert "note 10" not in out
    assert "... and 2 more, in report.json" in out


def test_a_contradiction_of_many_cameras_is_one_line_and_no_more_lines_are_told_than_a_person_reads(
    capsys: Output,
) -> None:
    text = "camera: declared fixed, seen mobile"
    calls = [judged(f"cam-{number}", (text, f"place of {number}")) for number in range(40)]
    view.show_report(report(*calls), Path("report.json"))
    out = capsys.readouterr().out

    assert f"cam-0, cam-1, cam-2 and 37 more: {text}" in out
    assert out.count("contradiction") == 10
    assert "... and 31 more, in report.json" in out


def test_a_sources_place_in_the_row_is_told_where_there_are_several() -> None:
    watcher = view.ProgressWatcher(sources=30)
    descriptions: list[str] = []
    watcher._progress.add_task = lambda text, **_: descriptions.append(text)  # pyright: ignore
    for name in ("a", "b", "c"):
        watcher.begin(name, None)

    assert descriptions == ["1 of 30: a", "2 of 30: b", "3 of 30: c"]


def test_the_page_for_people_and_what_a_gate_refused_and_notes_of_calls_are_told(capsys: Output) -> None:
    call = msgspec.structs.replace(judged(), refused=True, note="after the last picture")
    view.show_report(report(call), Path("out/report.json"), Path("out/report.html"))
    out = capsys.readouterr().out

    assert "1 refused by a gate, as the log says" in out
    assert "cam: after the last picture" in out
    assert "To look at: out/report.html" in out
