"""Verdicts by few pictures of a live stream beside those by all."""

from pathlib import Path

import pytest
from helpers.encoded import record

from facewarden.bench.material.corpus import Clip
from facewarden.bench.truth import thrift


@pytest.mark.slow
def test_a_camera_that_stands_is_looked_at_thriftily_and_its_verdict_kept_until_it_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thrift, "FIRST_S", 36)
    stands = Clip(name="desk", path=record(tmp_path / "desk.mp4", {"fixed": 2}), label="fixed", repo="a")
    moves = Clip(name="car", path=record(tmp_path / "car.mp4", {"dash": 2}), label="dash", repo="b")
    result = thrift.measure(stands, moves)

    assert result.few.thrifty > 0.1
    assert result.few.decoded < result.full.decoded
    assert (result.bold, result.lost) == (0, 0)
    assert result.changes
    assert None not in result.late
    assert "Of 1 that then move" in thrift.report([result])
