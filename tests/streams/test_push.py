import threading

import cv2
import numpy as np
import pytest
from helpers.clips import picture
from numpy.typing import NDArray

from facewarden.streams.errors import UnsupportedSource
from facewarden.streams.push import Layout, PushSource

RGB = np.asarray(cv2.blur(picture(5), (15, 15)), np.uint8)
BGR = np.ascontiguousarray(RGB[:, :, ::-1])
GREY = np.asarray(cv2.cvtColor(BGR, cv2.COLOR_BGR2GRAY), np.uint8)
I420 = np.asarray(cv2.cvtColor(BGR, cv2.COLOR_BGR2YUV_I420), np.uint8)
NV12 = np.vstack([I420[:48], np.stack([I420[48:60].ravel(), I420[60:].ravel()], axis=-1).reshape(24, 64)])


@pytest.mark.parametrize(
    ("pixels", "layout"),
    [
        (BGR, "bgr"),
        (RGB, "rgb"),
        (I420, "yuv420p"),
        (NV12, "nv12"),
        ([I420[:48], I420[48:60].reshape(24, 32), I420[60:].reshape(24, 32)], "yuv420p"),
        ([NV12[:48], NV12[48:].reshape(24, 32, 2)], "nv12"),
    ],
)
def test_every_layout_gives_the_same_picture(
    pixels: NDArray[np.uint8] | list[NDArray[np.uint8]], layout: Layout
) -> None:
    frame = PushSource("host").frame(pixels, at=0.0, layout=layout)

    assert frame.size == (64, 48)
    assert np.abs(frame.bgr().astype(int) - BGR).max() <= 12
    assert np.corrcoef(frame.luma.ravel(), GREY.ravel())[0, 1] > 0.99


def test_grey_pixels_are_their_own_luma_without_a_copy() -> None:
    assert np.shares_memory(PushSource("host").frame(GREY, at=0.0, layout="gray").luma, GREY)


@pytest.mark.parametrize(
    ("pixels", "layout"),
    [
        (GREY, "bgr"),
        (BGR, "gray"),
        (GREY.astype(np.float32), "gray"),
        (I420[:-1], "yuv420p"),
        ([GREY, GREY], "nv12"),
        ([], "yuv420p"),
        (np.zeros((0, 640, 3), np.uint8), "bgr"),
    ],
)
def test_pixels_that_are_not_what_the_layout_says_are_refused(pixels: NDArray[np.uint8], layout: Layout) -> None:
    with pytest.raises(UnsupportedSource, match=f"host: these pixels are not '{layout}'"):
        PushSource("host").frame(pixels, at=0.0, layout=layout)


def test_the_host_s_clocks_are_kept_apart() -> None:
    source = PushSource("host")
    source.frame(GREY, at=100.0, layout="gray")
    frame = source.frame(GREY, at=100.5, layout="gray", captured_at=1.7e9)

    assert (frame.media_time, frame.captured_at, frame.index) == (0.5, 1.7e9, 1)


def test_a_slow_taker_loses_the_oldest_frames_and_they_are_counted() -> None:
    source = PushSource("host", depth=2)
    for position in range(5):
        source.push(GREY, at=position / 10, layout="gray")
    source.close()

    assert [frame.index for frame in source] == [3, 4]
    assert source.counters.dropped == 3


def test_frames_pushed_by_another_thread_arrive_in_order() -> None:
    source = PushSource("host", depth=100)

    def host() -> None:
        for position in range(50):
            source.push(GREY, at=position / 10, layout="gray")
        source.close()

    thread = threading.Thread(target=host)
    thread.start()
    indices = [frame.index for frame in source]
    thread.join()

    assert indices == list(range(50))


def test_a_host_that_found_its_camera_again_says_so_and_the_next_frame_tells() -> None:
    source = PushSource("host")
    source.frame(GREY, at=100.0, layout="gray")
    source.reconnected(gap=3.0)
    frame = source.frame(GREY, at=100.04, layout="gray")

    assert frame.media_time == 3.0
    assert "began anew" in (frame.discontinuity or "")
    assert source.counters.discontinuities == ["at 3.000 s: the stream was lost, and began anew after 3.000 s"]
