"""A TCP proxy that breaks in the ways in which networks and cameras do."""

import random
import socket
import threading
import time
from contextlib import suppress
from typing import Final, Literal

Fault = Literal["closed", "silent", "frozen", "cut", "dropped", "delayed"]
FAULTS: Final[tuple[Fault, ...]] = ("closed", "silent", "frozen", "cut", "dropped", "delayed")
_POLL_S: Final = 0.05
_LOST: Final = 0.1
_LATE_S: Final = 0.7
_CHUNK: Final = 1316


class FaultyProxy:
    """Stands on loopback before a server, and passes on what comes, until it is told to break.

    `closed`: nobody listens, and connections are cut. `silent`: connections are cut, and new ones are taken and never
    answered. `frozen`: connections stand, and nothing more comes. `cut`: connections are cut, and new ones are good.
    `dropped`: a tenth of what the server sends is lost. `delayed`: it comes late, in gusts.

    Args:
        upstream: the server's port.
    """

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.fault: Fault | None = None
        self._listener: socket.socket | None = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._chance = random.Random(1)  # noqa: S311 - no secret
        self._ended = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def set(self, fault: Fault | None) -> None:
        """Break so, or no more."""
        self.fault = None if fault == "cut" else fault
        if fault in ("closed", "silent", "cut"):
            self._cut()

    def close(self) -> None:
        """End it."""
        self._ended = True
        self._cut()
        self._thread.join()

    def _cut(self) -> None:
        for one in tuple(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._ended:
            if self.fault == "closed":
                if self._listener is not None:
                    self._listener.close()
                    self._listener = None
                time.sleep(_POLL_S)
            else:
                self._accept_one()
        if self._listener is not None:
            self._listener.close()

    def _accept_one(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(_POLL_S)
        with suppress(OSError):
            reader, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(reader,), daemon=True).start()

    def _serve(self, reader: socket.socket) -> None:
        self._open.add(reader)
        try:
            while self.fault == "silent" and not self._ended:
                time.sleep(_POLL_S)
            server = socket.create_connection(("127.0.0.1", self.upstream), 2)
        except OSError:
            self._drop(reader)
            return
        server.settimeout(None)
        self._open.add(server)
        up = threading.Thread(target=self._pump, args=(reader, server, False), daemon=True)
        up.start()
        self._pump(server, reader, True)
        up.join()
        self._drop(reader)
        self._drop(server)

    def _drop(self, one: socket.socket) -> None:
        self._open.discard(one)
        one.close()

    def _pump(self, source: socket.socket, sink: socket.socket, down: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                while self.fault == "frozen" and not self._ended:
                    time.sleep(_POLL_S)
                if down and self.fault == "delayed" and self._chance.random() < _LATE_S * _LOST:
                    time.sleep(_LATE_S)
                if not (down and self.fault == "dropped" and self._chance.random() < _LOST):
                    sink.sendall(data)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
