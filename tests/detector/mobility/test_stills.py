"""A stream of stills, and copies in between."""

import cv2
import numpy as np
import pytest

from facewarden.detector.mobility import MobilityEstimator
from facewarden.detector.mobility.stills import Stills
from facewarden.streams.frame import Image
from facewarden.streams.synthetic import SyntheticSource


def told(changes: list[float]) -> list[tuple[bool, bool]]:
    """Whether each of these looks, ten a second, jumped, and was a copy."""
    stills, found = Stills(), list[tuple[bool, bool]]()
    for number, change in enumerate(changes):
        stills.update(change, number / 10)
        found.append((stills.jumped, stills.copied))
    return found


def held(scene: str, seconds: float, *, encoded: bool) -> list[Image]:
    """A scene of which a picture is shown for so long; encoded, each copy is a little off the one before."""
    shown: list[Image] = []
    for number, frame in enumerate(SyntheticSource(scene, seconds=10.0, seed=3, fps=10, layout="gray")):
        picture = frame.thumbnail(320) if number % round(10 * seconds) == 0 else shown[-1]
        if encoded:
            coded = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 60 + number % 7))[1]
            picture = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
        shown.append(picture)
    return shown


def believed(pictures: list[Image]) -> list[str]:
    estimator, values = MobilityEstimator(), list[str]()
    for number, picture in enumerate(pictures):
        estimator.update(picture, number / 10)
        values.append(estimator.value)
    return values


def test_what_stands_between_jumps_is_copied_from_the_second_on() -> None:
    found = told([*[0.1] * 5, *[5.0, *[0.1] * 9] * 3])

    assert [copied for _, copied in found] == [*[False] * 16, *[True] * 9, False, *[True] * 9]
    assert [number for number, (jumped, _) in enumerate(found) if jumped] == [6, 16]


def test_a_light_that_is_switched_on_makes_no_stills_nor_two_long_after_each_other() -> None:
    assert not any(copied for _, copied in told([*[0.1] * 5, 5.0, *[0.1] * 125, 5.0, *[0.1] * 20]))


def test_a_camera_of_which_all_changed_at_once_soon_after_it_was_called_fixed_is_judged_anew() -> None:
    shown = held("fixed", 10.0, encoded=True)
    values = believed([*shown[:20], *(np.asarray(cv2.flip(one, 1), np.uint8) for one in shown[:3])])

    assert values[20] == "fixed"
    assert values[21] == "unknown"


@pytest.mark.parametrize(
    "changes",
    [
        [0.1] * 40,
        [3.0] * 40,
        [0.1] * 9 + [4.0] * 20 + [0.1] * 9 + [4.0] * 20,
        [0.1, 0.1, 0.1, 1.0] * 10,
        [2.0, 1.0, 0.5, 3.0] * 10,
    ],
)
def test_what_moves_or_stands_all_the_time_or_changes_little_is_no_still(changes: list[float]) -> None:
    assert not any(jumped or copied for jumped, copied in told(changes))


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("seconds", [1.0, 1.5])
def test_a_camera_that_travels_does_not_stand_because_each_picture_is_shown_for_long(
    seconds: float, encoded: bool
) -> None:
    values = believed(held("body", seconds, encoded=encoded))

    assert "fixed" not in values[round(20 * seconds) + 1 :]


@pytest.mark.parametrize("encoded", [False, True])
def test_a_camera_that_stands_does_so_too_where_each_picture_is_shown_for_long(encoded: bool) -> None:
    assert believed(held("fixed", 1.0, encoded=encoded))[-1] == "fixed"
