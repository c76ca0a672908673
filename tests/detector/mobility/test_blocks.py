import numpy as np
import pytest
from numpy.typing import NDArray

from facewarden.detector.mobility.blocks import Grid, compare, describe, faint
from facewarden.detector.mobility.measures import Compared
from facewarden.detector.mobility.view import BLOCK, SIDE, View, block_sums

Grey = NDArray[np.uint8]
NOISE = 4.0


def texture(seed: int = 0, contrast: float = 60.0, size: tuple[int, int] = (180, 320)) -> Grey:
    """Smooth noise, twice as large as a view, so that half pixels of it are whole ones here."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft2(rng.normal(size=size))
    rows, columns = np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None]
    smooth = np.fft.irfft2(spectrum * np.exp(-((rows**2 + columns**2) * 800)), size)
    return np.clip(128 + contrast * smooth / smooth.std(), 0, 255).astype(np.uint8)


def view(luma: Grey) -> View:
    return View(luma, 0.0)


def measures(new: Grey, old: Grey, masked: bool = False) -> Compared:
    pair = compare(view(new), view(old), NOISE)
    grid = Grid((pair.still.shape[0], pair.still.shape[1]))
    return describe(pair, grid, np.full(grid.shape, masked))


def test_a_view_is_160_wide_in_whole_blocks_whatever_comes_in() -> None:
    for size in ((180, 320), (320, 180), (144, 176), (1080, 1920), (61, 97), (15, 320), (1, 320)):
        small = view(np.zeros(size, np.uint8))
        assert max(small.grey.shape) == SIDE
        assert all(side % BLOCK == 0 for side in small.grey.shape)
        assert small.energy.shape == (small.grey.shape[0] // BLOCK, small.grey.shape[1] // BLOCK)


def test_block_sums_add_up_each_block_of_each_plane() -> None:
    planes = np.arange(2 * 16 * 24, dtype=np.float32).reshape(2 * 16, 24)

    assert block_sums(planes, 2) == pytest.approx(planes.reshape(2, 2, 8, 3, 8).sum((2, 4)))


def test_a_change_of_light_leaves_everything_where_it_was() -> None:
    still = texture()
    brighter = (still * 0.7 + 40).astype(np.uint8)

    assert measures(brighter, still).cover == 1.0
    assert measures(brighter, still).exact > 0.95


@pytest.mark.parametrize("pixels", [(1, 0), (0, 1), (-1, 1)])
def test_a_shift_of_half_a_pixel_is_measured_in_every_block(pixels: tuple[int, int]) -> None:
    moved = np.roll(texture(), pixels, axis=(1, 0))
    pair = compare(view(moved), view(texture()), NOISE)
    good = pair.measurable & (pair.aligned > 0.9)

    assert np.median(pair.across[good]) == pytest.approx(-pixels[0] / 2, abs=0.06)
    assert np.median(pair.down[good]) == pytest.approx(-pixels[1] / 2, abs=0.06)


def test_nothing_holds_where_all_has_moved_or_is_another_thing() -> None:
    for other in (np.roll(texture(), 12, axis=1), texture(seed=1)):
        result = measures(other, texture())
        assert result.cover < 0.1
        assert result.gone > 0.5


def test_what_stands_is_found_around_what_moves() -> None:
    crowded = texture()
    crowded[40:140, 80:240] = texture(seed=1)[40:140, 80:240]
    result = measures(crowded, texture())

    assert 0.6 < result.cover < 0.9
    assert result.sides == 1.0
    assert result.middle_gone > 0.3


def test_masked_blocks_are_no_evidence() -> None:
    masked = measures(texture(), texture(), masked=True)

    assert (masked.cover, masked.middle) == (0.0, 0.0)
    assert np.isnan(masked.still)


def test_the_rim_stands_round_someone_who_fills_the_middle_and_below() -> None:
    before = texture()
    seated = before.copy()
    seated[45:, 80:240] = texture(seed=1)[45:, 80:240]
    result = measures(seated, before)

    assert (result.rim, result.rim_gone) == (1.0, 0.0)
    assert result.core == 0.0
    assert result.core_gone >= 0.5


def test_the_faint_structure_of_a_wall_holds_only_where_it_is_the_same_wall() -> None:
    wall = texture(contrast=2.0)

    for other, held in ((wall, True), (texture(seed=1, contrast=2.0), False)):
        pair = compare(view(other), view(wall), NOISE)
        grid = Grid((pair.still.shape[0], pair.still.shape[1]))
        assert not pair.textured.any()
        assert (faint(pair, grid, np.zeros(grid.shape, np.bool_)) > 0.6) is held
