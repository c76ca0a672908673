"""Transformed clips are judged by what may be answered to them, and counted by kind and truth."""

from pathlib import Path

import pytest

from facewarden.bench.material.corpus import Clip
from facewarden.bench.material.transforms import KINDS
from facewarden.bench.truth import transformed
from facewarden.bench.truth.scoring import Row
from facewarden.bench.truth.transformed import Trial
from facewarden.detector.errors import InputError


def clip(label: str, repo: str = "a/a", name: str = "one") -> Clip:
    scene = "body" if label == "body" else "fixed"
    url = f"synthetic:{scene}?seed=1&seconds=2&fps=15&size=320x180"
    return Clip(name=name, path=url, label=label, repo=repo)  # pyright: ignore


def trial(kind: str, label: str, verdict: str, *, settled: str = "unknown", ever: tuple[str, ...] = ()) -> Trial:
    row = Row(name="one", repo="a/a", label=label, verdict=verdict, decided_at=2.0)
    expected = KINDS[kind].expected(row.truth)
    assert expected is not None
    return Trial(kind, expected, row, settled, frozenset((verdict, *ever)))


def cells(report: str) -> dict[str, list[str]]:
    """The table's lines by kind and truth."""
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in report.splitlines() if line.startswith("| `")]
    return {f"{line[0]} {line[1]}": line[2:] for line in lines}


def test_a_camera_behind_an_overlay_may_be_unknown_and_must_not_be_called_the_other() -> None:
    report = transformed.report(
        [trial("mesh", "body", verdict) for verdict in ("mobile", "unknown", "fixed", "fixed")]
        + [trial("mesh", "fixed", verdict) for verdict in ("mobile", "fixed")]
    )

    lines = cells(report)
    assert lines["`mesh` mobile"][:2] == ["mobile or unknown", "50.0%"]
    assert lines["`mesh` mobile"][3:7] == ["2 of 4", "1", "2", "1"]
    assert lines["`mesh` fixed"][3:7] == ["1 of 2", "1", "1", "0"]


def test_a_hand_laid_on_a_fixed_clip_makes_fixed_the_error() -> None:
    lines = cells(transformed.report([trial("hand", "fixed", "mobile"), trial("hand", "fixed", "fixed")]))

    assert lines["`hand` fixed"][:2] == ["mobile or unknown", "50.0%"]


def test_the_settled_fact_and_what_was_believed_in_between_are_counted_apart() -> None:
    once = trial("hood-40", "body", "mobile", ever=("fixed",))
    settled = trial("hood-40", "body", "fixed", settled="fixed")
    undecided = trial("hood-40", "body", "unknown")

    assert cells(transformed.report([once, settled, undecided]))["`hood-40` mobile"][-3:] == ["1", "2", "2.0 / 2.0"]


def test_every_clip_is_judged_in_every_kind_that_is_laid_over_such() -> None:
    kinds = transformed.choose("plain,rate-4,hand,noise-alone")
    trials = transformed.measure([clip("body"), clip("fixed")], kinds, seconds=3.0)

    assert [(one.kind, one.row.label) for one in trials] == [
        *(("plain", "body"), ("rate-4", "body"), ("noise-alone", "body")),
        *(("plain", "fixed"), ("rate-4", "fixed"), ("hand", "fixed"), ("noise-alone", "fixed")),
    ]
    assert [one.row.verdict for one in trials if one.kind == "plain"] == ["mobile", "fixed"]
    assert trials == transformed.measure([clip("body"), clip("fixed")], kinds, seconds=3.0)


def test_seconds_count_from_where_the_clip_itself_begins() -> None:
    (driven,) = transformed.measure([clip("body")], transformed.choose("stood-then-drives"), seconds=20.0)

    assert driven.row.verdict == "mobile"
    assert driven.row.decided_at is not None
    assert 0.0 < driven.row.decided_at <= 20.0


def test_a_clip_that_cannot_be_read_is_left_out() -> None:
    lost = Clip(name="lost", path=Path("lost.mp4"), label="fixed", repo="a/a")

    assert transformed.measure([lost], transformed.choose("plain")) == []


def test_clips_are_spread_over_repositories_and_truths() -> None:
    clips = [clip("fixed", repo, f"{repo}{number}") for repo in "abc" for number in range(3)] + [clip("body", "d")]

    chosen = transformed.spread(clips, 4)

    assert [one.label for one in chosen] == ["body", *["fixed"] * 4]
    assert {one.repo for one in chosen[1:4]} == {"a", "b", "c"}
    assert chosen == transformed.spread(clips, 4)


def test_a_kind_that_is_none_is_an_error_that_names_those_there_are() -> None:
    assert transformed.choose("") == list(KINDS.values())
    with pytest.raises(InputError, match=r"no kind fog; known are plain, .*"):
        transformed.choose("mesh,fog")
