import threading
import time

import numpy as np
import pytest

from facewarden.streams.errors import SourceUnreachable
from facewarden.streams.frame import Frame, PlanarPixels
from facewarden.streams.handover import Handover
from facewarden.streams.push import PushSource

GREY = np.zeros((48, 64), np.uint8)


def frame(index: int, received_at: float = 0.0, discontinuity: str | None = None) -> Frame:
    return Frame(
        source="door",
        index=index,
        pixels=PlanarPixels(GREY),
        media_time=index / 25,
        received_at=received_at,
        discontinuity=discontinuity,
    )


def test_the_oldest_is_dropped_and_counted_and_what_was_said_of_it_goes_on() -> None:
    handover = Handover(depth=2)
    for index in range(4):
        handover.put(frame(index, discontinuity="time stamps jumped ahead" if index == 1 else None))
    depth = len(handover)
    handover.end()
    taken = list(handover)

    assert (depth, handover.dropped) == (2, 2)
    assert [(one.index, one.discontinuity) for one in taken] == [(2, None), (3, "time stamps jumped ahead")]


def test_it_knows_how_old_the_newest_frame_is_also_when_that_was_taken() -> None:
    handover = Handover(depth=2)
    assert handover.age() is None
    handover.put(frame(0, received_at=100.0))
    handover.put(frame(1, received_at=101.0))
    next(iter(handover))

    assert handover.age(now=103.5) == 2.5


def test_an_error_of_the_giver_reaches_the_taker_after_the_frames_that_wait() -> None:
    source = PushSource("door", depth=5)
    source.push(GREY, at=0.0, layout="gray")
    source.fail(SourceUnreachable("door", "the connection was reset"))
    source.close()  # later, and so without a word
    frames = iter(source)

    assert next(frames).index == 0
    with pytest.raises(SourceUnreachable, match="door: the connection was reset"):
        next(frames)
    with pytest.raises(SourceUnreachable):  # and whoever asks again
        list(source)


def test_a_taker_who_waits_is_woken_by_the_end() -> None:
    handover, ended = Handover(depth=2), threading.Event()

    def take() -> None:
        with pytest.raises(SourceUnreachable):
            list(handover)
        ended.set()

    thread = threading.Thread(target=take)
    thread.start()
    time.sleep(0.05)
    handover.end(SourceUnreachable("door", "nobody answers there"))
    thread.join(20)

    assert ended.is_set()


def test_what_comes_after_the_end_is_dropped_and_counted() -> None:
    handover = Handover(depth=2)
    handover.end()
    handover.put(frame(0))

    assert (list(handover), handover.dropped) == ([], 1)
