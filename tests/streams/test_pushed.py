"""Pictures that a host pushes."""

import cv2
import numpy as np
import pytest

from facewarden.streams.errors import UnreadableSource, UnsupportedSource
from facewarden.streams.pushed import Format, PushedFeed
from facewarden.streams.source import check_address, open_source

SIZE = (64, 48)
BYTES = 64 * 48 * 3 // 2


def jpeg(value: int = 90, size: tuple[int, int] = SIZE) -> bytes:
    return cv2.imencode(".jpg", np.full((size[1], size[0], 3), value, np.uint8))[1].tobytes()


@pytest.mark.parametrize("form", ["i420", "nv12"])
def test_raw_pictures_have_the_luma_that_was_sent(form: Format) -> None:
    feed = PushedFeed("cam")
    feed.take(bytes([77]) * BYTES, form, SIZE, 3.0)
    frame = feed.handover.take()

    assert frame is not None
    assert frame.size == SIZE
    assert (frame.luma == 77).all()
    assert frame.bgr().shape == (48, 64, 3)


def test_a_jpeg_says_its_size_itself() -> None:
    feed = PushedFeed("cam")
    feed.take(jpeg(), "jpeg", None, None)
    frame = feed.handover.take()

    assert frame is not None
    assert frame.size == SIZE
    assert abs(int(frame.luma[5, 5]) - 90) < 3


def test_media_time_is_the_hosts_and_the_cameras_clock_goes_along() -> None:
    feed = PushedFeed("cam", depth=3)
    for number in range(3):
        feed.take(bytes(BYTES), "i420", SIZE, 100 + number / 2, 1_700_000_000.0 + number)
    frames = [feed.handover.take() for _ in range(3)]

    assert [frame and frame.media_time for frame in frames] == [0.0, 0.5, 1.0]
    assert [frame and frame.captured_at for frame in frames] == [1_700_000_000.0, 1_700_000_001.0, 1_700_000_002.0]


def test_the_oldest_is_dropped_and_counted_where_nobody_takes_them() -> None:
    feed = PushedFeed("cam")
    for number in range(5):
        feed.take(bytes([number]) * BYTES, "i420", SIZE, number / 10)
    waiting = [feed.handover.take() for _ in range(2)]

    assert [frame and int(frame.luma[0, 0]) for frame in waiting] == [3, 4]
    assert feed.counters.dropped == 3


def test_a_silence_is_told_when_it_is_over_and_media_time_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    now = [50.0]
    monkeypatch.setattr("facewarden.streams.pushed.time.monotonic", lambda: now[0])
    feed = PushedFeed("cam", told=lambda reason, _: told.append(reason))
    feed.take(bytes(BYTES), "i420", SIZE, 0.0)
    now[0] += 30
    feed.take(bytes(BYTES), "i420", SIZE, 0.1)
    frames = [feed.handover.take() for _ in range(2)]

    assert told == ["timed_out", ""]
    assert frames[1] is not None
    assert frames[1].media_time == pytest.approx(30.0)
    assert "began anew" in (frames[1].discontinuity or "")


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"no picture", jpeg()[:300], bytes(1000)])
def test_what_is_no_jpeg_is_refused_and_counted_and_the_next_is_taken(data: bytes) -> None:
    feed = PushedFeed("cam")
    with pytest.raises(UnreadableSource):
        feed.take(data, "jpeg", None, None)
    feed.take(jpeg(), "jpeg", None, None)

    assert feed.counters.unreadable == 1
    assert feed.handover.take() is not None


def test_a_small_jpeg_that_says_it_is_huge_is_refused_before_it_is_decoded() -> None:
    huge = bytearray(jpeg())
    at = huge.index(b"\xff\xc0")
    huge[at + 5 : at + 9] = b"\xff\xf0\xff\xf0"

    with pytest.raises(UnreadableSource):
        PushedFeed("cam").take(bytes(huge), "jpeg", None, None)


@pytest.mark.parametrize("size", [None, (0, 0), (63, 48), (64, -2), (1 << 20, 1 << 20)])
def test_raw_pictures_need_a_size_that_there_is(size: tuple[int, int] | None) -> None:
    with pytest.raises(UnsupportedSource):
        PushedFeed("cam").take(bytes(BYTES), "i420", size, None)


def test_raw_pictures_of_another_length_are_none() -> None:
    with pytest.raises(UnreadableSource, match="has 4608 bytes"):
        PushedFeed("cam").take(bytes(BYTES - 1), "i420", SIZE, None)


def test_push_is_an_address_of_a_service_and_nothing_to_open() -> None:
    check_address("push:")
    with pytest.raises(UnsupportedSource, match="facewarden serve"):
        open_source("push:")
