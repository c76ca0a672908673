import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.identity import Slot
from facewarden.detector.identity.feeding import attempts, may_be_points
from facewarden.detector.identity.layout import is_unusual, layouts, may_be_picture, may_take_picture, takes_strips
from facewarden.detector.identity.model import WORDS

FACE = np.full((112, 112), 255, np.uint8)


@pytest.mark.parametrize(
    ("shape", "dtype", "fed", "highest"),
    [
        ((1, 3, 112, 112), "float32", (1, 3, 112, 112), 1.0),
        ((None, 3, 112, 96), "float16", (1, 3, 112, 96), 1.0),
        ((1, 224, 224, 3), "uint8", (1, 224, 224, 3), 255),
        ((1, 160, 160, 3), "int8", (1, 160, 160, 3), 127),
        ((None, 3, None, None), "float32", (1, 3, 112, 112), 1.0),
        ((None, None, None, None), "float32", (1, 3, 112, 112), 1.0),
        ((128, 128, 1), "float32", (128, 128, 1), 1.0),
        ((None, None, 112, 112), "float32", (1, 3, 112, 112), 1.0),
        ((1, 1, 3 * 112 * 112), "float32", (1, 1, 3 * 112 * 112), 1.0),
        ((1, 112 * 112, 1), "float32", (1, 112 * 112, 1), 1.0),
        ((1, 112, 112, 3), "int64", (1, 112, 112, 3), 255),
        ((None, 3 * 112 * 112), "float32", (1, 3 * 112 * 112), 1.0),
        ((112, 112), "float32", (112, 112), 1.0),
        ((112, 336), "uint8", (112, 336), 255),
        ((112, 336), "int8", (112, 336), 127),
        ((112, 96), "float32", (112, 96), 1.0),
        ((336, 96), "float32", (336, 96), 1.0),
        ((1, 1, 3, 112, 112), "float32", (1, 1, 3, 112, 112), 1.0),
        ((1, 3, 16, 112, 112), "float32", (1, 3, 16, 112, 112), 1.0),
        ((8, 3, 112, 112), "float32", (8, 3, 112, 112), 1.0),
        ((1, 6, 112, 112), "float32", (1, 6, 112, 112), 1.0),
        ((1, 112, 112, 9), "uint8", (1, 112, 112, 9), 255),
        ((1, 1280, 960, 3), "float32", (1, 1280, 960, 3), 1.0),
    ],
)
def test_a_picture_is_fed_as_the_model_takes_it(
    shape: tuple[int | None, ...], dtype: str, fed: tuple[int, ...], highest: float
) -> None:
    (array,) = next(attempts([Slot(shape, dtype)])).arrays(FACE)

    assert (array.shape, array.dtype, array.max()) == (fed, dtype, highest)


@pytest.mark.parametrize("slot", [Slot((64, 64), "int64"), Slot((16, 100)), Slot((64, 200)), Slot((None, 64))])
def test_rows_of_words_and_of_measurements_are_no_picture(slot: Slot) -> None:
    assert not [attempt for attempt in attempts([slot]) if attempt.layout.axes == "PP"]


def test_a_box_beside_the_picture_lies_around_all_of_it() -> None:
    boxes = [tuple(one.arrays(FACE)[1][0]) for one in attempts([Slot((1, 3, 112, 96)), Slot((None, 5), "int64")])]

    assert {(0, 0, 0, 96, 112), (0, 0, 0, 1, 1)} < set(boxes)


def test_a_free_size_is_tried_at_those_that_recognisers_take() -> None:
    sizes = {attempt.size for attempt in attempts([Slot((1, 3, None, None))])}

    assert {(112, 112), (160, 160), (112, 96), (128, 128)} <= sizes


def test_large_pictures_are_fed_on_the_likelier_scales_alone() -> None:
    tried = {side: len(list(attempts([Slot((1, 3, side, side))]))) for side in (224, 256)}

    assert tried[256] < tried[224]


@pytest.mark.parametrize("shape", [(None, 901, 161), (1, 1, 64, 500), (1, 998, 64, 1), (1, 3, 48, 320)])
def test_spectrograms_and_lines_of_text_are_no_pictures_of_faces(shape: tuple[int | None, ...]) -> None:
    assert not list(attempts([Slot(shape)]))
    assert takes_strips(Slot(shape))


@pytest.mark.parametrize(
    "shape",
    [
        (1, 3, 112, 112),
        (1, 3, 64, 256),
        (None, 3, None, None),
        (1, 3, 48, None),
        (1, 512),
        (1, 3, 3, 1792),  # what half a recogniser takes
        (1, 4, 4, 512),
        (1, 1, 1, 512),
    ],
)
def test_others_may_be(shape: tuple[int | None, ...]) -> None:
    assert not takes_strips(Slot(shape))


def test_a_picture_in_parts_and_one_of_any_number_of_colours_may_be_one() -> None:
    parts_of_14x14 = (1, 64, 588)

    assert [may_be_picture(Slot(shape)) for shape in (parts_of_14x14, (None, 112, 112, None))] == [True, True]


def test_a_picture_whose_batch_comes_last_is_not_too_small_for_one() -> None:
    assert [may_be_picture(Slot(shape)) for shape in ((112, 112, 1, 1), (2, 3, 4, 5))] == [True, False]


@pytest.mark.parametrize(
    ("what", "slot"),
    [
        ("said before, for each head", Slot((None, 8, None, 64))),
        ("states of an encoder", Slot((None, None, 1024))),
        ("rows of numbers", Slot((1024, 63))),
        ("said before, in another order", Slot((None, None, 8, 64))),
        ("words", Slot((1, 1), WORDS)),
    ],
)
def test_what_holds_no_picture_is_not_taken_for_one(what: str, slot: Slot) -> None:
    assert not may_be_picture(slot), what
    assert not layouts(slot)


def test_a_picture_may_come_as_a_column_or_with_one_side_free_and_what_was_said_before_comes_twice() -> None:
    column, one_side_free = Slot((3 * 112 * 112, 1)), Slot((1, 12, None, 56))

    assert [may_take_picture([one]) for one in (column, one_side_free)] == [True, True]
    assert not may_take_picture([one_side_free, one_side_free])


@pytest.mark.parametrize("shape", [(1, 5, 2), (1, 2, 5), (1, 5, 3), (1, 68, 2), (10,)])
def test_places_of_a_face_may_be_listed_in_any_way(shape: tuple[int, ...]) -> None:
    assert may_be_points(Slot(shape))
    assert not may_be_points(Slot(shape, WORDS))


@pytest.mark.parametrize("shape", [(1, 3, 12544), (None, 12544, 3)])
def test_a_picture_may_lie_flat_channel_by_channel_or_pixel_by_pixel(shape: tuple[int | None, ...]) -> None:
    picture = np.arange(112 * 112).reshape(112, 112).astype(np.uint8)
    attempt = next(one for one in attempts([Slot(shape)]) if one.scale == "0..255")
    (array,) = attempt.arrays(picture)

    assert (array if shape[1] == 3 else np.moveaxis(array, 1, 2)).tolist() == [[picture.ravel().tolist()] * 3]


def test_as_many_channels_as_no_layer_has_are_no_half_of_a_network() -> None:
    assert [is_unusual([Slot((1, channels, 28, 28))]) for channels in (24, 17, 3)] == [True, False, False]


def test_five_points_beside_the_picture_are_those_of_a_face_that_fills_it() -> None:
    tries = list(attempts([Slot((1, 3, 224, 224)), Slot((1, 5, 2))]))
    points = {attempt.box: attempt.arrays(FACE)[1][0] for attempt in tries}

    assert np.allclose(points["pixels"], points["sides"] * 224)
    assert np.allclose(points["halves"], points["sides"] * 2 - 1, atol=1e-5)
    assert (points["sides"][0] < points["sides"][4]).all()  # an eye is left of and above the other corner of the mouth
    assert {float(points[""].max())} <= {0.0, 1.0}


def test_a_clip_in_which_something_has_to_change_grows_darker() -> None:
    (same,), (changing,) = (
        next(attempts([Slot((1, 4, 3, 112, 112))], tinted=tinted)).arrays(FACE) for tinted in (False, True)
    )

    assert np.ptp(same.mean((0, 2, 3, 4))) == 0
    assert (np.diff(changing.mean((0, 2, 3, 4))) < 0).all()


def test_a_setting_beside_the_picture_is_one_and_in_a_second_try_zero() -> None:
    tries = list(attempts([Slot((None, 3)), Slot((1, 3, 112, 112))]))
    setting, picture = tries[0].arrays(FACE)

    assert (setting.shape, setting.min(), picture.any()) == ((1, 3), 1, True)
    assert {float(attempt.arrays(FACE)[0].max()) for attempt in tries} == {0.0, 1.0}


def test_a_flag_is_off_and_a_mask_covers_all() -> None:
    flag, mask, picture = next(attempts([Slot((), "bool"), Slot((1, 1, 112, 112)), Slot((1, 3, 112, 112))])).arrays(
        FACE
    )

    assert (bool(flag), mask.min(), picture.max()) == (False, 1, 1)


def test_a_model_of_two_pictures_gets_two() -> None:
    first, second = next(attempts([Slot((1, 3, 112, 112))] * 2)).arrays(FACE, FACE // 2)

    assert (first.max(), second.max() < 0.01) == (1.0, True)


def test_so_does_one_of_pictures_of_two_sizes_but_not_one_with_a_mask() -> None:
    larger, smaller, mask = next(
        attempts([Slot((1, 3, 112, 112)), Slot((1, 3, 64, 80)), Slot((1, 1, 112, 112))])
    ).arrays(FACE, FACE // 2)

    assert (larger.max(), smaller.shape, smaller.max() < 0.01) == (1.0, (1, 3, 64, 80), True)
    assert (mask.min(), mask.max()) == (1, 1)


def test_an_opaque_fourth_channel_and_the_colour_of_skin() -> None:
    (array,) = next(attempts([Slot((1, 4, 112, 112))], tinted=True)).arrays(FACE // 2)

    assert array[0, 0].max() > array[0, 1].max() > array[0, 2].max()
    assert array[0, 3].min() == 1


@given(st.lists(st.one_of(st.none(), st.integers(1, 5000)), max_size=6))
def test_whatever_the_shape_an_attempt_fills_it(shape: list[int | None]) -> None:
    for attempt in attempts([Slot(tuple(shape))]):
        (slot,) = attempt.inputs
        assert all(want in (None, side) for want, side in zip(shape, slot.shape, strict=True))
