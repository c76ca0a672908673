"""A server that sends one file over HTTP as MPEG-TS, in real time and over and over, to whoever asks.

It only packs anew what it has read once, so that it takes next to nothing of a machine that many sources of it are
watched on. Told to on its standard input, it breaks its stream as cameras do: see `Breach`.
"""

import socket
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from queue import Empty, SimpleQueue
from subprocess import PIPE, Popen
from typing import Any, Final, Literal, NamedTuple, cast

import av
from av.video.stream import VideoStream

RATE: Final = 15
# Stamps begin again at 0; they jump ahead by a quarter of an hour; pictures have another size, until told so again.
Breach = Literal["stamps reset", "clock jumped", "resized"]
BREACHES: Final[tuple[Breach, ...]] = ("stamps reset", "clock jumped", "resized")
_AHEAD_S: Final = 900

_HEAD: Final = b"HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\n\r\n"
# Bytes that may wait for a reader before it is let go.
_WAITING: Final = 4 << 20
_TABLES: Final = {"mpegts_flags": "pat_pmt_at_frames"}


class Packet(NamedTuple):
    """A picture, encoded. `at` is its place in the clip, in pictures."""

    data: bytes
    at: int
    key: bool


def free_port() -> int:
    """A TCP port of this machine that nobody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Sender:
    """A process that sends.

    Args:
        clip: MPEG-TS with H.264, at `RATE` pictures a second.
        port: where.
        other: the same in another size, for `resized`.
    """

    def __init__(self, clip: Path, port: int, other: Path | None = None) -> None:
        self._process = Popen(  # noqa: S603 - this very file
            [sys.executable, __file__, str(clip), str(port), str(other or clip)], stdin=PIPE
        )

    def breach(self, breach: Breach) -> None:
        """Break the stream so, now."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{breach}\n".encode())
        self._process.stdin.flush()

    def close(self) -> None:
        """End it in the middle."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def sending(clip: Path, port: int, other: Path | None = None) -> Generator[Sender]:
    """Send in a process of its own until the block ends."""
    sender = Sender(clip, port, other)
    try:
        yield sender
    finally:
        sender.close()


class _Fan:
    """What the muxer writes to: all readers get the same bytes, a new one from the next key picture on."""

    def __init__(self) -> None:
        self._readers: list[socket.socket] = []
        self._new: list[socket.socket] = []

    def add(self, reader: socket.socket) -> None:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _WAITING)
        reader.sendall(_HEAD)
        reader.setblocking(False)
        self._new.append(reader)

    def admit(self) -> None:
        """What is written next can be begun with."""
        self._readers += [self._new.pop() for _ in range(len(self._new))]

    def write(self, data: bytes) -> int:
        for reader in tuple(self._readers):
            try:
                whole = reader.send(data) == len(data)
            except OSError:
                whole = False
            if not whole:  # gone, or too slow
                self._readers.remove(reader)
                reader.close()
        return len(data)


def read(clip: Path) -> list[Packet]:
    """The clip's packets, whose pictures stand in the order in which they are decoded."""
    with av.open(str(clip)) as container:
        packets = [one for one in container.demux(video=0) if one.size]
    return [Packet(bytes(one), number, one.is_keyframe) for number, one in enumerate(packets)]


def _accept(listener: socket.socket, fan: _Fan) -> None:
    while True:
        reader, _ = listener.accept()
        try:
            reader.recv(4096)
            fan.add(reader)
        except OSError:
            reader.close()


def send(clip: Path, port: int, other: Path) -> None:
    """Send until the process is ended."""
    fan, told = _Fan(), SimpleQueue[str]()
    with socket.create_server(("127.0.0.1", port), backlog=256) as listener:
        threading.Thread(target=_accept, args=(listener, fan), daemon=True).start()
        threading.Thread(target=_hear, args=(told,), daemon=True).start()
        _Show(fan, told, [(clip, read(clip)), (other, read(other))]).run()


def _hear(told: "SimpleQueue[str]") -> None:
    for line in sys.stdin:
        told.put(line.strip())


class _Show:
    """Plays one of its films lap after lap; a muxer writes a session, which ends with the stamps."""

    def __init__(self, fan: _Fan, told: "SimpleQueue[str]", films: list[tuple[Path, list[Packet]]]) -> None:
        self._fan, self._told, self._films = fan, told, films
        self._begun, self._sent = time.monotonic(), 0

    def run(self) -> None:
        while True:
            clip, _ = self._films[0]
            with (
                av.open(str(clip)) as film,
                av.open(
                    cast(str, self._fan), "w", format="mpegts", container_options=_TABLES, buffer_size=13160
                ) as container,
            ):
                muxer = cast(Any, container)
                self._session(muxer, muxer.add_stream_from_template(film.streams.video[0]))

    def _session(self, container: Any, stream: VideoStream) -> None:
        stamp = 0
        while True:
            for one in self._films[0][1]:
                time.sleep(max(0.0, self._begun + self._sent / RATE - time.monotonic()))
                if one.key:
                    match self._heard():
                        case "stamps reset":
                            return
                        case "clock jumped":
                            stamp += _AHEAD_S * RATE
                        case "resized":
                            self._films.reverse()
                            break
                        case _:
                            self._fan.admit()
                self._write(container, stream, one, stamp)
                stamp, self._sent = stamp + 1, self._sent + 1

    def _heard(self) -> str | None:
        try:
            return self._told.get_nowait()
        except Empty:
            return None

    def _write(self, container: Any, stream: VideoStream, one: Packet, stamp: int) -> None:
        packet = av.Packet(one.data)
        packet.pts = packet.dts = stamp
        packet.time_base, packet.stream, packet.is_keyframe = Fraction(1, RATE), stream, one.key
        container.mux(packet)


if __name__ == "__main__":
    send(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
