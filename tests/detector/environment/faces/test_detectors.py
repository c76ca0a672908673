"""One contract for every detector of faces."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facewarden.detector.environment.faces import Face, FaceDetector, load_detector
from facewarden.streams.frame import Image

SIDES = st.integers(1, 400)


def ours(_: pytest.FixtureRequest) -> FaceDetector:
    return load_detector()


def yunet(request: pytest.FixtureRequest) -> FaceDetector:
    return load_detector(request.getfixturevalue("zoo") / "yunet_n_dynamic.onnx")


def yunet_of_one_size(request: pytest.FixtureRequest) -> FaceDetector:
    return load_detector(request.getfixturevalue("zoo") / "yunet_n_320.onnx")


@pytest.fixture(scope="module", params=[ours, yunet, yunet_of_one_size], ids=lambda make: make.__name__)
def detector(request: pytest.FixtureRequest) -> FaceDetector:
    make: Callable[[pytest.FixtureRequest], FaceDetector] = request.param
    return make(request)


def same(some: list[Face], others: list[Face]) -> bool:
    return len(some) == len(others) and all(
        one.box == other.box and one.score == other.score and np.array_equal(one.landmarks, other.landmarks)
        for one, other in zip(some, others, strict=True)
    )


@pytest.mark.parametrize("height", [40, 60, 100, 140])
def test_a_drawn_face_is_found_once_with_its_landmarks(detector: FaceDetector, portrait, height: int) -> None:
    picture = portrait(face=height)
    (face,) = detector.detect(picture.luma)

    x, y, width, tall = face.box
    assert abs(x + width / 2 - 160) < 0.1 * height
    assert abs(y + tall / 2 - 90) < 0.2 * height
    assert 0.6 * height < max(width, tall) < 1.3 * height
    apart = np.hypot(*(picture.landmarks[0] - picture.landmarks[1]))
    assert np.hypot(*(face.landmarks - picture.landmarks).T).mean() < 0.25 * apart


def test_a_face_is_numbers_of_the_promised_kinds(detector: FaceDetector, portrait) -> None:
    (face,) = detector.detect(portrait().luma)

    assert all(isinstance(number, float) for number in (*face.box, face.score))
    assert 0 < face.score <= 1
    assert (face.landmarks.shape, face.landmarks.dtype) == ((5, 2), np.float32)


def test_two_faces_come_strongest_first(detector: FaceDetector, portrait) -> None:
    left, right = portrait((160, 180), 90, (80, 90)).luma, portrait((160, 180), 70, (80, 90)).luma
    faces = detector.detect(np.hstack([left, cv2.GaussianBlur(right, (0, 0), 2)]))

    assert len(faces) == 2
    assert faces[0].score >= faces[1].score
    assert sorted(face.box[0] < 160 for face in faces) == [False, True]


def test_the_same_picture_gets_the_same_answer_whatever_came_between(detector: FaceDetector, portrait) -> None:
    picture = portrait((300, 170)).luma
    first = detector.detect(picture)
    detector.detect(np.full((180, 320), 255, np.uint8))

    assert first
    assert same(first, detector.detect(picture))


def test_an_answer_stays_what_it_was_when_the_next_picture_comes(detector: FaceDetector, portrait) -> None:
    (face,) = detector.detect(portrait().luma)
    before = face.landmarks.copy()
    detector.detect(portrait(at=(100, 80)).luma)

    assert np.array_equal(face.landmarks, before)


def test_the_picture_itself_is_not_touched_and_may_be_a_view(detector: FaceDetector, portrait) -> None:
    wide = portrait((640, 180), at=(160, 90)).luma
    before = wide.copy()
    view = wide[:, :320]
    view.flags.writeable = False

    assert same(detector.detect(view), detector.detect(np.ascontiguousarray(view)))
    assert np.array_equal(wide, before)


def test_a_large_picture_is_looked_at_small_and_answered_in_its_own_pixels(detector: FaceDetector, portrait) -> None:
    (small,), (large,) = (detector.detect(portrait((320 * n, 180 * n), 80 * n, (160 * n, 90 * n)).luma) for n in (1, 3))

    assert np.allclose(np.array(large.box) / 3, small.box, atol=4)
    assert np.allclose(large.landmarks / 3, small.landmarks, atol=4)


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_there_is_no_face_in_a_picture_of_one_tone(detector: FaceDetector, tone: int) -> None:
    assert detector.detect(np.full((180, 320), tone, np.uint8)) == []


@pytest.mark.parametrize("shape", [(0, 0), (0, 320), (180, 0)])
def test_there_is_no_face_in_a_picture_without_pixels(detector: FaceDetector, shape: tuple[int, int]) -> None:
    assert detector.detect(np.zeros(shape, np.uint8)) == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(width=SIDES, height=SIDES, seed=st.integers(0, 99))
def test_a_picture_of_any_size_has_an_answer(detector: FaceDetector, width: int, height: int, seed: int) -> None:
    noise: Image = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)

    assert all(0 < face.score <= 1 and np.isfinite(face.landmarks).all() for face in detector.detect(noise))
