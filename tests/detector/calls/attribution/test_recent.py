import numpy as np
import pytest

from facewarden.detector.calls.attribution import Recent
from facewarden.streams.frame import Frame, PlanarPixels, Rotation

RNG = np.random.default_rng(2)


def frame(at: float, size: tuple[int, int] = (360, 640), rotation: Rotation = 0) -> Frame:
    luma = RNG.integers(0, 256, size, np.uint8)
    return Frame(source="cam", index=0, pixels=PlanarPixels(luma), media_time=at, received_at=0.0, rotation=rotation)


def held(recent: Recent) -> int:
    return sum(view.luma.nbytes for view in recent.views) + sum(
        thumb.luma.nbytes + thumb.detail.nbytes for thumb in recent.thumbs
    )


@pytest.mark.parametrize("size", [(1080, 1920), (360, 640), (480, 640), (640, 640), (1920, 1080), (24, 32)])
def test_a_source_costs_less_than_three_megabytes_whatever_its_size(size: tuple[int, int]) -> None:
    recent = Recent()
    for n in range(60):
        recent.add(frame(n / 20, size))

    assert 0 < held(recent) < 2_700_000


def test_the_last_picture_is_there_in_full_whenever_it_is_asked_for() -> None:
    recent = Recent()
    assert recent.newest == ()
    for n in range(20):
        recent.add(frame(n / 30))

    assert [view.at for view in recent.newest] == [19 / 30]
    assert recent.newest[0] is recent.newest[0]


def test_two_seconds_are_kept_and_a_view_owns_its_pixels() -> None:
    recent = Recent()
    luma = np.full((360, 640), 7, np.uint8)
    for n in range(150):
        recent.add(Frame(source="cam", index=n, pixels=PlanarPixels(luma), media_time=n / 30, received_at=0.0))
    luma[:] = 200  # the host uses its buffer again

    assert {int(view.luma.max()) for view in recent.views} == {7}
    assert 1.5 < 149 / 30 - recent.views[0].at < 2.5
    assert 1.5 < 149 / 30 - recent.thumbs[0].at < 2.5


def test_a_camera_that_is_opened_anew_begins_anew() -> None:
    recent = Recent()
    for at in (0.0, 1.0, 2.0, 0.5):
        recent.add(frame(at))

    assert [view.at for view in recent.views] == [0.5]
    assert [thumb.at for thumb in recent.thumbs] == [0.5]


def test_a_camera_on_its_side_is_kept_upright() -> None:
    recent = Recent()
    recent.add(frame(0.0, (360, 640), rotation=90))

    assert recent.views[0].luma.shape == (640, 360)
    assert recent.thumbs[0].luma.shape == (36, 64)


def test_the_smallest_of_pictures_does_no_harm() -> None:
    recent = Recent()
    recent.add(frame(0.0, (1, 1)))
    assert recent.views[0].luma.shape == (1, 1)
