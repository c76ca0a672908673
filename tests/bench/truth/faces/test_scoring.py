"""Who is right about the faces of a picture, on boxes that are known."""

import math

import numpy as np
import pytest

from facewarden.bench.truth.faces.labels import Box, Label, Labelled
from facewarden.bench.truth.faces.scoring import Tally, overlap
from facewarden.detector.environment.faces import Face

FIVE = ((10.0, 10.0), (30.0, 10.0), (20.0, 20.0), (12.0, 30.0), (28.0, 30.0))
AT: Box = (0, 0, 40, 50)


def face(box: Box = AT, score: float = 0.9, moved: float = 0.0) -> Face:
    return Face(box, score, np.array(FIVE, np.float32) + np.float32(moved))


def tally(*faces: Face, labels: tuple[Label, ...] = (), uncertain: tuple[Label, ...] = (), scale: float = 1) -> Tally:
    judged = Tally()
    judged.add(faces, Labelled("one.jpg", labels, uncertain), scale)
    return judged


def test_boxes_share_what_both_cover_of_all_that_either_does() -> None:
    assert overlap((0, 0, 10, 10), [(0, 0, 10, 10), (5, 0, 10, 10), (20, 0, 10, 10)]) == pytest.approx([1, 1 / 3, 0])


def test_a_detection_is_right_from_half_an_overlap_on() -> None:
    labels = (Label((0, 0, 40, 50)),)

    assert tally(face((0, 0, 40, 26)), labels=labels).precision(0.5) == 1
    assert tally(face((0, 0, 40, 24)), labels=labels).precision(0.5) == 0


def test_a_second_detection_of_the_same_face_is_wrong() -> None:
    judged = tally(face(), face((1, 0, 40, 50), 0.8), labels=(Label(AT),))

    assert (judged.recall(0.5), judged.precision(0.5)) == (1, 0.5)


def test_what_lies_in_an_uncertain_box_is_neither_right_nor_wrong() -> None:
    judged = tally(face(), face((200, 0, 40, 50), 0.8), labels=(Label(AT),), uncertain=(Label((180, -20, 90, 90)),))

    assert judged.precision(0.5) == 1
    assert [found.right for found in judged.found] == [True, None]


def test_an_uncertain_face_that_is_not_found_is_not_missed() -> None:
    assert math.isnan(tally(uncertain=(Label(AT),)).recall(0.5))


def test_the_tight_box_counts_where_the_label_is_of_the_head() -> None:
    head = Label((0, 0, 100, 120), yunet_box=AT, origin="gt")

    assert tally(face(), labels=(head,)).recall(0.5) == 1
    assert head.tight
    assert not Label((0, 0, 100, 120), origin="gt").tight


def test_a_face_counts_by_its_size_in_the_picture_that_was_looked_at() -> None:
    judged = tally(face((0, 0, 10, 12.5)), labels=(Label(AT),), scale=0.25)

    assert judged.recall(0.5, low=0) == 1
    assert math.isnan(judged.recall(0.5))
    assert judged.recall(0.5, 12, 13) == 1


def test_landmarks_are_measured_in_eye_distances() -> None:
    judged = tally(face(moved=2.0), labels=(Label(AT, landmarks=FIVE),))

    assert judged.error(0.5) == pytest.approx(2 * math.sqrt(2) / 20)
    assert math.isnan(tally(face(), labels=(Label(AT),)).error(0.5))


def test_a_higher_threshold_only_takes_detections_away() -> None:
    far = (200.0, 0.0, 40.0, 50.0)
    judged = tally(face(), face(far, 0.6), face((100, 100, 40, 50), 0.4), labels=(Label(AT), Label(far)))

    assert (judged.recall(0.3), judged.precision(0.3)) == (1, pytest.approx(2 / 3))
    assert (judged.recall(0.7), judged.precision(0.7)) == (0.5, 1)
    assert judged.recall_at(0.9) == (1, 0.6)
