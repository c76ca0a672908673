"""The scene from before: known where it stood for long, and there again to a tenth of a pixel or not at all."""

import numpy as np
import pytest

from facewarden.detector.guard import Guard
from facewarden.detector.mobility import MobilityEstimator
from facewarden.detector.mobility.before import Before
from facewarden.detector.mobility.blocks import Grid
from facewarden.detector.mobility.view import Mask, View
from facewarden.streams.frame import Image
from facewarden.streams.push import PushSource
from facewarden.streams.synthetic import SyntheticSource

RNG = np.random.default_rng(0)
WALL = np.kron(RNG.integers(40, 220, (30, 50)), np.ones((6, 8)))[:176, :320].astype(np.uint8)
OTHER = np.ascontiguousarray(WALL[::-1, ::-1])
GRID = Grid((11, 20))
ALL, NONE = np.ones(GRID.shape, np.bool_), np.zeros(GRID.shape, np.bool_)
NOISE = 4.0


def known(*stages: tuple[Image, Mask, int]) -> Before:
    """What is known after pictures of which some blocks stood so many times."""
    before = Before(View(WALL, 0.0).detail.shape, GRID)
    for picture, stands, times in stages:
        for _ in range(times):
            before.keep(View(picture, 0.0), stands, NOISE)
    return before


def again(before: Before, picture: Image, stands: Mask = ALL) -> bool:
    return before.stands_again(View(picture, 0.0), stands, NOISE)


def test_a_scene_stands_again_where_it_was_and_not_a_pixel_beside() -> None:
    before = known((WALL, ALL, 5))

    assert again(before, WALL)
    assert not again(before, np.roll(WALL, 1, axis=1))
    assert not again(before, OTHER)


def test_what_stood_only_for_a_moment_is_not_known() -> None:
    assert not again(known((WALL, ALL, 3)), WALL)
    assert not again(known((WALL, ALL, 3), (WALL, NONE, 1), (WALL, ALL, 3)), WALL)


def test_what_stands_there_later_takes_the_place_of_what_stood_before() -> None:
    before = known((WALL, ALL, 5), (OTHER, ALL, 5))

    assert again(before, OTHER)
    assert not again(before, WALL)


def test_what_moves_again_does_not_stand_again() -> None:
    assert not again(known((WALL, ALL, 5)), WALL, NONE)


def test_a_frame_around_another_view_is_not_the_scene_from_before() -> None:
    frame = ALL.copy()
    frame[3:-3, 4:-4] = False
    elsewhere = WALL.copy()
    elsewhere[24:-24, 32:-32] = OTHER[24:-24, 32:-32]

    assert not again(known((WALL, frame, 5)), elsewhere)


def test_too_little_that_stood_is_no_scene() -> None:
    corner = NONE.copy()
    corner[:4, :6] = True

    assert not again(known((WALL, corner, 5)), WALL, corner)


# --- what an estimator makes of it ------------------------------------------------------------------------------------


def pictures(scene: str, seconds: float) -> list[Image]:
    return [frame.thumbnail(320) for frame in SyntheticSource(scene, seed=1, seconds=seconds, fps=10, layout="gray")]


ROOM, WALK = pictures("fixed", 4.0), pictures("body", 8.0)


def waved() -> list[Image]:
    """Something comes in from one side, moves before nearly all of the room for a while, and goes again."""
    shown: list[Image] = []
    for number, before in enumerate(WALK):
        picture, columns = ROOM[number % len(ROOM)].copy(), int(320 * min(0.9, number / 10, (80 - number) / 10))
        picture[:, :columns] = before[:, :columns]
        shown.append(picture)
    return shown


def verdicts(some: list[Image]) -> list[tuple[float, str]]:
    """Each verdict with the second it came."""
    estimator, came = MobilityEstimator(), [(0.0, "unknown")]
    for number, picture in enumerate(some):
        estimator.update(picture, number / 10)
        if estimator.value != came[-1][1]:
            came.append((number / 10, estimator.value))
    return came


def test_a_room_in_which_someone_waved_is_mobile_only_until_it_has_stood_again_for_twenty_seconds() -> None:
    came = verdicts([*ROOM, *waved(), *ROOM * 12])

    assert [verdict for _, verdict in came][-3:] == ["mobile", "unknown", "fixed"]
    assert came[-2][0] > 12.0 + 20.0


def test_a_camera_that_was_put_down_beside_where_it_stood_stays_mobile() -> None:
    came = verdicts([*ROOM, *waved(), *[np.roll(picture, 1, axis=1) for picture in ROOM * 12]])

    assert came[-1][1] == "mobile"


def test_that_it_is_withdrawn_is_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facewarden.detector.mobility.estimator._AGAIN", 5.0)
    source, guard = PushSource("hall"), Guard(live=False)
    for position, picture in enumerate([*ROOM, *waved(), *ROOM * 12]):
        guard.observe(source.frame(picture, position / 10, "gray"))

    assert guard.watch("hall").beliefs[0].value == "fixed"
    assert guard.watch("hall").events[-1].text == (
        "the camera, believed mobile until then, stands: what is before it had moved"
    )
