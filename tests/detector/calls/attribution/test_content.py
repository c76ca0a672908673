from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facewarden.detector.calls.attribution import Attribution, Declared, Reading, Recent, attribute, match
from facewarden.detector.calls.attribution.content import check
from facewarden.detector.calls.attribution.pictures import MOST

CAMERAS = ("body", "fixed", "crowd", "pole")


def nchw(picture: Any) -> Any:
    return ((picture[:, :, ::-1].astype(np.float32) - 127.5) / 128).transpose(2, 0, 1)[np.newaxis]


def letterboxed(picture: Any) -> Any:
    return cv2.copyMakeBorder(picture, 140, 140, 0, 0, cv2.BORDER_CONSTANT, value=(114, 114, 114))


WHOLE: dict[str, Any] = {
    "as it is": lambda picture: picture,
    "letterboxed": lambda picture: nchw(letterboxed(picture)),
    "squeezed": lambda picture: nchw(cv2.resize(picture, (320, 320))),
    "JPEG": lambda picture: cv2.imencode(".jpg", picture)[1].tobytes(),
}


@pytest.mark.parametrize("prepared", WHOLE)
@pytest.mark.parametrize("camera", CAMERAS)
def test_a_whole_picture_is_found_however_it_is_prepared(
    shown: dict[str, Any], recents: dict[str, Recent], camera: str, prepared: str
) -> None:
    found = match([WHOLE[prepared](shown[camera].picture)], recents)

    assert found is not None
    assert (found.source, found.how) == (camera, "content")
    assert 0.5 <= found.confidence <= 0.9


def test_the_picture_of_a_camera_that_moves_is_found_at_its_time(
    shown: dict[str, Any], recents: dict[str, Recent]
) -> None:
    found = match([shown["body"].picture], recents)

    assert found is not None
    assert found.at == pytest.approx(shown["body"].at, abs=0.1)


@pytest.mark.parametrize("prepared", WHOLE)
@pytest.mark.parametrize("camera", CAMERAS)
def test_a_picture_of_no_source_is_attributed_to_none(
    shown: dict[str, Any], recents: dict[str, Recent], camera: str, prepared: str
) -> None:
    others = {name: recent for name, recent in recents.items() if name != camera}
    assert match([WHOLE[prepared](shown[camera].picture)], others) is None


@pytest.mark.parametrize("roll", [0.0, 8.0, -8.0])
@pytest.mark.parametrize("side", [60, 100, 160])
def test_most_parts_are_found_up_to_scale_and_roll_and_the_others_left_open(
    shown: dict[str, Any], recents: dict[str, Recent], cut: Callable[..., Any], side: int, roll: float
) -> None:
    picture, places = shown["fixed"].picture, [(x, y) for x in (120, 200, 300, 400, 500) for y in (180, 250)]
    found = [match([nchw(cut(picture, x, y, side, roll))], recents) for x, y in places]
    sources = [one.source for one in found if one is not None]

    assert set(sources) == {"fixed"}
    assert len(sources) >= len(places) / 2


@pytest.mark.parametrize("turned", [False, True])
def test_a_part_is_found_within_the_borders_that_keep_its_shape(
    shown: dict[str, Any], recents: dict[str, Recent], cut: Callable[..., Any], turned: bool
) -> None:
    whole = cut(shown["fixed"].picture, 300, 180, 140)
    rows, columns = ((20, 20), (0, 0)) if turned else ((0, 0), (20, 20))
    narrow = whole[20:-20] if turned else whole[:, 20:-20]
    found = match([nchw(cv2.copyMakeBorder(narrow, *rows, *columns, cv2.BORDER_CONSTANT))], recents)

    assert found is not None
    assert found.source == "fixed"


@settings(max_examples=15)
@given(
    camera=st.sampled_from(("body", "crowd", "pole")),  # the walls of the lobby are all alike
    x=st.floats(100, 540),
    y=st.floats(100, 260),
    side=st.floats(100, 200),
    roll=st.floats(-30, 30),
)
def test_a_part_is_never_attributed_to_another_source(
    shown: dict[str, Any],
    recents: dict[str, Recent],
    cut: Callable[..., Any],
    camera: str,
    x: float,
    y: float,
    side: float,
    roll: float,
) -> None:
    part = nchw(cut(shown[camera].picture, x, y, side, roll))
    found = match([part], recents)
    others = {name: recent for name, recent in recents.items() if name != camera}

    assert found is None or found.source == camera
    assert match([part], others) is None


def test_the_same_call_gives_the_same_answer(
    shown: dict[str, Any], recents: dict[str, Recent], cut: Callable[..., Any]
) -> None:
    part = nchw(cut(shown["fixed"].picture, 300, 180, 90))
    assert match([part], recents) == match([part], recents)


def test_two_cameras_that_show_the_same_are_not_told_apart(shown: dict[str, Any]) -> None:
    twins = {"one": shown["body"].recent, "other": shown["body"].recent}
    assert match([shown["body"].picture], twins) is None


def test_a_batch_is_on_the_sources_of_its_pictures_if_all_of_them_are_found(
    shown: dict[str, Any], recents: dict[str, Recent]
) -> None:
    fixed, body = shown["fixed"].picture, shown["body"].picture
    alone = match([np.stack([fixed, fixed])], recents)
    noise = np.random.default_rng(1).integers(0, 256, fixed.shape, np.uint8)

    assert alone is not None
    assert alone.source == "fixed"
    mixed = match([np.stack([fixed, body, fixed])], recents)
    assert mixed is not None
    assert {mixed.source, *mixed.others} == {"fixed", "body"}
    assert len(mixed.others) == 1
    assert match([fixed, noise], recents) is None
    assert match([fixed, np.float32(0.5), np.zeros((1, 4))], recents) == match([fixed], recents)


def test_more_pictures_than_can_be_searched_are_not_guessed(shown: dict[str, Any], recents: dict[str, Recent]) -> None:
    assert match([np.stack([shown["fixed"].picture] * (MOST + 1))], recents) is None


@pytest.mark.parametrize("flat", [np.zeros((1, 3, 112, 112), np.float32), np.full((112, 112, 3), 255, np.uint8)])
def test_a_picture_of_nothing_is_of_no_source(recents: dict[str, Recent], flat: Any) -> None:
    assert match([flat], recents) is None


def test_where_no_source_has_shown_anything_there_is_no_match(shown: dict[str, Any]) -> None:
    picture = shown["fixed"].picture
    assert match([picture], {}) is None
    assert match([picture], {"new": Recent()}) is None
    assert match([], {"fixed": shown["fixed"].recent}) is None


def test_what_is_said_goes_before_what_is_read_and_that_before_what_is_seen(
    shown: dict[str, Any], recents: dict[str, Recent]
) -> None:
    declared, reading, picture = Declared(), Reading(), [shown["fixed"].picture]

    def how(source: str | None = None) -> tuple[str, str] | None:
        found = attribute(source, picture, declared, reading, lambda: recents)
        return found and (found.source, found.how)

    assert how() == ("fixed", "content")
    reading.read("read")
    assert how() == ("read", "thread")
    with declared.block("said"):
        assert how() == ("said", "block")
        assert how("named") == ("named", "call")
    assert attribute(None, [np.zeros((1, 4))], Declared(), Reading(), lambda: recents) is None


@pytest.mark.parametrize("camera", ["body", "pole"])
def test_a_mirrored_part_is_found(
    shown: dict[str, Any], recents: dict[str, Recent], cut: Callable[..., Any], camera: str
) -> None:
    part = cut(shown[camera].picture, 320, 180, 150)
    plain, mirrored = match([nchw(part)], recents), match([nchw(part[:, ::-1])], recents)
    assert plain is not None
    assert mirrored is not None
    assert mirrored.source == plain.source == camera


@pytest.mark.parametrize(("x", "mirrored"), [(200, False), (320, False), (320, True), (440, True)])
def test_a_part_that_was_taken_a_second_ago_is_found_where_the_camera_has_moved_since(
    shown: dict[str, Any], recents: dict[str, Recent], cut: Callable[..., Any], x: int, mirrored: bool
) -> None:
    part = cut(shown["body"].earlier, x, 180, 120)
    found = match([nchw(part[:, ::-1] if mirrored else part)], recents)

    assert found is not None
    assert found.source == "body"


@pytest.mark.parametrize("roll", [-15.0, 12.0])
@pytest.mark.parametrize("camera", ["body", "pole"])
def test_a_part_is_found_that_was_turned_after_it_was_cut_out_and_has_black_about_it(
    shown: dict[str, Any], recents: dict[str, Recent], camera: str, roll: float
) -> None:
    crop = shown[camera].picture[110:250, 250:360]
    turn = cv2.getRotationMatrix2D((55, 70), roll, 0.7)
    warped: Any = cv2.resize(cv2.warpAffine(crop, turn, (110, 140), flags=cv2.INTER_CUBIC), (88, 112))
    found = match([nchw(cv2.copyMakeBorder(warped, 0, 0, 12, 12, cv2.BORDER_CONSTANT))], recents)

    assert found is not None
    assert found.source == camera


READ = Attribution("fixed", "thread", 0.8)


def test_what_was_read_stands_where_the_pictures_bear_it_out_or_there_are_none(
    shown: dict[str, Any], recents: dict[str, Recent]
) -> None:
    assert check(READ, [np.zeros((1, 128))], recents) == READ
    found = check(READ, [shown["fixed"].picture], recents)
    assert found is not None
    assert (found.source, found.how) == ("fixed", "content")


def test_what_was_read_is_refuted_by_the_picture_of_another_camera_known_or_not(
    shown: dict[str, Any], recents: dict[str, Recent], cut: Callable[..., Any]
) -> None:
    part = [nchw(cut(shown["body"].picture, 320, 180, 150))]
    found = check(READ, part, recents)
    assert found is not None
    assert found.source == "body"
    assert check(READ, part, {"fixed": recents["fixed"]}) is None


def test_of_several_sources_that_were_read_a_picture_has_to_be_of_one_of_them(
    shown: dict[str, Any], recents: dict[str, Recent], cut: Callable[..., Any]
) -> None:
    several = Attribution("photographs", "thread", 0.8, others=("fixed",))
    own, body = ([nchw(cut(shown[name].picture, 320, 180, 150))] for name in ("fixed", "body"))
    noise = [np.random.default_rng(1).integers(0, 256, (112, 112, 3), np.uint8)]

    found = check(several, own, recents)
    assert found is not None
    assert (found.source, found.how) == ("fixed", "content")
    assert check(several, body, {"fixed": recents["fixed"]}) == several  # of photographs nothing is kept
    found = check(several, body, recents)
    assert found is not None
    assert found.source == "body"
    assert check(several, noise, recents) == several


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_camera_mounted_on_its_side_or_upside_down_is_found(
    shown: dict[str, Any], recents: dict[str, Recent], cut: Callable[..., Any], turns: int, mirrored: bool
) -> None:
    whole = np.rot90(shown["fixed"].picture, turns)
    part = np.rot90(cut(shown["fixed"].picture, 300, 180, 140), turns)
    for picture in (whole, part):
        found = match([nchw(picture[:, ::-1] if mirrored else picture)], recents)
        assert found is not None
        assert found.source == "fixed"


@pytest.mark.parametrize("roll", [30.0, -30.0])
def test_a_head_that_was_brought_upright_is_found(
    shown: dict[str, Any], recents: dict[str, Recent], cut: Callable[..., Any], roll: float
) -> None:
    found = match([nchw(cut(shown["fixed"].picture, 300, 180, 140, roll))], recents)

    assert found is not None
    assert found.source == "fixed"


@pytest.mark.parametrize(
    ("camera", "width", "height", "x", "y"), [("fixed", 60, 100, 320, 250), ("pole", 100, 60, 150, 180)]
)
def test_a_part_that_was_squeezed_to_a_square_is_found(
    shown: dict[str, Any], recents: dict[str, Recent], camera: str, width: int, height: int, x: int, y: int
) -> None:
    top, left = y - height // 2, x - width // 2
    part = shown[camera].picture[top : top + height, left : left + width]
    found = match([nchw(cv2.resize(part, (112, 112), interpolation=cv2.INTER_AREA))], recents)

    assert found is not None
    assert found.source == camera


def test_a_picture_without_detail_refutes_nothing_where_only_one_camera_is_read(recents: dict[str, Recent]) -> None:
    flat = [np.zeros((1, 3, 112, 112), np.float32)]
    assert check(READ, flat, {"fixed": recents["fixed"]}) == READ
    assert check(READ, flat, recents) is None


def test_what_was_read_is_checked_only_where_it_matters(shown: dict[str, Any], recents: dict[str, Recent]) -> None:
    reading, body = Reading(), [shown["body"].picture]
    reading.read("fixed")
    for disputed, source in ((False, "fixed"), (True, "body")):
        found = attribute(None, body, Declared(), reading, lambda: recents, disputed=lambda disputed=disputed: disputed)
        assert found is not None
        assert found.source == source
