import numpy as np
import pytest
from helpers.rooms import face

from facewarden.detector.environment.faces import Face
from facewarden.detector.environment.limits import shipped_limits
from facewarden.detector.environment.subject import People, Subject
from facewarden.detector.environment.tracks import MOST, Tracker


def followed(*pictures: list[Face], step: float = 0.25) -> Subject:
    people = People(shipped_limits())
    return [people.update(faces, number * step, 2.0) for number, faces in enumerate(pictures)][-1]


def test_a_face_that_stays_is_one_track_however_it_trembles() -> None:
    rng, tracker = np.random.default_rng(0), Tracker()
    tracks = {id(tracker.update([face(100 + rng.normal(), 50)], n / 4, 1.0)[0]) for n in range(20)}
    assert len(tracks) == 1


def test_two_faces_that_pass_each_other_by_keep_their_tracks() -> None:
    tracker = Tracker()
    first, second = tracker.update([face(20, 20), face(220, 90)], 0.0, 1.0)
    for step in range(1, 9):
        tracker.update([face(20 + 25 * step, 20), face(220 - 25 * step, 90)], step / 4, 1.0)

    assert (first.face.box[1], second.face.box[1]) == (20, 90)
    assert first.dwell == second.dwell == 2.0


def test_a_face_that_was_gone_begins_anew() -> None:
    assert followed([face()], [face()], *[[]] * 6, [face()]).dwell == 0
    assert followed([face()], [face()], [], [face()]).dwell == 0.75


def test_a_face_elsewhere_or_of_another_size_is_another_one() -> None:
    assert followed([face(20)], [face(200)]).dwell == 0
    assert followed([face(100, 50, 20)], [face(90, 40, 60)]).dwell == 0


def test_a_crowd_does_not_fill_the_memory() -> None:
    tracker = Tracker()
    for step in range(50):
        tracker.update([face(7 * n + step, (13 * step) % 100, 6) for n in range(60)], step / 4, 1.0)
    assert len(tracker.tracks) <= MOST * 7


def test_the_largest_face_is_the_subject_and_the_second_a_share_of_it() -> None:
    subject = followed([face(20, 20, 20), face(150, 40, 40)])

    assert (subject.faces, subject.width, subject.second) == (2, 80.0, pytest.approx(0.5))


def test_speed_and_growth_are_by_the_second_and_by_the_faces_own_size() -> None:
    still = followed(*[[face(100)]] * 6)
    walks = followed(*[[face(40 + 10 * n)] for n in range(6)])
    nears = followed(*[[face(100, 50, 20 * 1.2**n)] for n in range(6)])

    assert (still.speed, still.growth) == (0, 0)
    assert walks.speed == pytest.approx(1.0)
    assert nears.growth == pytest.approx(4 * np.log(1.2))


def test_a_face_seen_once_has_no_pose_speed_or_growth_yet() -> None:
    subject = followed([face()])
    assert (subject.dwell, subject.pose, subject.speed, subject.growth) == (0, None, None, None)


def test_no_face_is_a_subject_without_numbers() -> None:
    assert followed([]) == Subject(0)


def test_variety_takes_faces_enough_to_be_told() -> None:
    people = People(shipped_limits())
    people.update([face()], 0.0, 1.0)
    assert people.variety(0.0) is None

    for step in range(20):
        people.update([face(100, 50, 20 if step % 2 else 80)], step / 4, 1.0)
    spread, ratio = people.variety(5.0) or (0.0, 0.0)
    assert (spread, ratio) == (pytest.approx(0, abs=1), pytest.approx(4))


def test_what_is_hardly_a_face_is_nobody() -> None:
    assert followed([face()._replace(score=0.55)]) == Subject(0)
    assert followed([face(20, 20, 80)._replace(score=0.45), face(150)]).second == 0


def test_a_bystander_counts_from_a_lower_score_on_than_who_bears_the_place_out() -> None:
    beside = followed([face(150), face(20)._replace(score=0.55), face(250, 50, 20)._replace(score=0.55)])
    larger = followed([face(20, 20, 80)._replace(score=0.55), face(150)])

    assert (beside.faces, beside.second) == (1, 1.0)
    assert (larger.width, larger.second) == (80.0, 1.0)
