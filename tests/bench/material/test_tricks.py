"""People laid over places: what is seen is the place, the person, and nothing that changes from run to run."""

from pathlib import Path

import numpy as np
import pytest

from facewarden.bench.material.corpus import Clip
from facewarden.bench.material.tricks import TRICKS, Person, composed, person_of
from facewarden.detector.environment.faces import Face, ScriptedFaces

PLACE = Clip(name="p", path=Path("synthetic:fixed?seconds=1&fps=10&size=320x180"), label="fixed", repo="a/a")
PERSON = Person(np.random.default_rng(0).integers(0, 256, (20, 90, 70), dtype=np.uint8))


@pytest.mark.parametrize("name", TRICKS)
def test_each_trick_changes_the_place_where_it_is_and_is_the_same_every_time(name: str) -> None:
    once, again = ([frame.luma for frame in composed(PLACE, PERSON, TRICKS[name])] for _ in range(2))
    bare = [frame.luma for frame in composed(PLACE, PERSON, lambda place, *_: place)]
    middle = len(bare) // 2
    changed = float((once[middle] != bare[middle]).mean())

    assert len(once) == 10
    assert all(np.array_equal(one, other) for one, other in zip(once, again, strict=True))
    assert 0.05 < changed < 0.6


def test_a_person_is_cut_out_round_the_largest_face_from_where_there_is_one() -> None:
    face = Face((100.0, 60.0, 40.0, 50.0), 0.9, np.zeros((5, 2), np.float32))
    smaller = face._replace(box=(10.0, 10.0, 20.0, 20.0))
    person = person_of(PLACE, ScriptedFaces([[], [smaller, face]]))

    assert person is not None
    assert person.pictures.shape == (9, 125, 104)
    assert person_of(PLACE, ScriptedFaces([])) is None


def test_a_person_s_pictures_run_forth_and_back() -> None:
    numbered = Person(np.arange(4, dtype=np.uint8)[:, None, None])
    assert [int(numbered.at(n / 10).item()) for n in range(8)] == [0, 1, 2, 3, 2, 1, 0, 1]
