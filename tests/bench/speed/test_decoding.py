from pathlib import Path

import pytest

from facewarden.bench.speed import decoding
from facewarden.bench.truth.audits import film
from facewarden.streams.source import open_source


def test_everyone_is_set_beside_decoding_of_the_same_pictures(tmp_path: Path) -> None:
    clip = tmp_path / "a.mp4"
    with open_source("synthetic:body?seconds=0.2&size=160x96") as source:
        film((frame.luma for frame in source), clip, 1.0)

    found = decoding.measure(clip, frames=9)

    assert {"facewarden", "median flow"} <= found.keys()
    assert all(len(one.decoding) == len(one.watching) == 9 for one in found.values())
    assert "| facewarden |" in decoding.report("a", found)


def test_a_share_is_of_the_pictures_asked_for() -> None:
    found = decoding.Times()
    found.decoding, found.watching = [100, 100], [50, 10]

    assert found.share() == pytest.approx(0.3)
    assert found.share(1) == pytest.approx(0.1)
