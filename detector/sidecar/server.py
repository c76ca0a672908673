"""The HTTP server, as the service wants it, and the signals of its process."""

import asyncio
import contextlib
import signal
import socket
import ssl
from collections.abc import Callable, Generator
from typing import Final, cast

import uvicorn
from starlette.types import ASGIApp

from .protocol import LimitedProtocol

# Seconds that a proxy may leave a connection idle.
_IDLE_S: Final = 75


class Server(uvicorn.Server):
    """uvicorn's, with our limits; its signals are handled by the service, which is told once it listens.

    Args:
        app: what is asked.
        tls: what connections are secured by.
        drain_s: seconds that requests which are under way have to end in.
        listening: is told.
    """

    def __init__(self, app: ASGIApp, tls: ssl.SSLContext | None, drain_s: int, listening: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            http=LimitedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_IDLE_S,
            timeout_graceful_shutdown=drain_s,
        )
        config.load()
        config.ssl = tls
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Nothing: uvicorn's own would count each signal besides ours, and the first for a second one."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for late in [*self.server_state.connections]:  # they came while it ended, or did not end in time
            cast(LimitedProtocol, late).transport.abort()


@contextlib.contextmanager
def signals(stop: Callable[[], None], hang_up: Callable[[], None]) -> Generator[None]:
    """Let the signals of this process do that, where its main thread serves."""
    loop = asyncio.get_running_loop()
    told = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: hang_up}
    try:
        for number, handler in told.items():
            loop.add_signal_handler(number, handler)
    except (ValueError, RuntimeError):  # another thread's loop: whoever started it stops it
        told = {}
    try:
        yield
    finally:
        for number in told:
            loop.remove_signal_handler(number)
