"""The teacher of landmarks, on a drawn face; it needs a published YuNet, and skips without."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from facewarden.bench.truth.faces.labels import Label, Labelled, Landmarks, Picture
from facewarden.detector.errors import ModelError
from facewarden.models.training.faces.teacher import Teacher

ZOO = Path(__file__).parents[5] / "shared" / "zoo"
FACE = ((45.0, 45.0), (75.0, 45.0), (60.0, 60.0), (48.0, 72.0), (72.0, 72.0))


@pytest.fixture(scope="module")
def teacher() -> Teacher:
    if not ZOO.is_dir():
        pytest.skip("no ../shared/zoo beside this checkout")
    return Teacher(ZOO / "yunet_n_dynamic.onnx")


def head() -> Picture:
    """A face of a few strokes, 90 px high, whose label is somewhat off."""
    luma = np.full((240, 320), 90, np.uint8)
    cv2.ellipse(luma, (160, 120), (42, 56), 0, 0, 360, 200, -1)
    for x in (143, 177):
        cv2.ellipse(luma, (x, 108), (9, 5), 0, 0, 360, 40, -1)
        cv2.line(luma, (x - 10, 97), (x + 10, 97), 80, 3)
    cv2.line(luma, (160, 112), (160, 130), 150, 3)
    cv2.ellipse(luma, (160, 147), (15, 4), 0, 0, 360, 90, -1)
    points = ((149.0, 113.0), (183.0, 113.0), (166.0, 135.0), (151.0, 152.0), (181.0, 152.0))
    return Picture(
        cv2.GaussianBlur(luma, (0, 0), 1.5).astype(np.uint8),
        Labelled("head", (Label((118, 75, 84, 102), points),)),
        "open",
    )


def test_points_come_nearer_to_the_eyes_and_the_rest_of_the_label_stays(teacher: Teacher) -> None:
    picture = head()
    (before,) = picture.labels.faces
    (after,) = teacher.taught(picture).faces

    assert off_the_eyes(after.landmarks) < off_the_eyes(before.landmarks)
    assert (after.box, after.origin) == (before.box, before.origin)


def test_a_face_is_seen_in_several_views_that_agree(teacher: Teacher) -> None:
    views = teacher.views(head().luma, (118, 75, 84, 102))

    assert len(views) >= 5
    assert np.median(np.std(views, axis=0)) < 4


def test_where_nothing_is_to_be_seen_the_label_stays_as_it_is(teacher: Teacher) -> None:
    luma = np.full((120, 160), 128, np.uint8)
    labels = Labelled("none", (Label((30, 20, 60, 70), FACE), Label((80, 20, 60, 70))))

    assert teacher.taught(Picture(luma, labels, "open")) == labels


def test_a_file_that_is_no_yunet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        Teacher(tmp_path / "none.onnx")


def off_the_eyes(points: Landmarks | None) -> float:
    assert points is not None
    return float(np.hypot(*(np.array(points[:2]) - [(143, 108), (177, 108)]).T).mean())
