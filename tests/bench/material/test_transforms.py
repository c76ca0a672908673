"""The transformations do what their names say, the same each time, and say what may be answered."""

from functools import partial
from itertools import pairwise
from pathlib import Path as FilePath

import cv2
import msgspec
import numpy as np
import pytest

from facewarden.bench.material.corpus import Clip
from facewarden.bench.material.transforms import (
    KINDS,
    Kind,
    Material,
    Shot,
    gather,
    looked_at,
    read,
    to_and_fro,
    variants,
)
from facewarden.bench.material.transforms.paths import Path, follow
from facewarden.bench.material.transforms.textures import share_of, speckle
from facewarden.streams.frame import Image

PLACE = np.tile(np.arange(0, 250, 5, dtype=np.uint8), (40, 2))
MATERIAL = Material(stills=(PLACE,))


def clip(scene: str, seconds: float = 2.0, fps: float = 30.0) -> Clip:
    url = f"synthetic:{scene}?seed=3&seconds={seconds}&fps={fps}&size=320x180"
    return Clip(name=f"{scene}-{fps:g}", path=url, label="body" if scene == "body" else "fixed", repo="a/a")  # pyright: ignore


FIXED, MOBILE = read(clip("fixed")), read(clip("body"))


def laid(name: str, shots: list[Shot] | None = None, seed: int = 0, material: Material = MATERIAL) -> list[Shot]:
    return list(KINDS[name].transform(shots or MOBILE, np.random.default_rng(seed), material))


def covered(plain: list[Shot], shots: list[Shot]) -> float:
    """The share of what changes in the plain pictures that does so no longer."""
    before, after = (np.stack([picture for _, picture in some]).std(axis=0) for some in (plain, shots))
    return float(np.clip(1 - after / before, 0, 1).mean())


def went(shots: list[Shot]) -> Path:
    path = follow(shots)
    assert path is not None
    return path


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_gives_luma_of_one_size_in_order_and_the_same_from_the_same_seed(kind: Kind) -> None:
    begun = [MOBILE[0][1].copy(), MOBILE[20][1].copy()]
    once, again = laid(kind.name), laid(kind.name)

    assert all(sooner < later for (sooner, _), (later, _) in pairwise(once))
    assert len({picture.shape for _, picture in once}) == 1
    assert all(picture.dtype == np.uint8 and picture.ndim == 2 for _, picture in once)
    assert [at for at, _ in once] == [at for at, _ in again]
    assert all(np.array_equal(one, other) for (_, one), (_, other) in zip(once, again, strict=True))
    assert np.array_equal(begun, [MOBILE[0][1], MOBILE[20][1]])  # what it was laid over is left as it is


@pytest.mark.parametrize("name", ["windscreen", "mesh", "display", "raindrops", "hand", "crowd", "night"])
def test_another_seed_draws_another_one(name: str) -> None:
    assert not np.array_equal(laid(name, seed=1)[9][1], laid(name, seed=2)[9][1])


def test_every_answer_that_is_best_is_accepted_and_a_mobile_camera_may_never_be_called_fixed() -> None:
    for kind in KINDS.values():
        for expected in filter(None, (kind.over_mobile, kind.over_fixed)):
            assert expected.best in expected.accepted
        assert kind.over_mobile is None or "fixed" not in kind.over_mobile.accepted


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        *(("windscreen", 0.15, 0.65), ("cabin", 0.15, 0.65), ("hood-20", 0.15, 0.3), ("hood-40", 0.3, 0.5)),
        *(("banner-40", 0.38, 0.45), ("captions", 0.15, 0.4), ("display", 0.02, 0.3), ("mesh", 0.1, 0.6)),
        *(("still-within", 0.53, 0.6), ("dirt", 0.05, 0.6)),
    ],
)
def test_what_stands_covers_the_share_that_is_said(name: str, least: float, most: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 180, 320), np.uint8)
    moving = [(index / 10, picture) for index, picture in enumerate(noise)]

    for seed in range(4):
        assert least <= covered(moving, laid(name, moving, seed)) <= most


def test_a_picture_within_a_still_is_all_that_moves() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 180, 320), np.uint8)
    shown = laid("within-still", [(index / 10, picture) for index, picture in enumerate(noise)])

    assert (np.ptp([picture for _, picture in shown], axis=0) > 0).mean() == pytest.approx(0.55, abs=0.01)


def test_an_overlay_is_the_same_in_every_picture_and_what_is_before_the_lens_has_noise() -> None:
    first, *_, last = (picture for _, picture in laid("banner-40"))
    assert (first == last).mean() > 0.4

    hoods = [[picture[-20:].astype(int) for _, picture in laid("hood-40", seed=seed)] for seed in range(7)]
    changed = [np.abs(hood[0] - hood[-1]).mean() for hood in hoods]
    assert max(changed) < 20  # the sky in the paint
    assert sum(change > 0.5 for change in changed) >= 3  # else a codec took the noise away


def test_real_places_are_what_overlays_are_made_of() -> None:
    other = Material(stills=(np.ascontiguousarray(PLACE.T),))

    assert not np.array_equal(laid("banner-40")[0][1], laid("banner-40", material=other)[0][1])
    assert laid("banner-40", material=Material())[0][1].std() > 10  # without any, of noise


@pytest.mark.parametrize(
    ("name", "size", "rows", "columns"),
    [
        ("pillarbox", (180, 320), slice(0, 180), slice(109, 210)),
        ("letterbox", (240, 320), slice(52, 188), slice(0, 320)),
        ("windowbox", (180, 320), slice(36, 144), slice(64, 256)),
    ],
)
def test_black_bars_stand_round_the_view(name: str, size: tuple[int, int], rows: slice, columns: slice) -> None:
    shown = laid(name)[0][1]
    around = np.ones(size, bool)
    around[rows, columns] = False

    assert shown.shape == size
    assert (shown[around] == 16).all()
    assert shown[rows, columns].std() > 10


@pytest.mark.parametrize("rate", [1, 2, 4, 8])
def test_low_rates_have_so_many_pictures_a_second(rate: int) -> None:
    assert len(laid(f"rate-{rate}")) == 2 * rate


def test_copies_fill_up_a_stream_of_one_picture_a_second() -> None:
    shown = laid("copies-1s")

    assert [at for at, _ in shown] == [at for at, _ in MOBILE]
    assert all(np.array_equal(picture, shown[0][1]) for at, picture in shown if at - shown[0][0] < 0.99)
    assert len({picture.tobytes() for _, picture in shown}) == 2


@pytest.mark.parametrize("fps", [10, 25, 30])
def test_a_guard_that_looks_every_tenth_of_a_second_sees_the_first_picture_alone(fps: float) -> None:
    shots = read(clip("body", 1.5, fps))
    shown = laid("still-each-0.1s", shots)
    first = shots[0][1]
    seen = {round(at, 4): np.array_equal(picture, first) for at, picture in shown}

    assert all(seen[round(tenth / 10, 4)] for tenth in range(15))
    assert sum(not still for still in seen.values()) >= len(shots) / 2


def test_what_stood_trembles_and_then_drives_as_the_clip_does() -> None:
    shown = laid("stood-then-drives")
    begun = shown[-1][0] - MOBILE[-1][0]
    standing = [(at, picture) for at, picture in shown if at < begun - 0.05]

    assert 15 <= begun <= 20
    assert went(standing).extent < 0.01
    assert not np.array_equal(standing[0][1], standing[1][1])
    assert all(np.array_equal(one, other) for (_, one), (_, other) in zip(shown[-60:], MOBILE, strict=True))
    assert laid("only-stood")[-1][0] == pytest.approx(24.9)


def test_twenty_kilobits_a_second_keep_the_times_and_lose_the_detail() -> None:
    shown = laid("20-kbit")

    assert [at for at, _ in shown] == pytest.approx([at for at, _ in MOBILE], abs=1e-4)
    assert detail(shown[50][1]) < 0.5 * detail(MOBILE[50][1])


def detail(picture: Image) -> float:
    small = cv2.resize(picture, (160, 90), interpolation=cv2.INTER_AREA)
    return float(np.var(cv2.Laplacian(small, cv2.CV_32F)))


def test_without_a_signal_nothing_of_the_clip_is_left() -> None:
    for name in ("noise-alone", "test-card", "blank"):
        assert all(
            np.array_equal(one, other)
            for (_, one), (_, other) in zip(laid(name, MOBILE), laid(name, FIXED), strict=True)
        )


@pytest.mark.parametrize("name", ["rain", "snow", "leaves", "crowd", "sitter"])
def test_what_moves_before_a_fixed_camera_leaves_some_of_it_and_moves(name: str) -> None:
    plain, shown = FIXED[0][1].astype(int), laid(name, [(at, FIXED[0][1]) for at, _ in FIXED])
    changed = [np.abs(picture - plain) > 10 for _, picture in shown]

    assert 0.005 < np.mean(changed) < 0.9
    assert not np.array_equal(changed[0], changed[15])


# --- motion -----------------------------------------------------------------------------------------------------------


def test_a_way_that_is_laid_on_is_the_way_that_is_measured() -> None:
    times = np.arange(0, 2, 1 / 30)
    way = Path(times, np.stack([0.03 * np.sin(3 * times), 0.02 * np.sin(5 * times), 0.02 * times, 0 * times], axis=1))
    shown = laid("hand", FIXED, material=Material(paths=(way,)))
    measured = went(shown).poses

    laid_on = way.poses - way.poses.mean(axis=0)
    assert measured[:, :3] == pytest.approx((laid_on - laid_on[0])[:, :3] * (1.6, 1.6, 1), abs=0.012)


@pytest.mark.parametrize(
    ("name", "least", "most"), [("unmoved", 0, 0.005), ("sway", 0.001, 0.03), ("hand", 0.01, 0.4), ("pan", 0.02, 0.8)]
)
def test_twins_move_as_far_as_their_camera_does(name: str, least: float, most: float) -> None:
    still = [(at, FIXED[0][1]) for at in np.arange(0, 6, 0.1).tolist()]

    assert least <= went(laid(name, still)).extent <= most


def test_a_drift_goes_two_to_four_hundredths_of_the_picture_in_ten_seconds() -> None:
    still = [(at, FIXED[0][1]) for at in np.arange(0, 10.1, 0.1).tolist()]

    for seed in range(3):
        first, *_, last = laid("drift", still, seed)
        (right, down), _ = cv2.phaseCorrelate(first[1].astype(np.float32), last[1].astype(np.float32))
        assert 0.015 <= np.hypot(right, down) / first[1].shape[1] <= 0.05


def test_near_things_go_further_than_far_ones_where_a_camera_travels() -> None:
    texture = np.clip(128 + 40 * speckle(np.random.default_rng(0), (180, 320), 2.0), 0, 255).astype(np.uint8)
    still = [(at, texture) for at in np.arange(0, 4, 0.1).tolist()]
    shown = laid("travel", still)
    height = shown[0][1].shape[0]

    above, below = (
        went([(at, picture[rows]) for at, picture in shown]).poses[:, 0]
        for rows in (slice(0, height // 3), slice(2 * height // 3, height))
    )
    assert np.abs(above - below).max() > 0.005


def test_a_stabiliser_takes_the_shake_away() -> None:
    shaken, steadied = went(MOBILE).poses, went(laid("stabilised")).poses

    def unrest(poses: np.ndarray) -> float:
        return float(np.abs(np.diff(poses[:, :2], axis=0)).mean())

    assert unrest(steadied) < 0.7 * unrest(shaken)


def test_a_way_stays_within_reach_and_comes_back() -> None:
    way = Path(np.array([0.0, 1.0, 2.0]), np.array([[0.0, 0, 0, 0], [1.0, 0, 0, 0], [2.0, 0, 0, 0]]))

    assert way.within(0.1).extent <= 0.1 + 1e-9
    assert way.at(1.5)[0] == pytest.approx(1.5)
    assert way.at(2.5)[0] == pytest.approx(1.5)
    assert follow(MOBILE[:1]) is None


# --- reading ----------------------------------------------------------------------------------------------------------


def test_forwards_and_backwards_a_clip_lasts_as_long_as_asked_without_a_cut() -> None:
    longer = list(to_and_fro(FIXED, 5.0))
    steps = [later - sooner for (sooner, _), (later, _) in pairwise(longer)]

    assert 4.9 < longer[-1][0] < 5.0
    assert steps == pytest.approx([1 / 30] * len(steps))
    assert longer[60][1] is FIXED[58][1]
    assert list(to_and_fro(FIXED[:1], 5.0)) == FIXED[:1]


def test_a_clip_is_read_as_far_as_asked_and_one_that_is_not_there_gives_nothing() -> None:
    assert len(read(clip("body"), 1.0)) == 30
    assert read(Clip(name="none", path=FilePath("none.mp4"), label="fixed", repo="a/a")) == []


def test_an_estimator_is_shown_ten_pictures_a_second_of_320_pixels() -> None:
    (shown,) = variants(clip("body"), 0, kinds=[KINDS["plain"]])

    assert [at for _, at in shown.looks] == pytest.approx(np.arange(0, 2, 0.1), abs=0.05)  # drawn, as a guard does
    assert {picture.shape for picture, _ in shown.looks} == {(180, 320)}


@pytest.mark.parametrize("name", ["plain", "20-kbit"])
def test_which_pictures_are_looked_at_can_be_chosen(name: str) -> None:
    (shown,) = variants(clip("body"), 0, kinds=[KINDS[name]], choose=partial(looked_at, period=0.5, begin=0.05))

    turns = [0.05, 0.55, 1.05, 1.55, 2.05][: max(4, len(shown.looks))]  # the clip ends just before the last
    assert [at for _, at in shown.looks] == pytest.approx(turns, abs=0.2)  # each drawn about its turn


def test_variants_are_the_same_whatever_other_kinds_are_asked_for() -> None:
    some = [KINDS[name] for name in ("mesh", "hand", "20-kbit")]
    together = {variant.kind.name: variant for variant in variants(clip("body"), 1, MATERIAL, some)}
    (alone,) = variants(clip("body"), 1, MATERIAL, some[:1])

    assert list(together) == ["mesh", "20-kbit"]  # a hand is laid on fixed clips alone
    assert together["mesh"].expected.best == "mobile"
    assert all(
        np.array_equal(one, other) and at == later
        for (one, at), (other, later) in zip(together["mesh"].looks, alone.looks, strict=True)
    )


def test_stills_come_from_fixed_clips_and_ways_from_mobile_ones_that_moved() -> None:
    parked = msgspec.structs.replace(clip("fixed"), label="dash")
    material = gather([parked, clip("fixed"), clip("body"), clip("body", 1.0), clip("fixed", 1.0)], stills=1, paths=1)

    assert [still.shape for still in material.stills] == [(180, 320)]
    assert [way.times[-1] for way in material.paths] == [pytest.approx(2.0, abs=0.15)]


def test_speckle_is_even_at_every_grain() -> None:
    for grain in (0.5, 3.0, 20.0):
        plane = speckle(np.random.default_rng(1), (90, 160), grain)

        assert plane.std() == pytest.approx(1, abs=1e-3)
        assert share_of(plane, 0.3).mean() == pytest.approx(0.3, abs=0.01)
