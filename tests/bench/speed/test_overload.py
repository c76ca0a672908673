"""More than the machine can do, with few cameras and not for long."""

from pathlib import Path

import pytest

from facewarden.bench.speed import many, overload


@pytest.mark.parametrize("kind", overload.KINDS)
def test_each_load_begins_and_ends(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "_PICTURES", 25)
    scene = overload.Scene(tmp_path, sources=1, seconds=0.5)
    before, under, after = scene.run(overload.KINDS[kind])

    assert before.looked_at + under.looked_at + after.looked_at > 0
    assert (tmp_path / "calls.jsonl").read_text().count("\n") > 10
