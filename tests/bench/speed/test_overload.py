"""More than the machine can do, with few cameras and not for long."""

from pathlib import Path

import pytest

from facewarden.bench.speed import overload


@pytest.mark.parametrize("kind", overload.KINDS)
def test_each_load_begins_and_ends(kind: str, tmp_path: Path) -> None:
    scene = overload.Scene(tmp_path, sources=1, seconds=0.5)
    before, under, after = scene.run(overload.KINDS[kind])

    assert 0 < before.p50 <= before.longest
    assert under.looked_at + after.looked_at > 0
    assert (tmp_path / "calls.jsonl").read_text().count("\n") > 10


def test_the_report_has_a_row_for_each_stretch() -> None:
    found = overload.report(1, 0.5, ["neighbours"])
    assert [f"| neighbours | {name} |" in found for name in ("before", "under it", "after")] == [True] * 3
