"""Every protocol that is promised, from a real sender of it: read, lost, and found again."""

import time
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pytest

from facewarden.bench.tools import rtsp
from facewarden.streams import connection
from facewarden.streams.connection import READS_FLV
from facewarden.streams.errors import SourceError, SourceTimedOut, UnsupportedSource
from facewarden.streams.live import LiveSource
from facewarden.streams.source import open_source
from tests.helpers import broadcast
from tests.helpers.live_clips import REORDERED, encode_live

pytestmark = pytest.mark.slow
KINDS = [kind for kind in broadcast.ADDRESSES if broadcast.missing(kind) is None]
# Twice what a quiet machine is held to by `bench.speed.soak`.
TOLD_S, BACK_S = 10.0, 20.0


def start(stack: ExitStack, folder: Path, ports: dict[str, int]) -> dict[str, str]:
    clips = {kind: folder / ("clip.mkv" if kind == "mjpeg" else "clip.ts") for kind in KINDS}
    return {
        kind: stack.enter_context(broadcast.broadcasting(clips[kind], kind, ports[kind], folder / kind))
        for kind in KINDS
    }


def live(source: LiveSource) -> bool:
    return source.heard is not None and source.error is None and time.monotonic() - source.heard < 1.5


def wait(sources: dict[str, LiveSource], within: float, *, lost: bool) -> set[str]:
    """The sources that have come, or been lost and said so, in that time."""
    until, found = time.monotonic() + within, set[str]()
    while found != set(sources) and time.monotonic() < until:
        found |= {kind for kind, source in sources.items() if (source.error is not None if lost else live(source))}
        time.sleep(0.05)
    return found


def test_every_protocol_is_read_and_a_sender_that_dies_is_told_and_found_again(tmp_path: Path) -> None:
    ports = {kind: rtsp.free_port() for kind in KINDS}
    for kind in KINDS:
        (tmp_path / kind).mkdir()
    encode_live(tmp_path / "clip.ts")
    encode_live(tmp_path / "clip.mkv", "mjpeg")
    begun = time.monotonic()
    with ExitStack() as senders:
        sources = {kind: LiveSource(url, kind) for kind, url in start(senders, tmp_path, ports).items()}
        read = wait(sources, 20, lost=False)
        frames = {kind: next(source.frames()) for kind, source in sources.items() if kind in read}
    told = wait(sources, TOLD_S, lost=True)
    with ExitStack() as senders:
        start(senders, tmp_path, ports)
        back = wait(sources, BACK_S, lost=False)
        for source in sources.values():
            source.close()

    assert (read, told, back) == (set(KINDS), set(KINDS), set(KINDS))
    assert {frame.size for frame in frames.values()} == {(320, 240)}
    for source in sources.values():
        now = time.monotonic()
        accounted = sum(source.seconds.counts(now).values()) + sum(source.seconds.absent(now).values())
        assert accounted == pytest.approx(now - begun, abs=1.5)
    if without := set(broadcast.ADDRESSES) - set(KINDS):
        pytest.skip(f"all but {', '.join(f'{kind}: {broadcast.missing(kind)}' for kind in sorted(without))}")


def test_pictures_that_are_too_large_are_told_by_their_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = encode_live(tmp_path / "clip.ts", seconds=1)
    monkeypatch.setattr(connection, "MOST_PIXELS", 320 * 240 - 1)
    with (
        broadcast.broadcasting(clip, "udp", rtsp.free_port(), tmp_path) as url,
        open_source(url) as source,
        pytest.raises(UnsupportedSource, match="its pictures are 320x240; at most 76799 pixels are read"),
    ):
        next(iter(source))


def test_key_pictures_alone_are_had_of_a_stream_whose_pictures_stand_on_later_ones(tmp_path: Path) -> None:
    clip, port = encode_live(tmp_path / "clip.ts", options=REORDERED), rtsp.free_port()
    with broadcast.broadcasting(clip, "ts", port, tmp_path) as url:
        source = LiveSource(url, "cam")
        source.thrift = lambda _: True
        few = list(islice((frame for frame in source.frames() if frame.spared), 2))
        source.close()

    assert few[1].media_time - few[0].media_time > 0.8
    assert "unreadable" not in source.reconnects


@pytest.mark.skipif(READS_FLV, reason="this PyAV reads FLV")
def test_flv_is_an_error_where_reading_it_would_end_the_process(tmp_path: Path) -> None:
    encode_live(tmp_path / "clip.ts")
    with (
        broadcast.broadcasting(tmp_path / "clip.ts", "flv", rtsp.free_port(), tmp_path) as url,
        open_source(url) as source,
        pytest.raises(SourceError),
    ):
        next(iter(source))


def test_a_protocol_that_this_ffmpeg_was_built_without_is_named() -> None:
    with pytest.raises(SourceError) as told:
        next(iter(open_source("srt://127.0.0.1:1")))
    if isinstance(told.value, SourceTimedOut):
        pytest.skip("this FFmpeg has SRT")
    assert isinstance(told.value, UnsupportedSource)
    assert "no such protocol" in str(told.value)
