import numpy as np

from facewarden.detector.mobility.overlay import Overlay

SHAPE = (11, 20)


def blocks(rows: slice) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    mask = np.zeros(SHAPE, np.bool_)
    mask[rows] = True
    return mask


def test_what_stays_while_the_rest_moves_is_an_overlay() -> None:
    overlay = Overlay(SHAPE)
    for _ in range(3):
        overlay.rest_moved(blocks(slice(0, 2)))

    assert np.array_equal(overlay.mask, blocks(slice(0, 2)))


def test_staying_once_or_now_and_then_is_not_enough() -> None:
    overlay = Overlay(SHAPE)
    overlay.rest_moved(blocks(slice(0, 2)))
    assert not overlay.mask.any()

    for _ in range(3):
        overlay.rest_moved(blocks(slice(5, 6)))
    assert not overlay.mask[:2].any()


def test_black_bars_are_masked_and_a_dark_picture_is_not() -> None:
    letterboxed = np.full((88, 160), 120, np.uint8)
    letterboxed[:10] = letterboxed[-10:] = 16
    overlay = Overlay(SHAPE)

    overlay.find_bars(letterboxed)
    assert np.array_equal(overlay.mask, blocks(slice(0, 2)) | blocks(slice(9, 11)))

    overlay.find_bars(np.full((88, 160), 16, np.uint8))
    assert not overlay.mask.any()
