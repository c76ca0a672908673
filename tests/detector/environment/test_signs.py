"""What speaks against a face, one measure at a time."""

import pytest

from facewarden.detector.environment.limits import shipped_limits
from facewarden.detector.environment.ofiq import Quality
from facewarden.detector.environment.pose import Pose
from facewarden.detector.environment.scene import Scene
from facewarden.detector.environment.signs import CAUSES, OF_THE_FACE, Sign, face_signs, scene_signs
from facewarden.detector.environment.subject import Subject

LIMITS = shipped_limits()
COOPERATIVE = Subject(
    faces=1,
    second=0.0,
    dwell=3.0,
    width=80.0,
    eyes=32.0,
    seen=60.0,
    score=0.9,
    pose=Pose(8.0, 9.0, 1.0),
    speed=0.05,
    growth=0.02,
    unexplained=0.15,
    framed=0.7,
)


def signs(**changed: object) -> set[Sign]:
    return face_signs(COOPERATIVE._replace(**changed), Quality(), None, LIMITS)


def test_nothing_speaks_against_somebody_who_faces_the_camera() -> None:
    assert signs() == set()


@pytest.mark.parametrize(
    ("changed", "sign"),
    [
        ({"pose": Pose(13.0, 16.0, 0.0)}, "turned"),
        ({"unexplained": 0.02}, "still"),
        ({"framed": 1.0}, "framed"),
        ({"second": 0.5}, "people"),
        ({"speed": 0.7}, "passing"),
        ({"seen": 18.0}, "small"),
        ({"score": 0.7}, "unsure"),
    ],
    ids=["reads", "a photograph", "a screen", "another", "walks", "far off", "nearly a face"],
)
def test_one_measure_is_enough(changed: dict[str, object], sign: Sign) -> None:
    assert signs(**changed) == {sign}


def test_a_camera_that_may_well_be_carried_speaks_against_a_place_and_is_no_cause_of_its_own() -> None:
    scene = Scene(brightness=120.0, spread=30.0, frozen=0.0)

    assert scene_signs(scene, "unknown", LIMITS, carried=True) == {"carried"}
    assert not any("carried" in cause for cause in CAUSES)


def test_those_of_one_face_speak_against_no_place() -> None:
    assert {"turned", "still", "framed"} <= OF_THE_FACE


@pytest.mark.parametrize(("brightness", "dark"), [(33.0, True), (67.0, False)], ids=["a lamp flashes", "a dim webcam"])
def test_a_dark_room_is_dark_whatever_flashes_in_it(brightness: float, dark: bool) -> None:
    found = scene_signs(Scene(brightness=brightness, spread=30.0, frozen=0.0), "fixed", LIMITS)
    assert found == ({"dark"} if dark else set())
