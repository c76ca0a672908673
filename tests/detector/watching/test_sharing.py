"""What one process reads, another can tell whose it is, and what was believed of it."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from facewarden.detector.calls import Call
from facewarden.detector.calls.attribution import Recent, match
from facewarden.detector.clock import ManualClock
from facewarden.detector.errors import InputError
from facewarden.detector.guard import Guard
from facewarden.detector.sight.seen import Seen, Shown, joined
from facewarden.detector.site import Site
from facewarden.detector.watching.board import SLOTS, Board, end_board, make_board
from facewarden.detector.watching.cameras import Cameras
from facewarden.detector.watching.sharing import Others, Telling
from facewarden.streams.frame import PackedPixels
from facewarden.streams.synthetic import SyntheticSource

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="there is no memory to share on this system")


@pytest.fixture
def path() -> Iterator[str]:
    made = make_board()
    assert made is not None
    yield made
    end_board(made)


def shown(scene: str, seconds: float = 1.0) -> tuple[Recent, NDArray[np.uint8]]:
    """What a rendered camera has shown, and its last picture."""
    recent, last = Recent(), None
    for frame in SyntheticSource(scene, seconds=seconds, fps=15, layout="bgr", seed=3):
        recent.add(frame)
        last = frame
    assert last is not None
    return recent, last.bgr()


class Child:
    """Another process, which does something and stays until it is ended."""

    def __init__(self, act: Any) -> None:
        done, said = os.pipe()
        self.process = os.fork()
        if not self.process:
            try:
                act()
                os.write(said, b"1")
                signal.pause()
            finally:
                os._exit(0)
        os.close(said)
        assert os.read(done, 1) == b"1"
        os.close(done)

    def end(self) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


def told(path: str, scene: str, seen: Seen) -> Child:
    return Child(lambda: Telling(Board(path)).tell(shown(scene)[0], seen))


def test_a_part_of_a_picture_that_another_process_has_read_is_found(path: str) -> None:
    children = [told(path, scene, Seen(name, received_at=1.0)) for name, scene in (("body", "body"), ("desk", "pole"))]
    _, picture = shown("pole")
    others = Others(Board(path))
    for given in (picture, picture[100:260, 240:400]):
        found = match([given], others.with_own({}))
        assert found is not None
        assert (found.source, found.how) == ("desk", "content")
    for child in children:
        child.end()
    assert match([picture], others.with_own({})) is not None  # what it has shown outlives it


def test_the_pictures_of_a_slot_are_those_that_were_shown(path: str) -> None:
    child = told(path, "pole", Seen("desk"))
    recent, there = shown("pole")[0], Others(Board(path)).with_own({})["desk"]
    child.end()

    for mine, other in ((recent.views, there.views), (recent.thumbs, there.thumbs)):
        assert [one.at for one in other] == [one.at for one in mine]
        assert all(np.array_equal(one.luma, two.luma) for one, two in zip(mine, other, strict=True))


def test_a_camera_that_another_process_has_seen_move_is_mobile_here(path: str) -> None:
    site = Site(packs=("microsoft",), cameras={"unit": {"mount": "desk"}}, facts={"service": "azure_openai"})
    clock = ManualClock(seconds=5.0, posix=1.8e9)
    others = Others(Board(path))
    guard = Guard(site, clock=clock, others=others.seen)
    call = Call(service="azure_openai")
    before = guard.judge_on(call, "unit")
    child = told(path, "body", Seen("unit", camera="mobile", received_at=4.0))
    clock.advance(1.0)
    after, anywhere = guard.judge_on(call, "unit"), guard.judge(call)
    child.end()

    assert before.facts.facts["camera"] != "mobile"
    assert after.facts.facts["camera"] == anywhere.facts.facts["camera"] == "mobile"
    clock.advance(700.0)
    assert guard.judge_on(call, "unit") == before  # of one that has been silent for ten minutes nothing is known


def test_what_two_have_seen_is_the_stricter_of_both() -> None:
    assert joined(Shown("fixed", "consistent"), Shown("mobile", "unknown")) == Shown("mobile", "consistent")
    assert joined(Shown("unknown", "unknown"), Shown("fixed", "uncontrolled")) == Shown("fixed", "uncontrolled")


def test_a_process_is_not_told_what_it_has_shown_itself(path: str) -> None:
    board = Board(path)
    Telling(board).tell(shown("pole", 0.4)[0], Seen("desk", received_at=1.0))
    assert Others(board).seen(1.0) == {}
    assert Others(board).with_own({}) == {}


def test_a_forked_child_shows_in_a_slot_of_its_own_and_forgets_what_its_parent_read(path: str) -> None:
    board = Board(path)
    guard = Guard(Site())
    cameras = Cameras(guard, {}, others=Others(board), telling=Telling(board))
    frames = [*SyntheticSource("pole", seconds=1, fps=15, layout="bgr", seed=3)]

    def read() -> None:
        for frame in frames:
            cameras.picture("rtsp://host/desk", PackedPixels(frame.bgr(), "bgr"), frame.media_time)

    def read_again() -> None:
        found = cameras.attribute(Call(), [frames[-1].bgr()])
        assert found is not None
        assert found.how == "content"
        read()

    read()
    child = Child(read_again)
    owners = {slot.owner for slot in board.slots()}
    child.end()
    assert owners == {os.getpid(), child.process}


def test_a_slot_that_a_process_has_left_is_taken_by_the_next(path: str) -> None:
    board = Board(path)
    child = told(path, "pole", Seen("desk"))
    child.end()
    slot = board.claim()
    assert slot is not None
    assert [one.owner for one in board.slots()] == [os.getpid()]
    assert all(board.claim() for _ in range(SLOTS - 1))
    assert board.claim() is None


def test_a_slot_that_is_being_written_is_not_read(path: str) -> None:
    board = Board(path)
    slot = board.claim()
    assert slot is not None
    slot.write(b"one", {0: memoryview(b"abc")})
    assert slot.read(lambda text, pictures: (text, bytes(pictures[:3]))) == (b"one", b"abc")

    def meanwhile(text: bytes, _: memoryview) -> bytes:
        slot.write(b"two", {})
        return text

    assert slot.read(meanwhile) is None


def test_a_board_that_is_gone_is_said_to_be() -> None:
    with pytest.raises(InputError, match="what other processes show cannot be seen"):
        Board("/proc/1/fd/999999")
