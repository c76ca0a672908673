import gc
import tracemalloc
from collections import deque
from collections.abc import Callable
from statistics import fmean

import msgspec
import numpy as np
import pytest
from helpers.portraits import Portrait
from helpers.rooms import FacesAt, crowded, face, frames, office

from facewarden.detector.belief import EnvironmentBelief
from facewarden.detector.environment import EnvironmentEstimator
from facewarden.detector.environment.estimator import NOT_ASSESSED
from facewarden.detector.environment.faces import Face
from facewarden.detector.environment.limits import shipped_limits
from facewarden.streams.frame import Image
from facewarden.streams.push import PushSource
from facewarden.streams.synthetic import SyntheticSource

Pictures = Callable[[float], Image]


def watched(
    picture: Pictures, script: Callable[[float], list[Face]], seconds: float, camera: str = "fixed"
) -> tuple[EnvironmentEstimator, FacesAt, list[EnvironmentBelief]]:
    detector = FacesAt(script)
    estimator, beliefs = EnvironmentEstimator(lambda: detector), list[EnvironmentBelief]()
    for frame in frames(seconds, picture, detector):
        if estimator.wants_faces(frame.media_time):
            estimator.look(frame.thumbnail(320), frame)
        estimator.update(frame.thumbnail(320), frame, camera)
        beliefs.append(estimator.belief)
    return estimator, detector, beliefs


# --- the verdict ------------------------------------------------------------------------------------------------------


def test_a_carried_camera_before_a_changing_scene_is_uncontrolled_within_four_seconds() -> None:
    _, _, beliefs = watched(lambda at: office(at, shift=int(at * 80) % 320), lambda _: [], 5, "mobile")

    assert (beliefs[-1].value, beliefs[-1].confidence) == ("uncontrolled", shipped_limits().sure)
    assert beliefs[-1].decided_at is not None
    assert beliefs[-1].decided_at <= 4
    assert not any(belief.consistent_with_controlled for belief in beliefs)


def test_a_crowd_that_stays_is_uncontrolled_for_a_fixed_camera() -> None:
    _, _, beliefs = watched(lambda at: crowded(office(at), at), lambda _: [face(20 + 90 * n, 40) for n in range(3)], 5)
    assert beliefs[-1].value == "uncontrolled"


def test_one_sign_alone_is_not_uncontrolled() -> None:
    _, _, beliefs = watched(lambda at: office(at), lambda _: [], 6, "mobile")
    assert {belief.value for belief in beliefs} == {"unknown"}


def three_later(at: float) -> list[Face]:
    return [face(), face(40), face(230)] if at > 1 else []


def test_the_confidence_is_a_share_and_grows_towards_the_verdict() -> None:
    _, _, beliefs = watched(lambda at: crowded(office(at), at), three_later, 5)
    progress = [belief.confidence for belief in beliefs if belief.value == "unknown"]

    assert all(0 <= belief.confidence <= 1 for belief in beliefs)
    assert progress[-1] > progress[0]


def test_another_stream_begins_with_nothing() -> None:
    estimator, _, _ = watched(lambda at: office(at, shift=int(at * 80) % 320), lambda _: [], 5, "mobile")
    assert estimator.belief.value == "uncontrolled"

    estimator.restart()
    assert estimator.belief == EnvironmentBelief()


# --- the measures behind it -------------------------------------------------------------------------------------------


def test_the_evidence_has_every_measure_and_says_which_could_not_be_assessed() -> None:
    _, _, (first, *_, last) = watched(office, lambda _: [face()], 3)

    assert first.evidence["moving"] == first.evidence["yaw"] == NOT_ASSESSED
    assert last.evidence["faces"] == 1
    assert last.evidence["width"] == pytest.approx(40)
    assert last.evidence["yaw"] < 10
    assert all(isinstance(number, float | int) for number in last.evidence.values())
    assert msgspec.json.decode(msgspec.json.encode(last), type=EnvironmentBelief) == last


def test_how_many_recommendations_a_face_falls_short_of_is_evidence_and_no_sign() -> None:
    _, _, beliefs = watched(office, lambda at: [face()] if at > 0.5 else [], 3)

    assert beliefs[0].evidence["below_recommended"] == NOT_ASSESSED
    assert beliefs[-1].evidence["below_recommended"] >= 2  # 40 pixels wide, 16 between the eyes
    assert beliefs[-1].consistent_with_controlled


def test_a_belief_is_that_of_the_last_picture_whenever_it_is_asked_for() -> None:
    estimator, detector, beliefs = watched(office, lambda _: [face()], 3)
    (later,) = frames(0.1, office, detector)
    estimator.look(later.thumbnail(320), later)

    assert estimator.belief == beliefs[-1]
    assert estimator.consistent == beliefs[-1].consistent_with_controlled


def arrays_of(estimator: EnvironmentEstimator) -> list[np.ndarray]:
    """All that can be reached from it."""
    held, arrays = [vars(estimator)], list[np.ndarray]()
    for one in held:  # grows as it is walked
        if isinstance(one, np.ndarray):
            arrays.append(one)
        elif isinstance(one, dict):
            held += one.values()
        elif isinstance(one, list | tuple | set | deque):
            held += one
        elif type(one).__module__.startswith("facewarden"):
            held.append({name: getattr(one, name) for name in getattr(one, "__dict__", {})})
    return arrays


def test_of_a_picture_no_more_than_80_px_are_kept_by_the_detector_that_ships_neither(
    portrait: Callable[..., Portrait],
) -> None:
    """What else is left are frames for the network, which are blank."""
    estimator, seen = EnvironmentEstimator(), portrait(face=100).luma
    host = PushSource("cam")
    for frame in (host.frame(seen, number / 10, "gray") for number in range(20)):
        if estimator.wants_faces(frame.media_time):
            estimator.look(frame.thumbnail(320), frame)
        estimator.update(frame.thumbnail(320), frame, "fixed")
    large = [array for array in arrays_of(estimator) if max(array.shape) > 80]

    assert estimator.faces.frames_with > 0
    assert large
    assert not any(array.any() for array in large)


# --- when faces are looked for ----------------------------------------------------------------------------------------


def looks_between(detector: FacesAt, start: float, end: float) -> int:
    return sum(start <= at < end for at in detector.looks)


def test_faces_are_looked_for_eagerly_at_first_then_less() -> None:
    _, detector, _ = watched(office, lambda _: [], 12)

    assert looks_between(detector, 0, 2) >= 6
    assert looks_between(detector, 6, 10) <= 6


def test_they_are_looked_for_rarely_where_they_can_settle_nothing() -> None:
    _, detector, _ = watched(lambda at: office(at, shift=int(at * 80) % 320), lambda _: [], 12, "mobile")
    assert looks_between(detector, 2, 12) <= 11


def test_they_are_looked_for_eagerly_again_when_somebody_stirs() -> None:
    def stirs(at: float) -> Image:
        picture = office(at)
        if at >= 8:  # one more walks in, and moves less than speaks against the place
            picture[60:, int(30 * (at - 8)) : int(30 * (at - 8)) + 14] = 30
        return picture

    _, detector, _ = watched(stirs, lambda _: [], 12)
    assert looks_between(detector, 8, 10) > looks_between(detector, 6, 8)


def test_every_look_is_counted_as_made_or_shed() -> None:
    detector = FacesAt(lambda at: [face()] * (2 if at > 2 else 1))
    estimator = EnvironmentEstimator(lambda: detector)
    for number, frame in enumerate(frames(5, office, detector)):
        if estimator.wants_faces(frame.media_time):
            estimator.look(frame.thumbnail(320), frame) if number % 2 else estimator.shed(frame.media_time)
        estimator.update(frame.thumbnail(320), frame, "fixed")

    faces = estimator.faces
    assert (faces.assessed, faces.max_in_frame) == (True, 2)
    assert (faces.looked_at, faces.frames_with) == (len(detector.looks),) * 2
    assert faces.shed > 0


def test_where_nothing_was_looked_for_nothing_was_assessed() -> None:
    detector = FacesAt(lambda _: [face()])
    estimator = EnvironmentEstimator(lambda: detector)
    for frame in frames(2, office, detector):
        estimator.update(frame.thumbnail(320), frame, "fixed")

    assert (estimator.faces.assessed, estimator.faces.looked_at) == (False, 0)
    assert not estimator.belief.consistent_with_controlled


def test_the_rate_of_looks_stays_bounded_over_a_long_stream() -> None:
    _, detector, _ = watched(lambda _: office(0)[::5, ::5].copy(), lambda _: [face(10, 5, 10)] * 40, 60)
    assert fmean(looks_between(detector, second, second + 1) for second in range(10, 60)) <= 2.1


def test_memory_is_below_half_a_megabyte_and_does_not_grow() -> None:
    detector = FacesAt(lambda at: [face(7 * n + 20 * (at % 5), (13 * at) % 100, 30) for n in range(40)])
    seen = list(frames(40, office, detector))
    estimator = EnvironmentEstimator(lambda: detector)
    tracemalloc.start()
    held: list[int] = []
    for number, frame in enumerate(seen, 1):
        thumbnail = frame.thumbnail(320)
        if estimator.wants_faces(frame.media_time):
            detector.now = frame.media_time
            estimator.look(thumbnail, frame)
        estimator.update(thumbnail, frame, "fixed")
        detector.looks.clear()
        if number % 50 == 0:
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()

    assert max(held) < 500_000
    assert max(held[-3:]) <= 1.3 * max(held[:3])  # tracks and signs come and go


def broken(*numbers: float, landmarks: float = 0.0) -> Face:
    return face()._replace(box=(*numbers, *face().box[len(numbers) :]), landmarks=face().landmarks + landmarks)


@pytest.mark.parametrize(
    "wrong",
    [
        broken(landmarks=np.nan),
        broken(landmarks=np.inf),
        broken(np.nan),
        broken(np.inf),
        broken(0, 0, np.inf, np.inf),
        broken(135, 50, 0, 0),
        broken(135, 50, -40, 50),
        broken(1e300, 1e300),
        face()._replace(score=np.nan),
    ],
)
def test_what_a_detector_says_that_is_no_face_at_all_is_nobody(wrong: Face) -> None:
    estimator, _, beliefs = watched(office, lambda _: [wrong], 3)

    assert estimator.belief.evidence["faces"] == 0
    assert not any(belief.consistent_with_controlled for belief in beliefs)


def test_a_detector_that_fails_is_not_asked_again_at_every_picture() -> None:
    def fails(_: float) -> list[Face]:
        raise RuntimeError("the accelerator is gone")

    detector = FacesAt(fails)
    estimator = EnvironmentEstimator(lambda: detector)
    for frame in frames(2, office, detector):
        if estimator.wants_faces(frame.media_time):
            with pytest.raises(RuntimeError):
                estimator.look(frame.thumbnail(320), frame)
        estimator.update(frame.thumbnail(320), frame, "fixed")

    assert len(detector.looks) <= 8


@pytest.mark.parametrize("scene", ["body", "dash", "crowd", "fixed", "ptz"])
def test_a_rendered_scene_without_faces_is_never_consistent(scene: str) -> None:
    estimator = EnvironmentEstimator(lambda: FacesAt(lambda _: []))
    with SyntheticSource(scene, seconds=4, fps=10, size=(320, 180)) as source:
        for frame in source:
            if estimator.wants_faces(frame.media_time):
                estimator.look(frame.luma, frame)
            estimator.update(frame.luma, frame)
            assert not estimator.belief.consistent_with_controlled


def test_a_face_is_assessed_in_the_picture_after_the_look_that_found_it_and_at_low_rates_in_the_same() -> None:
    def assessed_at(rate: float) -> tuple[int, int]:
        detector = FacesAt(lambda _: [face()])
        estimator, host = EnvironmentEstimator(lambda: detector), PushSource("cam")
        for number in range(3):
            frame = host.frame(office(0.0), number / rate, "gray")
            if estimator.wants_faces(frame.media_time):
                estimator.look(frame.thumbnail(320), frame)
            estimator.update(frame.thumbnail(320), frame, "fixed")
            if estimator.belief.evidence["sharpness"] >= 0:
                return number, estimator.faces.looked_at
        return -1, estimator.faces.looked_at

    assert assessed_at(30) == (1, 1)
    assert assessed_at(3) == (1, 2)
