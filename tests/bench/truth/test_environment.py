from itertools import takewhile
from pathlib import Path

import pytest

from facewarden.bench.material.corpus import Clip, read_corpus
from facewarden.bench.material.tricks import TRICKS
from facewarden.bench.truth import environment
from facewarden.bench.truth.environment import Row
from facewarden.detector.audit.tables import ProgressWatcher
from facewarden.detector.environment import load_detector
from facewarden.detector.environment.faces import ScriptedFaces
from facewarden.streams.source import open_source

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"


def measured(clips: list[Clip]) -> list[Row]:
    with ProgressWatcher() as watcher:
        return environment.measure(clips, watcher, lambda: ScriptedFaces([]))


def synthetic(scene: str, label: str) -> Clip:
    url = Path(f"synthetic:{scene}?seconds=5&fps=10&size=320x180")
    return Clip(name=scene, path=url, label="fixed", repo="a/a", environment=label, faces="none")


def test_a_rendered_walk_is_contradicted_and_an_empty_lobby_held() -> None:
    walk, lobby = measured([synthetic("body", "outdoor-uncontrolled"), synthetic("fixed", "controlled")])

    assert (walk.outcome, lobby.outcome, lobby.at) == ("contradicted", "held", None)
    assert walk.at is not None
    assert walk.at <= 5
    assert lobby.looks > 0


def test_a_clip_that_cannot_be_read_is_held_and_says_so(tmp_path: Path) -> None:
    (row,) = measured([Clip(name="x", path=tmp_path / "x.mp4", label="fixed", repo="a/a", environment="controlled")])
    assert (row.outcome, row.error) == ("held", "not_found")


def test_a_clip_without_a_label_for_its_environment_is_left_out() -> None:
    assert measured([synthetic("body", "")]) == []


def test_the_report_counts_by_label() -> None:
    rows = [
        Row(name="a", label="controlled, with faces", outcome="confirmed", at=1.0),
        Row(name="b", label="controlled, with faces", outcome="confirmed", at=12.0),
        Row(name="c", label="outdoor, without faces", outcome="held"),
    ]
    lines = environment.report(rows).splitlines()

    assert "| controlled, with faces | 2 | 2 | 0 | 0 | 1 | 6.50 |" in lines
    assert "| outdoor, without faces | 1 | 0 | 0 | 1 | 0 |  |" in lines


def test_the_confidence_in_uncontrolled_is_by_laplace_and_counts_those_that_were_wrong() -> None:
    found = [Row(name=str(n), label="outdoor-uncontrolled, with faces", outcome="contradicted") for n in range(7)]
    wrong = Row(name="w", label="controlled, with faces", outcome="contradicted")

    assert "7, rightly 7; by Laplace's rule the next is so with 0.89" in environment.report(found)
    assert "8, rightly 7; by Laplace's rule the next is so with 0.80" in environment.report([*found, wrong])


def beginning(clip: Clip) -> Row:
    """What becomes of a clip within the time in which a controlled place has to be confirmed."""
    with open_source(str(clip.path), clip.name) as source:
        frames = takewhile(lambda frame: frame.media_time <= environment.IN_TIME, source)
        return environment.replay(clip.name, clip.environment, frames, load_detector)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no ../shared/corpus beside this checkout")
def test_of_the_labelled_clips_no_uncontrolled_one_is_confirmed_and_six_of_ten_controlled_faces_are() -> None:
    faces = [clip for clip in read_corpus(CORPUS) if clip.faces in ("few", "many")]
    controlled = [beginning(clip) for clip in faces if clip.environment == "controlled"]
    others = {(clip.repo, clip.label, clip.environment): clip for clip in faces if clip.environment != "controlled"}

    assert [clip.name for clip in others.values() if beginning(clip).outcome == "confirmed"] == []
    assert sum(row.outcome == "confirmed" for row in controlled) >= 0.6 * len(controlled)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no ../shared/corpus beside this checkout")
def test_a_face_that_is_shown_to_the_camera_of_a_street_bears_no_place_out() -> None:
    clips = read_corpus(CORPUS)
    rows = environment.measure_tricks([clip for clip in clips if clip.name in ("fede_foreste", "intel_asl_book")])

    assert {row.label.removeprefix("trick: ") for row in rows} == set(TRICKS)
    assert all(row.with_faces for row in rows)
    assert [row for row in rows if row.outcome == "confirmed"] == []
