"""Whether there is a camera's picture at all."""

from collections.abc import Iterable

import cv2
import numpy as np
import pytest

from facewarden.detector.mobility import MobilityEstimator
from facewarden.detector.mobility.signal import Signal, SignalFinder
from facewarden.streams.frame import Image
from facewarden.streams.synthetic import SyntheticSource

RNG = np.random.default_rng(5)
NOISE = [RNG.integers(0, 256, (180, 320), np.uint8) for _ in range(40)]


def room(scene: str = "fixed", seconds: float = 4.0) -> list[Image]:
    return [frame.thumbnail(320) for frame in SyntheticSource(scene, seconds=seconds, seed=3, fps=10, layout="gray")]


def card(clock: bool) -> list[Image]:
    """Bars and a grid, with or without a clock that runs."""
    bars = np.tile(np.repeat(np.linspace(235, 16, 8), 40).astype(np.uint8), (180, 1))
    bars[::20] = 255
    shown: list[Image] = []
    for number in range(40):
        picture = bars.copy()
        if clock:
            cv2.putText(picture, f"{number / 10:05.2f}", (120, 100), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255,), 1)
        shown.append(picture)
    return shown


def found(pictures: Iterable[Image]) -> list[Signal]:
    finder = SignalFinder()
    return [finder.update(picture, number / 10) for number, picture in enumerate(pictures)]


def believed(pictures: Iterable[Image]) -> MobilityEstimator:
    estimator = MobilityEstimator()
    for number, picture in enumerate(pictures):
        estimator.update(picture, number / 10)
    return estimator


@pytest.mark.parametrize("scene", ["fixed", "body", "dash", "pole"])
def test_what_a_camera_shows_is_a_picture(scene: str) -> None:
    assert set(found(room(scene))) == {"picture"}


def test_noise_alone_is_no_picture_and_says_nothing_of_a_camera() -> None:
    belief = believed(NOISE).belief

    assert found(NOISE)[-1] == "noise"
    assert belief.value == "unknown"
    assert belief.evidence["no_signal:noise"] == 1.0


def test_a_picture_is_seen_through_noise_that_is_as_strong() -> None:
    through = [cv2.addWeighted(a, 0.5, b, 0.5, 0) for a, b in zip(room(), NOISE, strict=True)]
    assert found([np.asarray(picture, np.uint8) for picture in through])[-1] == "picture"


@pytest.mark.parametrize("clock", [False, True])
def test_a_test_card_is_no_camera_that_stands_though_a_clock_may_run_on_it(clock: bool) -> None:
    values: set[str] = set()
    estimator = MobilityEstimator()
    for number, picture in enumerate(card(clock)):
        estimator.update(picture, number / 10)
        values.add(estimator.value)

    assert found(card(clock))[-1] == "frozen"
    assert values == {"unknown"}
    assert estimator.belief.evidence["no_signal:frozen"] == 1.0


def test_a_camera_that_stood_is_no_longer_known_to_when_its_picture_freezes() -> None:
    scene = room()
    assert believed(scene).belief.value == "fixed"
    assert believed(scene + [scene[-1]] * 30).belief.value == "unknown"


def test_copies_that_fill_up_a_slow_stream_are_no_frozen_picture() -> None:
    assert set(found(picture for picture in room()[::10] for _ in range(10))) == {"picture"}


def test_pictures_seconds_apart_are_frozen_only_where_they_were_found_the_same() -> None:
    def glanced(pictures: Iterable[Image]) -> list[Signal]:
        finder = SignalFinder()
        return [finder.glance(picture, 2.0 * number) for number, picture in enumerate(pictures)]

    living = room(seconds=4.0)[::4]

    assert glanced(living) == ["picture"] * len(living)
    assert glanced([living[0]] * 3) == ["picture", "frozen", "frozen"]
    assert "noise" in glanced(NOISE[:8])
