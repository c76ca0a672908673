"""The marks that the shipped network has to reach on labelled pictures that it was not trained on."""

from pathlib import Path

import pytest

from facewarden.bench.faces.compare import judge
from facewarden.bench.faces.labels import read_pictures
from facewarden.bench.faces.scoring import Tally
from facewarden.detector.environment.faces import load_detector
from facewarden.detector.environment.faces.network import THRESHOLD


@pytest.fixture(scope="module")
def tally(labelled_faces: Path) -> Tally:
    return judge(load_detector(), read_pictures(labelled_faces, "val"))


def test_nine_of_ten_faces_of_24_px_are_found(tally: Tally) -> None:
    assert tally.recall(THRESHOLD) >= 0.90


def test_nine_of_ten_detections_are_faces(tally: Tally) -> None:
    assert tally.precision(THRESHOLD) >= 0.90
    assert tally.precision(THRESHOLD, low=0) >= 0.90


def test_landmarks_lie_as_near_to_their_labels_as_yunets(tally: Tally, labelled_faces: Path, zoo: Path) -> None:
    """Half of these faces wear masks, under which the labels are guesses: YuNet is 15 % of an eye distance off them."""
    yunet = judge(load_detector(zoo / "yunet_n_dynamic.onnx"), read_pictures(labelled_faces, "val"))

    assert tally.error(THRESHOLD) <= yunet.error(0) + 0.02
