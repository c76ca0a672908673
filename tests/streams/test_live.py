"""Live streams, from a real RTSP server."""

import socket
import time
from contextlib import ExitStack, suppress
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise
from pathlib import Path
from threading import Event, Thread
from typing import cast

import av
import numpy as np
import pytest
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext

from facewarden.bench.tools import rtsp
from facewarden.bench.tools.sender import free_port, sending
from facewarden.detector.budget import available_cores
from facewarden.detector.guard import Guard
from facewarden.detector.records.entry import Event as Told
from facewarden.detector.sidecar.cameras import Cameras, CameraStatus
from facewarden.streams.decoding import Decoder
from facewarden.streams.errors import SourceTimedOut, SourceUnreachable, UnreadableSource, UnsupportedSource
from facewarden.streams.live import LiveSource, Turns
from facewarden.streams.source import open_source
from facewarden.streams.synthetic import SyntheticSource

pytestmark = pytest.mark.slow
needs_server = pytest.mark.skipif(rtsp.missing() is not None, reason="GStreamer's RTSP server is not installed")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("live") / "body.ts"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15, options={"g": "8", "tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number, frame in enumerate(SyntheticSource("body", seed=1, seconds=4, fps=15, size=(320, 240))):
            picture = av.VideoFrame.from_ndarray(frame.bgr(), format="bgr24")
            picture.pts, picture.time_base = number, Fraction(1, 15)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def wait_for(cameras: Cameras, state: str, seconds: float) -> CameraStatus:
    until = time.monotonic() + seconds
    while cameras.status("cam").state != state and time.monotonic() < until:
        time.sleep(0.05)
    return cameras.status("cam")


@needs_server
def test_a_server_that_is_killed_is_told_at_once_and_found_again(clip: Path) -> None:
    port, told = rtsp.free_port(), list[Told]()
    cameras = Cameras(Guard(), told.append)
    with rtsp.serving(port, clip) as url:
        cameras.set({"cam": url})
        assert wait_for(cameras, "live", 10).state == "live"
    assert wait_for(cameras, "stale", 5).error is not None
    with rtsp.serving(port, clip):
        status = wait_for(cameras, "live", 10)
    cameras.close()

    assert status.state == "live"
    assert sum(status.reconnects.values()) >= 1
    assert [event.kind for event in told][:1] == ["stream"]


@needs_server
@pytest.mark.skipif(not hasattr(InputContainer, "start_time_realtime"), reason="PyAV before 18.1 does not tell it")
def test_a_stream_has_the_cameras_clock(clip: Path) -> None:
    with rtsp.serving(rtsp.free_port(), clip) as url, open_source(url, "cam") as source:
        frame = next(frame for frame in islice(source, 300) if frame.captured_at)
    assert frame.captured_at is not None
    assert abs(time.time() - frame.captured_at) < 5


def test_where_others_hang_as_they_open_nobody_waits_for_them(clip: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent, sending(clip, port), ExitStack() as hanging:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/live.ts#timeout=60"
        for number in range(40):
            hanging.enter_context(LiveSource(address, f"silent-{number}"))
        with LiveSource(f"http://127.0.0.1:{port}/live.ts", "cam") as source:
            assert next(iter(source)).size == (320, 240)


def test_who_comes_into_the_midst_of_a_long_group_of_pictures_tells_it_and_waits_for_the_next_key_picture() -> None:
    decoder, told = Decoder(cast(VideoCodecContext, av.CodecContext.create("h264", "r"))), list[tuple[str, str]]()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/live.ts#timeout=60"
        with LiveSource(url, "cam", told=lambda *what: told.append(what)) as source:
            for seconds in (4.0, 8.0):
                source._undecoded(decoder, seconds)
            with pytest.raises(UnreadableSource):
                source._undecoded(decoder, 40.0)
            decoder._key_at = 1.0
            with pytest.raises(UnreadableSource, match="none of them can be decoded"):
                source._undecoded(decoder, 4.0)

    assert [reason for reason, _ in told] == ["unreadable"]
    assert "no key picture has come yet" in told[0][1]


def test_a_stream_that_has_no_key_pictures_and_is_decoded_is_read_on(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Decoder, "begun", False)
    monkeypatch.setattr("facewarden.streams.live.STALL_S", 1.5)
    port, told = free_port(), list[tuple[str, str]]()
    with (
        sending(clip, port),
        LiveSource(f"http://127.0.0.1:{port}/live.ts", "cam", told=lambda *what: told.append(what)) as source,
    ):
        assert len(list(islice(source, 35))) == 35
    assert "unreadable" not in [reason for reason, _ in told]


def test_those_that_begin_at_once_do_so_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    stop, turns = Event(), Turns(0.25)
    monkeypatch.setattr(stop, "wait", waited.append)
    for _ in range(3):
        turns.wait(stop)

    assert waited == [0.0, 0.25, 0.5]


def test_nobody_waits_for_those_that_were_stopped_before_they_began(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    stopped, stop, turns = Event(), Event(), Turns(0.25)
    stopped.set()
    monkeypatch.setattr(stop, "wait", waited.append)
    for event in [stop, *[stopped] * 100, stop]:
        turns.wait(event)

    assert waited == [0.0, 0.25]


def test_of_many_that_begin_at_once_few_are_looked_at_in_full_and_all_are_there(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facewarden.detector.sidecar.cameras._IN_FULL", 1)
    port, most, in_full = free_port(), available_cores(), 0
    cameras = Cameras(Guard(), lambda _: None)
    with sending(clip, port):
        cameras.set({f"cam-{number}": f"http://127.0.0.1:{port}/live.ts" for number in range(most + 2)})
        until = time.monotonic() + 60
        while time.monotonic() < until:
            statuses = cameras.statuses()
            if all(status.state == "live" for status in statuses):
                in_full = sum(status.looking == "full" for status in statuses)
                break
            time.sleep(0.1)
        cameras.close()

    assert 0 < in_full <= most


def test_a_refused_connection_ends_what_is_read_as_a_file_and_shows_no_password() -> None:
    with (
        open_source(f"rtsp://user:secret@127.0.0.1:{rtsp.free_port()}/x") as source,
        pytest.raises(SourceUnreachable) as told,
    ):
        list(source)
    assert "secret" not in str(told.value)


def test_a_host_that_has_no_address_is_told_as_that() -> None:
    source = open_source("rtsp://u:secret@camera.invalid/x")
    with source, pytest.raises(SourceUnreachable, match=r"\*\*\*@camera.invalid/x: no address is known for its host"):
        list(source)


def test_a_peer_that_stays_silent_is_told_in_time() -> None:
    with rtsp.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        with open_source(f"rtsp://127.0.0.1:{silent.getsockname()[1]}/x") as source, pytest.raises(SourceTimedOut):
            list(source)
    assert time.monotonic() - began < 5


def test_key_pictures_alone_are_decoded_where_that_will_do_and_all_of_them_again_at_once(clip: Path) -> None:
    port = free_port()
    with sending(clip, port):
        source = LiveSource(f"http://127.0.0.1:{port}/live.ts", "cam")
        frames = source.frames()
        full = list(islice(frames, 10))
        source.thrift = lambda _: True
        few = [next(frame for frame in frames if frame.spared) for _ in range(3)]
        source.thrift = None
        again = list(islice(frames, 10))
        source.close()

    assert not any(frame.spared for frame in full)
    assert all(after.media_time - before.media_time > 0.4 for before, after in pairwise(few))
    assert not any(frame.spared for frame in again[2:])
    assert all(after.media_time - before.media_time < 0.25 for before, after in pairwise(again[2:]))
    assert source.counters.skipped >= 10
    assert source.counters.unreadable == 0


class _Untold(BaseHTTPRequestHandler):
    """Sends a file and does not say how long it is."""

    film = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(self.film)

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - its name


def film(path: Path, seconds: int, options: dict[str, str]) -> bytes:
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("libx264", rate=1, options={"g": "10"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(seconds):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number, np.uint8), format="bgr24")
            picture.pts, picture.time_base = number, Fraction(1)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path.read_bytes()


def test_a_whole_mp4_of_which_nobody_says_how_long_it_is_is_a_recording_and_one_in_fragments_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Untold) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        for flags in ("faststart", "frag_keyframe+empty_moov", "frag_keyframe"):
            monkeypatch.setattr(_Untold, "film", film(tmp_path / "film.mp4", 90, {"movflags": flags}))
            with open_source(f"http://127.0.0.1:{server.server_port}/film.mp4") as source:
                try:
                    told.append(str(next(iter(source)).size))
                except UnsupportedSource as error:
                    told.append(str(error).rpartition(": ")[2])
        server.shutdown()

    assert told == ["this is a recording, and not live; give the file itself", "(64, 48)", "(64, 48)"]
