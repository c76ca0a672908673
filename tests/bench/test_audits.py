"""Clips too short for any picture to be left out are played there and back, and audited both ways."""

from itertools import islice
from pathlib import Path

import pytest
from helpers.encoded import record

from facewarden.bench.truth.audits import film, measure, report, there_and_back
from facewarden.detector.audit import sparing
from facewarden.streams.source import open_source


def test_a_clip_is_played_there_and_back_until_it_lasts_as_long(tmp_path: Path) -> None:
    clip = record(tmp_path / "car.mp4", {"dash": 2})
    film(islice(there_and_back(clip), 70), tmp_path / "long.mp4", 1.0)
    with open_source(str(tmp_path / "long.mp4")) as source:
        frames = [frame.luma.astype(int) for frame in source]
    assert len(frames) == 70
    assert abs(frames[20] - frames[18]).mean() < abs(frames[20] - frames[0]).mean() / 2


@pytest.mark.slow
def test_its_verdicts_of_few_pictures_stand_beside_those_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparing, "_BEFORE_S", 8.0)
    film(islice(there_and_back(record(tmp_path / "desk.mp4", {"fixed": 2})), 450), tmp_path / "long.mp4", 1.0)
    result = measure(tmp_path / "long.mp4", 43.0)
    assert result.verdicts[0] == result.verdicts[1]
    assert result.left_out > 0
    assert result.calls == (1, 1)
    assert "1 of 1 recordings have the verdicts of full decoding" in report([result])
