"""Audits by key pictures beside those of every picture."""

from pathlib import Path

import pytest
from helpers.encoded import record

from facewarden.bench.material.corpus import Clip
from facewarden.bench.truth.spared import Result, every_nth, measure, report
from facewarden.detector.audit import sparing
from facewarden.detector.sight.seen import Shown

STANDS, MOVES = Shown("fixed", "unknown"), Shown("mobile", "uncontrolled")


def result(few: Shown, every: Shown) -> Result:
    ends = [(one.camera, "unknown", one.environment) for one in (few, every)]
    return Result("clip", "mobile", 0.5, ends[0], ends[1], [(few, every)])


def last_row(text: str) -> str:
    return text.strip().splitlines()[-1]


def test_what_few_pictures_alone_let_through_is_counted_and_listed() -> None:
    text = report([result(STANDS, MOVES), result(MOVES, MOVES)], 150, 0)

    assert "| mobile | 2 | 50% | 1 | 0 | 1 | 1 |" in text
    assert "| mobile | 2 | 50.0% | 0 | 1 | 1 |" in text
    assert last_row(text).endswith("| fixed by few alone, uncontrolled by all alone |")


def test_a_stricter_verdict_is_another_and_lets_nothing_through() -> None:
    text = report([result(MOVES, STANDS)], 150, 0)

    assert "| mobile | 1 | 50% | 0 | 0 | 0 | 0 |" in text
    assert last_row(text).endswith("|  |")


def test_clips_are_taken_by_repository() -> None:
    clips = [Clip(name=str(n), path=Path(), label="fixed", repo=repo) for n, repo in enumerate("aabbcc")]

    assert [clip.name for clip in every_nth(clips, 2)] == ["0", "1", "4", "5"]
    assert [clip.name for clip in every_nth(clips, 2, 1)] == ["2", "3"]


@pytest.mark.slow
def test_a_clip_is_audited_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparing, "_BEFORE_S", 4.0)
    desk = Clip(name="desk", path=record(tmp_path / "desk.mp4", {"fixed": 2}), label="fixed", repo="a")
    car = Clip(name="car", path=record(tmp_path / "car.mp4", {"dash": 2}), label="dash", repo="b")
    found = measure(desk, car, 40.0, 0.0)

    assert found.left_out > 0
    assert found.few[0] == found.every[0]
    assert len(found.seconds) == 2 * 40
