"""Pictures that come once more."""

from typing import Any

from av.packet import Packet

from facewarden.streams.again import Again


def packet(content: bytes, pts: int, *, key: bool = True) -> "Packet[Any]":
    made: Packet[Any] = Packet(content)
    made.pts, made.is_keyframe = pts, key
    return made


def old(again: Again, *packets: "Packet[Any]") -> list[bool]:
    again.begin()
    return [again.is_old(one) for one in packets]


def test_what_came_before_is_old_up_to_the_first_key_picture_that_is_new() -> None:
    again = Again()
    first = [packet(b"a", 0), packet(b"b", 1, key=False), packet(b"c", 2)]
    more = [packet(b"d", 3, key=False), packet(b"e", 4), packet(b"f", 5, key=False)]

    assert old(again, *first) == [False, False, False]
    assert old(again, *first, *more) == [True, True, True, True, False, False]
    assert old(again, *first) == [True, True, True]


def test_a_scene_that_looks_the_same_later_is_new() -> None:
    again = Again()
    assert old(again, packet(b"a", 0)) == [False]
    assert old(again, packet(b"a", 90_000)) == [False]


def test_a_stream_without_key_pictures_is_never_old() -> None:
    again = Again()
    assert [old(again, packet(b"a", 0, key=False)) for _ in range(2)] == [[False], [False]]
