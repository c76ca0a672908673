"""A server that sends one file over HTTP as MPEG-TS, in real time and over and over, to whoever asks.

It only packs anew what it has read once, so that it takes next to nothing of a machine that many sources of it are
watched on. Tests use `sending`.
"""

import socket
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from subprocess import Popen
from typing import Final, NamedTuple, cast

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

RATE: Final = 15

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


@contextmanager
def sending(clip: Path, port: int) -> Generator[Popen[bytes]]:
    """Send in a process of its own until the block ends."""
    process = Popen([sys.executable, __file__, str(clip), str(port)])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


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


def send(clip: Path, port: int) -> None:
    """Send until the process is ended."""
    fan, packets = _Fan(), read(clip)
    with socket.create_server(("127.0.0.1", port), backlog=256) as listener:
        threading.Thread(target=_accept, args=(listener, fan), daemon=True).start()
        with av.open(str(clip)) as film, av.open(
            cast(str, fan), "w", format="mpegts", container_options=_TABLES, buffer_size=1316 * 10
        ) as container:  # fmt: skip
            stream = container.add_stream_from_template(film.streams.video[0])
            _play(fan, packets, container, stream)


def _play(fan: _Fan, packets: list[Packet], container: OutputContainer, stream: VideoStream) -> None:
    begun, number = time.monotonic(), 0
    while True:
        for one in packets:
            time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            packet = av.Packet(one.data)
            packet.pts = packet.dts = number
            packet.time_base, packet.stream, packet.is_keyframe = Fraction(1, RATE), stream, one.key
            if one.key:
                fan.admit()
            container.mux(packet)
            number += 1


if __name__ == "__main__":
    send(Path(sys.argv[1]), int(sys.argv[2]))
