"""What a clip shows is kept of every way that a guard looks."""

from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="trees are learned with scikit-learn")

from facewarden.bench.material.corpus import Clip
from facewarden.models.training.mobility.examples import plain

CLIP = Clip(name="walk", path=Path("synthetic:body?seed=3&seconds=3&fps=30"), label="body", repo="a/a")


@pytest.mark.parametrize("wary", [False, True])
def test_a_clip_is_seen_from_two_beginnings_and_the_same_each_time(wary: bool) -> None:
    first, second = plain(CLIP, wary=wary)

    assert (first.wary, second.wary) == (wary, wary)
    assert first.ticks != second.ticks
    assert [first, second] == list(plain(CLIP, wary=wary))


def test_a_wary_look_is_another_one() -> None:
    assert next(plain(CLIP)).ticks != next(plain(CLIP, wary=True)).ticks
