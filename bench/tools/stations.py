"""Cameras for benchmarks: each a sender in a process of its own, behind a proxy that breaks as networks do."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Literal, TypeAlias, cast

from . import rtsp
from .faults import FAULTS, Fault, FaultyProxy
from .sender import BREACHES, Breach, Sender, free_port

Trouble: TypeAlias = Fault | Breach | Literal["killed"]


class Proxies:
    """A proxy before each of some servers, in a process beside this one: what they take is not ours.

    Attributes:
        ports: theirs, by the servers'.
    """

    def __init__(self, told: Connection, ports: dict[int, int]) -> None:
        self._told, self.ports = told, ports

    def set(self, server: int, fault: Fault | None) -> None:
        """Break so before that server, or no more."""
        self._told.send((server, fault))


@contextmanager
def proxies(servers: Sequence[int]) -> Generator[Proxies]:
    """Proxies before the servers of these ports, until the block ends."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_stand, args=(theirs, tuple(servers)), daemon=True)
    process.start()
    try:
        yield Proxies(ours, ours.recv())
    finally:
        process.kill()
        process.join()


def _stand(told: Connection, servers: Sequence[int]) -> None:
    standing = {server: FaultyProxy(server) for server in servers}
    told.send({server: proxy.port for server, proxy in standing.items()})
    while True:
        server, fault = told.recv()
        standing[server].set(fault)


class Station:
    """A camera.

    Args:
        name: of the source.
        clips: what it sends, and the same in another size; MPEG-TS with H.264.
        by_rtsp: whether GStreamer's server sends it, and not ours.

    Attributes:
        port: of its server.
        troubles: what can happen to it: a server that others wrote sends what it sends.
    """

    def __init__(self, name: str, clips: tuple[Path, Path], *, by_rtsp: bool) -> None:
        self.name, self._clips, self._by_rtsp = name, clips, by_rtsp
        self.port = free_port()
        self.troubles: Final[tuple[Trouble, ...]] = (*FAULTS, *(() if by_rtsp else BREACHES), "killed")
        self._sender = self._begin()

    def address(self, port: int) -> str:
        """Where it is read, at the port of its server or of a proxy before that."""
        return f"rtsp://127.0.0.1:{port}/live" if self._by_rtsp else f"http://127.0.0.1:{port}/live.ts"

    def begin(self, trouble: Trouble, before: Proxies) -> None:
        """Something happens to it."""
        if trouble == "killed":
            self._sender.close()
        elif trouble in BREACHES:
            cast(Sender, self._sender).breach(trouble)
        else:
            before.set(self.port, cast(Fault, trouble))

    def end(self, trouble: Trouble, before: Proxies) -> None:
        """It is over."""
        if trouble == "killed":
            self._sender = self._begin()
        elif trouble not in BREACHES:
            before.set(self.port, None)

    def close(self) -> None:
        """End its server."""
        self._sender.close()

    def _begin(self) -> Sender | rtsp.Server:
        return (
            rtsp.Server(self.port, self._clips[0])
            if self._by_rtsp
            else Sender(self._clips[0], self.port, self._clips[1])
        )
