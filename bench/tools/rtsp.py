"""A real RTSP server, GStreamer's, in a process of its own: it serves an H.264 stream without end.

The system's Python runs it, which has the bindings: `python3 rtsp.py PORT [KEY_INTERVAL]`. Tests use `Server`.
"""

# pyright: basic
# the system's bindings have no types

import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, create_connection, socket

_PYTHON = "/usr/bin/python3"
_NEEDS = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"


def missing() -> str | None:
    """Why there is no such server here; None where there is."""
    try:
        found = subprocess.run([_PYTHON, "-c", _NEEDS], capture_output=True, check=False)  # noqa: S603 - fixed
    except OSError:
        return "no system Python"
    return None if found.returncode == 0 else "GStreamer's RTSP server is not installed"


def free_port() -> int:
    """A TCP port of this machine that nobody has."""
    with socket(AF_INET, SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Server:
    """A server that serves a clip (MPEG-TS with H.264) over and over at `/live`.

    Args:
        port: where.
        clip: what.
    """

    def __init__(self, port: int, clip: Path) -> None:
        self._process = subprocess.Popen([_PYTHON, __file__, str(port), str(clip)])  # noqa: S603 - this very file

    def close(self) -> None:
        """End it in the middle."""
        self._process.kill()
        self._process.wait()


@contextmanager
def serving(port: int, clip: Path) -> Generator[str]:
    """Serve a clip at the address that is yielded, until the block ends."""
    server = Server(port, clip)
    try:
        _wait_for(port)
        yield f"rtsp://127.0.0.1:{port}/live"
    finally:
        server.close()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the RTSP server did not begin")


def _serve(port: str, clip: str) -> None:
    import gi  # pyright: ignore[reportMissingImports]

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer  # pyright: ignore[reportMissingImports]

    Gst.init(None)
    server = GstRtspServer.RTSPServer(service=port)
    factory = GstRtspServer.RTSPMediaFactory(shared=True)
    factory.set_launch(f"( multifilesrc location={clip} loop=true ! tsdemux ! h264parse ! rtph264pay name=pay0 pt=96 )")
    server.get_mount_points().add_factory("/live", factory)
    server.attach(None)
    GLib.MainLoop().run()


if __name__ == "__main__":
    _serve(*sys.argv[1:3])
