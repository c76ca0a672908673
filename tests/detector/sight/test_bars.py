"""Black bars round a picture are cut off before anything is looked at."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from facewarden.detector.sight.bars import Bars
from facewarden.detector.sight.state import SourceState
from facewarden.streams.frame import Frame, Image, PlanarPixels, Rotation
from facewarden.streams.push import PushSource
from facewarden.streams.synthetic import SyntheticSource

WIDE, HIGH = 640, 360
VIEW = np.random.default_rng(0).integers(60, 255, (HIGH, WIDE), np.uint8)


def barred(view: Image, rows: tuple[int, int] = (0, 0), columns: tuple[int, int] = (0, 0), level: int = 16) -> Image:
    """A view with so many black lines before and after its own."""
    return np.pad(view, (rows, columns), constant_values=level)


def shown(pictures: Iterable[Image], rate: float = 10.0) -> list[Frame]:
    source = PushSource("cam")
    return [source.frame(picture, number / rate, "gray") for number, picture in enumerate(pictures)]


def sizes(frames: Iterable[Frame]) -> list[tuple[int, int]]:
    bars = Bars()
    return [bars.inside(frame).size for frame in frames]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("rows", "columns"), [((60, 60), (0, 0)), ((0, 0), (200, 204)), ((80, 76), (140, 140)), ((10, 10), (0, 0))]
)
def test_what_is_left_is_the_view_less_a_rim(
    rows: tuple[int, int], columns: tuple[int, int], rotation: Rotation
) -> None:
    noise = np.random.default_rng(1).integers(-3, 4, (HIGH + sum(rows), WIDE + sum(columns)))
    picture = (barred(VIEW, rows, columns) + noise * (barred(VIEW, rows, columns) == 16)).astype(np.uint8)
    stored = np.ascontiguousarray(np.rot90(picture, rotation // 90))
    (frame,) = shown([stored])
    inside = Bars().inside(replace(frame, rotation=rotation))

    width, height = inside.size
    assert HIGH - 16 <= height <= HIGH
    assert WIDE - 16 <= width <= WIDE
    assert int(inside.luma.min()) >= 60
    assert inside.discontinuity is None


@pytest.mark.parametrize(
    "picture",
    [
        VIEW,
        barred(VIEW, rows=(90, 0)),  # a night's sky
        barred(VIEW, rows=(90, 40)),
        barred(VIEW, columns=(60, 60), level=200),
        barred(VIEW[:20], rows=(170, 170)),
        barred(VIEW, rows=(3, 3)),
        np.full_like(VIEW, 16),
    ],
    ids=["none", "above alone", "uneven", "bright", "hardly a view", "thin", "all black"],
)
def test_what_is_no_bar_stays(picture: Image) -> None:
    (frame,) = shown([picture])
    assert Bars().inside(frame) is frame


def test_a_picture_that_comes_out_of_black_is_whole_in_the_end() -> None:
    edge = 0.8 * np.abs(np.linspace(-1, 1, WIDE))
    coming = [(VIEW * np.clip(number / 10 - edge, 0, 1)).astype(np.uint8) for number in range(30)]
    found = sizes(shown(coming))
    assert found[4][0] < WIDE
    assert found[-1] == (WIDE, HIGH)


def test_where_something_stands_in_a_bar_later_the_picture_is_whole_and_a_new_scene_begins() -> None:
    film, whole = barred(VIEW, rows=(60, 60)), np.resize(VIEW, (HIGH + 120, WIDE))
    bars, frames = Bars(), shown([*[film] * 50, *[whole] * 10, *[film] * 10])
    inside = [bars.inside(frame) for frame in frames]

    assert [frame.size for frame in inside[:50]] == [(WIDE, inside[0].size[1])] * 50
    assert [frame.size for frame in inside[53:]] == [(WIDE, HIGH + 120)] * 17
    assert sum(frame.discontinuity is not None for frame in inside) == 1


def test_words_that_come_and_go_within_three_seconds_cost_no_bar() -> None:
    film = barred(VIEW, rows=(60, 60))
    titled = film.copy()
    titled[HIGH + 80 : HIGH + 100, 100:500] = 235
    found = sizes(shown([*[film] * 5, *[titled] * 10, *[film] * 40]))
    assert found[0] == found[-1] != (WIDE, HIGH + 120)


def test_another_size_or_a_jump_is_looked_at_anew() -> None:
    film, other = barred(VIEW, rows=(60, 60)), barred(VIEW, columns=(60, 60))
    assert len({*sizes(shown([film, other]))} - {(WIDE, HIGH + 120), (WIDE + 120, HIGH)}) == 2

    bars, (plain, jumped) = Bars(), shown([VIEW, barred(VIEW[60:-60], rows=(60, 60))])
    assert bars.inside(plain).size == (WIDE, HIGH)
    assert bars.inside(replace(jumped, discontinuity="a jump")).size[1] < HIGH


@pytest.mark.parametrize(("scene", "verdict"), [("body", "mobile"), ("fixed", "fixed")])
def test_an_upright_film_on_a_wide_screen_is_told_as_by_itself(scene: str, verdict: str) -> None:
    state = SourceState("cam")
    for frame in SyntheticSource(scene, seconds=4.0, seed=3, fps=10, size=(270, 480)):
        state.observe(replace(frame, pixels=PlanarPixels(barred(frame.luma, columns=(220, 220)))))

    assert state.beliefs[0].value == verdict
