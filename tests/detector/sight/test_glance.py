"""Pictures that are passed over are glanced at."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from facewarden.detector.sight.glance import Glance
from facewarden.detector.sight.state import SourceState
from facewarden.streams.frame import Frame, Image
from facewarden.streams.push import PushSource
from facewarden.streams.synthetic import SyntheticSource


def scene(name: str, seconds: float, rate: float = 30) -> list[Frame]:
    return list(SyntheticSource(name, seconds=seconds, seed=3, fps=rate, size=(320, 180), layout="gray"))


def shown(pictures: Iterable[tuple[float, Image]]) -> list[Frame]:
    source = PushSource("cam")
    return [replace(source.frame(picture, time, "gray"), media_time=time) for time, picture in pictures]


def test_pictures_of_a_scene_that_goes_on_are_not_unlike_it() -> None:
    for name in ("fixed", "body", "dash"):
        glance = Glance("0")
        for number, frame in enumerate(scene(name, 6.0)):
            if number % 3 == 0:
                glance.looked(frame.luma)
            else:
                assert not glance.unlike(frame)


def test_another_scene_between_the_looks_is_seen_within_two_seconds() -> None:
    still, glance, found = scene("fixed", 0.1)[0], Glance("0"), list[float]()
    for number, frame in enumerate(scene("body", 3.0)):
        if number % 3 == 0:
            glance.looked(still.luma)
        elif glance.unlike(frame):
            found.append(frame.media_time)

    assert found
    assert found[0] < 2.0


@pytest.mark.parametrize("seed", range(6))
def test_a_still_at_each_tenth_of_a_second_of_a_walk_is_no_camera_that_stands(seed: int) -> None:
    walk = scene("body", 4.0)
    pictures = [(frame.media_time + 0.01, frame.luma) for frame in walk]
    pictures += [(number / 10, np.ascontiguousarray(walk[0].luma)) for number in range(40)]
    state = SourceState("cam", seed=f"{seed}/cam")
    for frame in shown(sorted(pictures, key=lambda one: one[0])):
        state.observe(frame)

    assert state.beliefs[0].value != "fixed"
