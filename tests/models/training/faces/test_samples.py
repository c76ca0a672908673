"""What the detector learns from."""

import numpy as np
import pytest
from numpy.typing import NDArray

from facewarden.bench.truth.faces.labels import Label, Labelled, Picture
from facewarden.models.training.faces.samples import Sample, Samples
from facewarden.models.training.faces.weather import covered, weathered

SIDE = 160
# A bright right eye and a dark left one on grey: what is drawn can be found again in the sample.
EYES = ((180.0, 120.0), (220.0, 120.0))
FIVE = (*EYES, (200.0, 140.0), (185.0, 160.0), (215.0, 160.0))


def marked() -> Picture:
    luma = np.full((300, 400), 128, np.uint8)
    for (x, y), tone in zip(EYES, (255, 0), strict=True):
        luma[int(y) - 8 : int(y) + 8, int(x) - 8 : int(x) + 8] = tone
    return Picture(luma, Labelled("marked", (Label((165, 95, 70, 90), FIVE),)), "open")


def empty() -> Picture:
    return Picture(np.full((200, 200), 128, np.uint8), Labelled("empty", ()), "open")


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    drawn = Samples([marked(), empty()], seed=1)
    return [drawn.draw(SIDE) for _ in range(60)]


def test_samples_have_the_side_that_was_asked_for_and_labels_that_fit_each_other(samples: list[Sample]) -> None:
    for sample in samples:
        assert (sample.luma.shape, sample.luma.dtype) == ((SIDE, SIDE), np.uint8)
        assert sample.boxes.shape[1:] == (4,)
        assert sample.points.shape == (len(sample.boxes), 5, 2)
        assert np.isfinite(sample.boxes).all()


def test_faces_are_found_again_where_the_label_says_mirrored_or_not(samples: list[Sample]) -> None:
    brighter = [
        tone(sample, face[0]) > tone(sample, face[1])
        for sample in samples
        for box, face in zip(sample.boxes, sample.points, strict=True)
        if max(box[2:]) > 40 and inside(face[:2]) and abs(tone(sample, face[0]) - tone(sample, face[1])) > 20
    ]

    assert len(brighter) > 10
    # A mirrored picture shows the bright eye on the other side: it has become the left one.
    assert 0.2 < np.mean(brighter) < 0.8


def test_right_stays_right_in_the_picture_up_to_the_turns_that_are_drawn(samples: list[Sample]) -> None:
    assert all(face[0, 0] < face[1, 0] for sample in samples for face in sample.points)


def test_the_same_seed_draws_the_same_samples() -> None:
    one, other = (Samples([marked(), empty()], seed=5) for _ in range(2))

    for _ in range(5):
        a, b = one.draw(SIDE), other.draw(SIDE)
        assert np.array_equal(a.luma, b.luma)
        assert np.array_equal(a.boxes, b.boxes)


def test_a_mask_hides_the_mouth_and_dark_glasses_the_eyes_of_some() -> None:
    rng, hidden = np.random.default_rng(0), {"mouth": 0, "eyes": 0}
    for _ in range(200):
        luma = np.full((300, 400), 128, np.uint8)
        covered(luma, np.array([FIVE], np.float32), rng)
        hidden["mouth"] += luma[160, 200] != 128
        hidden["eyes"] += luma[120, 180] != 128

    assert 20 < hidden["mouth"] < 60
    assert 5 < hidden["eyes"] < 35


def test_a_face_without_landmarks_is_not_covered() -> None:
    luma = np.full((300, 400), 128, np.uint8)
    for seed in range(20):
        covered(luma, np.full((1, 5, 2), np.nan, np.float32), np.random.default_rng(seed))

    assert (luma == 128).all()


def test_weather_changes_light_and_keeps_the_shape() -> None:
    rng, picture = np.random.default_rng(0), np.full((64, 64), 128, np.uint8)
    means = [weathered(picture, rng).mean() for _ in range(50)]

    assert min(means) < 60
    assert max(means) > 150
    assert weathered(picture, rng).shape == (64, 64)


def tone(sample: Sample, point: NDArray[np.floating]) -> int:
    return int(sample.luma[int(point[1]), int(point[0])])


def inside(points: NDArray[np.floating]) -> bool:
    return bool(((points > 1) & (points < SIDE - 1)).all())
