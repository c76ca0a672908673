from typing import get_args

import numpy as np
import pytest
from helpers.clips import picture

from facewarden.streams.frame import Frame, PackedPixels, Pixels, PlanarPixels, Rotation, scale_down


def frame(pixels: Pixels, rotation: Rotation = 0) -> Frame:
    return Frame(source="x", index=0, pixels=pixels, media_time=0.0, received_at=0.0, rotation=rotation)


def grey(height: int, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.arange(height * width, dtype=np.uint32).reshape(height, width).astype(np.uint8)


def test_the_luma_of_a_plane_is_a_view_and_no_copy() -> None:
    padded = grey(48, 128)
    luma = frame(PlanarPixels(padded[:, :64])).luma

    assert luma.base is not None
    assert np.shares_memory(luma, padded)


@pytest.mark.parametrize("rotation", get_args(Rotation))
def test_every_view_of_a_turned_frame_is_upright(rotation: Rotation) -> None:
    upright = grey(40, 60)
    stored = np.ascontiguousarray(np.rot90(upright, rotation // 90))
    turned = frame(PlanarPixels(stored), rotation)

    assert turned.size == (60, 40)
    assert np.array_equal(turned.luma, upright)
    assert np.array_equal(turned.bgr()[:, :, 0], upright)
    assert np.array_equal(turned.thumbnail(60), upright)


def test_a_thumbnail_keeps_the_aspect_and_never_enlarges() -> None:
    assert frame(PlanarPixels(grey(1080, 1920))).thumbnail(320).shape == (180, 320)
    assert frame(PlanarPixels(grey(1920, 1080)), 90).thumbnail(320).shape == (180, 320)
    assert frame(PlanarPixels(grey(99, 101))).thumbnail(320).shape == (99, 101)


@pytest.mark.parametrize("size", [(320, 180), (101, 57), (1, 1)])
def test_scaling_down_averages(size: tuple[int, int]) -> None:
    ramp = np.tile(np.linspace(0, 255, 1920).astype(np.uint8), (1080, 1))
    noisy = (ramp // 2 + np.random.default_rng(0).integers(0, 128, ramp.shape)).astype(np.uint8)
    scaled = scale_down(noisy, size).astype(float)

    assert scaled.shape == size[::-1]
    assert abs(scaled.mean() - noisy.mean()) < 1 + 40 / np.sqrt(scaled.size)
    assert (scaled - scale_down(ramp, size) / 2).std() < 25


def test_colour_and_luma_of_packed_pixels_agree_in_either_order() -> None:
    rgb = picture(3)
    bgr = np.ascontiguousarray(rgb[:, :, ::-1])

    assert np.array_equal(frame(PackedPixels(rgb, "rgb")).bgr(), bgr)
    assert np.array_equal(frame(PackedPixels(rgb, "rgb")).luma, frame(PackedPixels(bgr)).luma)


@pytest.mark.parametrize("height", [99, 180, 360])
def test_a_thumbnail_stays_when_a_host_fills_its_array_with_the_next_picture(height: int) -> None:
    plane = grey(height, 320)
    small = frame(PlanarPixels(plane)).thumbnail(320)
    before = small.copy()
    plane[:] = 255 - plane

    assert np.array_equal(small, before)


@pytest.mark.parametrize("height", [1080, 2160, 4320])
@pytest.mark.parametrize("side", [8, 20])
def test_a_very_small_thumbnail_of_a_large_colour_picture_is_of_its_brightness(height: int, side: int) -> None:
    ramp = np.linspace(0, 255, height * 16 // 9).astype(np.uint8)
    packed = np.broadcast_to(ramp[None, :, None], (height, len(ramp), 3))

    small = frame(PackedPixels(np.ascontiguousarray(packed))).thumbnail(side)
    assert np.abs(small - np.linspace(0, 255, 2 * side + 1)[1::2]).max() < 255 / side


def test_a_packed_and_a_planar_thumbnail_of_one_picture_agree() -> None:
    plane = scale_down(np.random.default_rng(1).integers(0, 256, (1080, 1920), np.uint8), (480, 270))
    packed = np.repeat(plane[:, :, None], 3, axis=2)

    planar = frame(PlanarPixels(plane)).thumbnail(320).astype(int)
    assert np.abs(planar - frame(PackedPixels(packed)).thumbnail(320)).max() <= 1


def test_odd_sizes_keep_their_colour_planes() -> None:
    luma, chroma = np.full((47, 63), 120, np.uint8), np.full((24, 32), 128, np.uint8)

    for planes in ((chroma, chroma), (np.stack([chroma, chroma], axis=-1),)):
        bgr = frame(PlanarPixels(luma, planes)).bgr()
        assert bgr.shape == (47, 63, 3)
        assert np.ptp(bgr) == 0


@pytest.mark.parametrize("rotation", get_args(Rotation))
def test_a_part_of_the_brightness_is_that_part_of_all_of_it(rotation: Rotation) -> None:
    colour = np.random.default_rng(2).integers(0, 256, (48, 64, 3), np.uint8)
    rows, columns = slice(5, 30), slice(10, 70)
    for pixels in (PackedPixels(colour), PackedPixels(colour, "rgb"), PlanarPixels(colour[:, :, 0])):
        turned = frame(pixels, rotation)
        whole = np.rot90(pixels.luma(), -rotation // 90)
        assert np.array_equal(turned.luma_in(rows, columns), whole[rows, columns])


def test_a_part_of_a_plane_is_a_view() -> None:
    plane = grey(48, 64)
    assert np.shares_memory(frame(PlanarPixels(plane)).luma_in(slice(0, 9), slice(0, 9)), plane)


@pytest.mark.parametrize("rotation", get_args(Rotation))
def test_every_view_of_a_part_is_that_part_of_the_view(rotation: Rotation) -> None:
    colour = picture(0, (64, 48))
    for whole in (
        frame(PackedPixels(colour), rotation),
        frame(PlanarPixels(np.ascontiguousarray(colour[:, :, 1])), rotation),
    ):
        rows, columns = slice(4, 40), slice(8, 44)
        part = whole.inside(rows, columns)

        assert part.size == (36, 36)
        assert np.array_equal(part.luma, whole.luma[rows, columns])
        assert np.array_equal(part.luma_in(slice(2, 9), slice(1, 5)), whole.luma[6:13, 9:13])
        assert np.array_equal(part.bgr(), whole.bgr()[rows, columns])
        assert np.array_equal(part.thumbnail(36), part.luma)
        assert np.array_equal(part.inside(slice(2, 9), slice(1, 5)).luma, whole.luma[6:13, 9:13])
