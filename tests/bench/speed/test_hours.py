"""A clip that plays for long, and how fast that is audited."""

import itertools
from pathlib import Path

import av
import pytest
from helpers.encoded import record

from facewarden.bench.speed.hours import film, measure, repeat, report
from facewarden.streams.source import open_source


def test_a_film_is_played_over_and_over_without_a_seam(tmp_path: Path) -> None:
    once, long = tmp_path / "once.mp4", tmp_path / "long.mp4"
    film(record(tmp_path / "desk.mp4", {"fixed": 1}), once, (96, 160), 10, 1.0)
    repeat(once, long, 6)
    with open_source(str(long)) as source:
        stamps = [frame.media_time for frame in source]
        assert source.counters.unreadable == 0
        assert not source.counters.discontinuities
    assert stamps[-1] >= 5.9
    assert all(0.09 < after - before < 0.11 for before, after in itertools.pairwise(stamps))
    with av.open(str(long)) as container:
        assert sum(packet.is_keyframe for packet in container.demux() if packet.size) >= 6


@pytest.mark.slow
def test_it_is_measured_with_few_pictures_and_with_all(tmp_path: Path) -> None:
    once, long = tmp_path / "once.mp4", tmp_path / "long.mp4"
    film(record(tmp_path / "desk.mp4", {"fixed": 1}), once, (96, 160), 10, 1.0)
    repeat(once, long, 120)
    found = measure("desk", long, 120)
    assert found.few > 0 < found.every
    assert 0 < found.decoded < 1
    assert "| desk | 0.03 |" in report([found])
