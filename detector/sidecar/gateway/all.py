"""The gateways of a service: one for each upstream that the site names."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Protocol

from ...errors import MissingLibrary
from ...site.address import Address, parse_address
from ...site.upstreams import Upstream
from .. import listening
from ..gate import Gate
from ..journal import Journal
from ..metrics import Metrics
from ..settings import Settings
from .asking import Server
from .gateway import Gateway
from .models import Models
from .ruling import Rules


class _Running(Protocol):
    async def stop(self, seconds: float) -> None: ...


class Gateways:
    """All of them.

    Args:
        settings: of the service.
        gate, metrics, journal: of the service.

    Raises:
        InputError: one cannot listen where it should; none holds an address then.
    """

    def __init__(self, settings: Settings, gate: Gate, metrics: Metrics, journal: Journal) -> None:
        self._settings, upstreams = settings, settings.upstreams
        self._upstreams, self._folder = upstreams, settings.site.parent
        self._gate, self._metrics, self._journal = gate, metrics, journal
        by_http = {name: one for name, one in upstreams.items() if not one.url.startswith("grpc")}
        self._held = {name: parse_address(one.listen) for name, one in by_http.items()}
        self._sockets = dict(zip(by_http, listening.listen([*self._held.values()]), strict=True))
        self._running: list[_Running] = []
        self._ports: dict[str, int] = {}
        self._models: list[Models] = []

    @property
    def addresses(self) -> dict[str, str]:
        """Where each listens: ports that were left to the system have a number once it is started."""
        named = {name: _name_of(one) for name, one in self._sockets.items()}
        ours = {name: parse_address(one.listen) for name, one in self._upstreams.items()}
        return {**named, **{name: f"{ours[name].host}:{port}" for name, port in self._ports.items()}}

    async def start(self, tls: ssl.SSLContext | None) -> None:
        """Take connections.

        Raises:
            MissingLibrary: gRPC is not installed, and one needs it.
            InputError: one cannot listen.
        """
        for name, upstream in self._upstreams.items():
            if name not in self._sockets:
                self._ports[name] = await self._start_rpc(name, upstream)
                continue
            gateway = Gateway(self._rules(name, upstream), self._metrics, self._failed)
            await gateway.start(self._sockets[name], tls)
            self._running.append(gateway)

    async def stop(self, seconds: float) -> None:
        """Take no more; end what is under way after so many seconds."""
        await asyncio.gather(*(one.stop(seconds) for one in self._running))
        self.close()

    def close(self) -> None:
        """Let go of the addresses."""
        listening.close([*self._sockets.values()], [*self._held.values()])

    async def _start_rpc(self, name: str, upstream: Upstream) -> int:
        try:
            from ..doors.envoy_grpc import credentials
            from .asking_rpc import OverRpc
            from .rpc import RpcGateway
        except ImportError as error:
            raise MissingLibrary(f"upstream {name!r} needs grpcio; pip install 'facewarden[grpc]'") from error
        rules = self._rules(name, upstream, OverRpc(upstream.url))
        gateway = RpcGateway(rules, self._metrics, self._failed)
        self._running.append(gateway)
        return await gateway.start(parse_address(upstream.listen), credentials(self._settings))

    def _rules(self, name: str, upstream: Upstream, server: Server | None = None) -> Rules:
        rules = Rules(name, upstream, self._folder, self._gate, self._note(name), self._forget, server)
        self._models.append(rules.models)
        return rules

    def _forget(self) -> None:
        """One server may stand behind several gateways: a model that one of them has loaded is another for all."""
        for models in self._models:
            models.forget()

    def _note(self, name: str) -> Callable[[str], None]:
        return lambda text: self._journal.event("model", f"{name}: {text}")

    def _failed(self, text: str) -> None:
        self._journal.event("failure", text)


def _name_of(bound: socket.socket) -> str:
    name = bound.getsockname()
    return str(Address(path=name)) if isinstance(name, str) else f"{name[0]}:{name[1]}"
