"""The marks that the shipped network has to reach on labelled pictures that it was not trained on."""

from pathlib import Path

import pytest

from facewarden.bench.truth.faces.compare import judge
from facewarden.bench.truth.faces.labels import read_pictures
from facewarden.bench.truth.faces.scoring import Tally
from facewarden.detector.environment.faces import load_detector
from facewarden.detector.environment.faces.network import THRESHOLD


@pytest.fixture(scope="module")
def tally(labelled_faces: Path) -> Tally:
    return judge(load_detector(), read_pictures(labelled_faces, "val"))


def test_seven_of_eight_faces_of_24_px_are_found(tally: Tally) -> None:
    assert tally.recall(THRESHOLD) >= 0.875


def test_nine_of_ten_detections_are_faces(tally: Tally) -> None:
    assert tally.precision(THRESHOLD) >= 0.93
    assert tally.precision(THRESHOLD, low=0) >= 0.88


def test_at_the_same_precision_as_many_are_found_as_by_yunet(labelled_faces: Path, zoo: Path) -> None:
    yunet = judge(load_detector(zoo / "yunet_n_dynamic.onnx", threshold=0.2), read_pictures(labelled_faces, "val"))
    ours = judge(load_detector(threshold=0.2), read_pictures(labelled_faces, "val"))

    assert ours.recall_at(0.9)[0] >= yunet.recall_at(0.9)[0] - 0.005


def test_landmarks_lie_nearer_to_their_labels_than_yunets(tally: Tally, labelled_faces: Path, zoo: Path) -> None:
    """Most of these faces wear masks, under which the labels are guesses: YuNet is 15 % of an eye distance off them."""
    yunet = judge(load_detector(zoo / "yunet_n_dynamic.onnx"), read_pictures(labelled_faces, "val"))

    assert tally.error(THRESHOLD) <= yunet.error(0) - 0.01


def test_without_the_set_of_people_in_masks_landmarks_are_within_8_percent(labelled_faces: Path) -> None:
    pictures = read_pictures(labelled_faces, "val")
    others = [picture for picture in pictures if not picture.labels.file.startswith("maskpd_")]

    assert judge(load_detector(), others).error(THRESHOLD) <= 0.08
