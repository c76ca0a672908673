from facewarden.bench.material.corpus import Clip
from facewarden.bench.truth import phases
from facewarden.bench.truth.scoring import Row

FIXED = Clip(name="lobby", path="synthetic:fixed?seed=2&seconds=4", label="fixed", repo="a/a")  # pyright: ignore


def row(label: str, verdict: str) -> Row:
    return Row(name="one", repo="a/a", label=label, verdict=verdict)


def test_every_beginning_is_judged_of_its_own() -> None:
    rows = phases.measure([FIXED])

    assert {skipped: [row.verdict for row in some] for skipped, some in rows.items()} == {
        skipped: ["fixed"] for skipped in phases.SKIPPED
    }


def test_a_clip_of_fewer_pictures_than_are_left_out_is_undecided() -> None:
    short = Clip(name="short", path="synthetic:fixed?seconds=0.1&fps=30", label="fixed", repo="a/a")  # pyright: ignore

    assert phases.measure([short])[5][0].verdict == "unknown"


def test_the_report_has_a_line_a_beginning_and_one_of_all() -> None:
    first, later = [row("body", "mobile"), row("fixed", "mobile")], [row("body", "unknown"), row("fixed", "fixed")]

    assert phases.report({0: first, 3: later}).splitlines()[-3:] == [
        "| 1 | 50.0% (1 of 2) | 0 | 1 | 0.0% | 0.0% | 0.0% |",
        "| 4 | 100.0% (1 of 1) | 0 | 0 | 50.0% | 100.0% | 50.0% |",
        "| all of these | 66.7% (2 of 3) | 0 | 1 | 25.0% | 50.0% | 25.0% |",
    ]
