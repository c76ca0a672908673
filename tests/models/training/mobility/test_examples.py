"""What a clip shows is kept of every way that a guard looks."""

from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="trees are learned with scikit-learn")

from facewarden.bench.material.corpus import Clip
from facewarden.models.training.mobility.examples import Example, plain

CLIP = Clip(name="walk", path=Path("synthetic:body?seed=3&seconds=2&fps=20"), label="body", repo="a/a")


@cache
def seen(wary: bool) -> list[Example]:
    return list(plain(CLIP, wary=wary))


@pytest.mark.parametrize("wary", [False, True])
def test_a_clip_is_seen_from_two_beginnings_and_the_same_each_time(wary: bool) -> None:
    first, second = seen(wary)

    assert (first.wary, second.wary) == (wary, wary)
    assert first.ticks != second.ticks
    assert [first, second] == list(plain(CLIP, wary=wary))


def test_a_wary_look_is_another_one() -> None:
    assert seen(False)[0].ticks != seen(True)[0].ticks
