"""A clip sent out in real time, over and over, by the protocols that cameras and their servers speak.

Tests use `broadcasting`, which runs a sender in a process of its own; RTSP has `rtsp.serving`.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer

from facewarden.streams.connection import READS_FLV

_NGINX_RTMP = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
# FFmpeg's name of what is sent for a path, and the type that HTTP says it is.
_FORMS = {
    "/live.ts": ("mpegts", "video/mp2t"),
    "/live.flv": ("flv", "video/x-flv"),
    "/live.mkv": ("matroska", "video/x-matroska"),
    "/live.mjpeg": ("mpjpeg", "multipart/x-mixed-replace;boundary=ffmpeg"),
}
# Kind -> what a reader opens.
ADDRESSES = {
    "ts": "http://127.0.0.1:{port}/live.ts",
    "flv": "http://127.0.0.1:{port}/live.flv",
    "mkv": "http://127.0.0.1:{port}/live.mkv",
    "mjpeg": "http://127.0.0.1:{port}/live.mjpeg",
    "hls": "http://127.0.0.1:{port}/live.m3u8",
    "udp": "udp://127.0.0.1:{port}",
    "rtmp": "rtmp://127.0.0.1:{port}/live/cam",
}


def missing(kind: str) -> str | None:
    """Why it cannot be sent here; None where it can."""
    if kind in ("flv", "rtmp") and not READS_FLV:
        return "PyAV before 17.1 cannot read FLV"
    return "nginx's RTMP module is not installed" if kind == "rtmp" and not _NGINX_RTMP.exists() else None


@contextmanager
def broadcasting(clip: Path, kind: str, port: int, folder: Path) -> "Iterator[str]":
    """Send a clip (H.264; Motion JPEG for `mjpeg`) until the block ends; the reader's address is yielded."""
    with ExitStack() as stack:
        if kind == "rtmp":
            _started(stack, ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(_configured(folder, port))])
        _started(stack, [sys.executable, __file__, str(clip), kind, str(port), str(folder)])
        yield ADDRESSES[kind].format(port=port)


def _started(stack: ExitStack, command: list[str]) -> None:
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)


def _configured(folder: Path, port: int) -> Path:
    path = folder / "nginx.conf"
    path.write_text(
        f"load_module {_NGINX_RTMP}; daemon off; master_process off; pid nginx.pid; error_log stderr; events {{}}\n"
        f"rtmp {{ server {{ listen 127.0.0.1:{port}; application live {{ live on; }} }} }}"
    )
    return path


def _send(clip: str, kind: str, port: str, folder: str) -> None:
    if kind in ("ts", "flv", "mkv", "mjpeg"):
        ThreadingHTTPServer(("127.0.0.1", int(port)), partial(_Live, clip)).serve_forever()
    if kind == "hls":
        return _send_segments(clip, int(port), Path(folder))
    to = {"udp": (f"udp://127.0.0.1:{port}?pkt_size=1316", "mpegts"), "rtmp": (ADDRESSES["rtmp"], "flv")}[kind]
    while True:
        try:
            with av.open(to[0].format(port=port), "w", format=to[1]) as container:
                _play(clip, container)
        except OSError:  # the server has not begun, or is gone
            time.sleep(0.05)


def _send_segments(clip: str, port: int, folder: Path) -> None:
    """HLS: a window of segments that moves on, and a plain web server over it."""
    import threading

    for left in folder.glob("live*"):
        left.unlink()
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Files, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = {"hls_time": "1", "hls_list_size": "4", "hls_flags": "delete_segments"}
    with av.open(str(folder / "live.m3u8"), "w", format="hls", options=options) as container:
        _play(clip, container)


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        pass


class _Live(BaseHTTPRequestHandler):
    """Sends the clip to each that asks, from its beginning, until one of the two is gone."""

    def __init__(self, clip: str, *args: Any) -> None:
        self._clip = clip
        super().__init__(*args)

    def do_GET(self) -> None:
        form, media_type = _FORMS[self.path]
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.end_headers()
        with av.open(self.wfile, "w", format=form, buffer_size=1400) as container:
            _play(self._clip, container)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        pass


def _play(clip: str, container: OutputContainer) -> None:
    """Write the clip's packets when they are due, lap after lap, with stamps that go on."""
    begun, lap, stream = time.monotonic(), Fraction(0), None
    while True:
        with av.open(clip) as film:
            picture = film.streams.video[0]
            stream = stream or container.add_stream_from_template(picture)
            packets = [packet for packet in film.demux(picture) if packet.size]
            first = packets[0].dts or 0
            at = lap
            for packet in packets:
                assert packet.dts is not None
                assert packet.pts is not None
                at = lap + (packet.dts - first) * packet.time_base
                time.sleep(max(0.0, begun + float(at) - time.monotonic()))
                shift = int(lap / packet.time_base) - first
                packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                container.mux(packet)
            lap = at + Fraction(1, 15)


if __name__ == "__main__":
    _send(*sys.argv[1:5])
