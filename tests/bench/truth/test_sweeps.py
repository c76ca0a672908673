"""The stimuli have what their level says, and the tables count it."""

import numpy as np
import pytest

from facewarden.bench.material import stimuli
from facewarden.bench.material.stimuli import Base, Clip
from facewarden.bench.truth import sweeps
from facewarden.bench.truth.sweeps import SWEEPS, Trial
from facewarden.streams.frame import Image

BASE = Base("fixed", 0, 0.5)


def pictures(clip: Clip) -> list[Image]:
    return [picture for _, picture in clip]


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.name)
def test_every_sweep_gives_luma_in_order_and_the_same_each_time(sweep: sweeps.Sweep) -> None:
    level = sweep.levels[2]
    once, again = list(sweep.clip(BASE, level)), list(sweep.clip(BASE, level))

    assert [at for at, _ in once] == sorted({at for at, _ in again})
    assert all(np.array_equal(one, other) for (_, one), (_, other) in zip(once, again, strict=True))
    assert all(picture.dtype == np.uint8 and picture.ndim == 2 for _, picture in once)


@pytest.mark.parametrize("percent", [0, 20, 60, 95])
def test_foreground_and_overlay_cover_the_share_they_say(percent: float) -> None:
    plain = pictures(stimuli.noise(Base("fixed", 0, 2.0), 0))
    for play, tolerance in ((stimuli.foreground, 8), (stimuli.overlay, 1)):
        covered = pictures(play(Base("fixed", 0, 2.0), percent))
        share = np.mean([(one != other).mean() for one, other in zip(plain, covered, strict=True)])
        assert 100 * share == pytest.approx(percent, abs=tolerance)


def test_the_foreground_moves_and_the_overlay_stands() -> None:
    first, *_, last = pictures(stimuli.foreground(BASE, 95))
    assert (first != last).mean() > 0.9

    first, *_, last = pictures(stimuli.overlay(BASE, 40))
    assert np.array_equal(first[:36], last[:36])


def test_noise_has_the_deviation_it_says() -> None:
    plain, noisy = (pictures(stimuli.noise(BASE, level)) for level in (0, 6))
    difference = np.stack(noisy).astype(float) - np.stack(plain)

    assert difference.std() == pytest.approx(6, rel=0.1)


@pytest.mark.parametrize(("degrees", "pixels"), [(10, 5.33), (40, 21.33)])
def test_a_pan_moves_the_picture_by_its_angle(degrees: float, pixels: float) -> None:
    first, second = pictures(stimuli.pan(BASE, degrees))[:2]

    assert abs(_shift(first, second)) == pytest.approx(pixels, abs=1)


def _shift(first: Image, second: Image) -> float:
    """Pixels to the right, by phase correlation."""
    spectrum = np.fft.fft2(first) * np.fft.fft2(second).conj()
    peak = np.fft.ifft2(spectrum / np.maximum(np.abs(spectrum), 1e-9)).real
    column = int(np.unravel_index(peak.argmax(), peak.shape)[1])
    return (column + first.shape[1] // 2) % first.shape[1] - first.shape[1] // 2


@pytest.mark.parametrize(("lines", "size"), [(144, (176, 144)), (240, (427, 240)), (2160, (3840, 2160))])
def test_resolutions_are_those_of_cameras(lines: float, size: tuple[int, int]) -> None:
    (picture,) = pictures(stimuli.resolution(Base("fixed", 0, 0.1), lines))

    assert (picture.shape[1], picture.shape[0]) == size


def test_a_sweep_tries_every_level_with_every_seed_on_both_scenes() -> None:
    short = sweeps.Sweep("Overlay", "%", (0, 10), stimuli.overlay)
    trials = sweeps.sweep_through(short, seeds=2, seconds=0.2)

    assert [(trial.scene, trial.level) for trial in trials] == [("fixed", 0), ("fixed", 10)] * 2 + [
        ("body", 0),
        ("body", 10),
    ] * 2
    assert {trial.outcome for trial in trials} <= {"holds", "abstains", "fails"}


def test_a_level_holds_where_all_seeds_do_and_fails_where_any_does() -> None:
    def trials(sweep: sweeps.Sweep) -> list[Trial]:
        low, *others = sweep.levels
        mixed = [Trial(low, "fixed", "holds"), Trial(low, "fixed", "fails")]
        holding = [Trial(level, "fixed", "holds") for level in others]
        return mixed + holding + [Trial(level, "body", "abstains") for level in sweep.levels]

    report = sweeps.report({sweep.name: trials(sweep) for sweep in SWEEPS}, seeds=2, seconds=1.0)

    assert "| Overlay, % of the picture | 5, 10, 20, 30, 40 | 0 | none | none |" in report
    assert "| fixed | 1/0/1 | 1/0/0 |" in report
    assert "| mobile | 0/1/0 |" in report
