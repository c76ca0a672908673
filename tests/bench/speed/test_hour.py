"""A minute of the hour, of one camera."""

from pathlib import Path

import pytest

from facewarden.bench.speed import hour, many


def test_what_a_minute_leaves_behind_is_told_and_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "_PICTURES", 25)
    monkeypatch.setattr(hour, "_EVERY", 0.001)
    hour.main(1, 1, 2, tmp_path / "held.svg", tmp_path / "held.md")
    told = (tmp_path / "held.md").read_text()

    assert "1 minutes of 1 cameras, 1,500 pictures" in told
    assert "| descriptors |" in told
    assert (tmp_path / "held.svg").read_text().count("<polyline") == 3
