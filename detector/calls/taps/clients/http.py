"""HTTP libraries: the net under the clients of services, by endpoint."""

from collections.abc import Callable, Iterable
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

from ...services import Request
from ..patch import Patches
from .service import NOWHERE, ServiceTap


class HttpxTap(ServiceTap):
    """httpx: its transports, which every client's request comes to, redirected ones too."""

    runtime = "httpx"
    modules = ("httpx",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        self.watch_requests(patches, module.HTTPTransport, "handle_request", _httpx_address, _httpx_request)
        self.watch_requests(patches, module.AsyncHTTPTransport, "handle_async_request", _httpx_address, _httpx_request)

    def probes(self) -> Iterable[Callable[[], object]]:
        request = self.module.Request("POST", NOWHERE)
        yield lambda: self.module.HTTPTransport.handle_request(None, request)
        yield lambda: self.module.AsyncHTTPTransport.handle_async_request(None, request)


class Httpx2Tap(HttpxTap):
    """httpx2, which has taken the place of httpx in newer clients."""

    runtime = "httpx2"
    modules = ("httpx2",)


class Urllib3Tap(ServiceTap):
    """urllib3, and with it requests and all that is built on either."""

    runtime = "urllib3"
    modules = ("urllib3",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        self.watch_requests(patches, module.HTTPConnectionPool, "urlopen", _pool_address, _pool_request)

    def probes(self) -> Iterable[Callable[[], object]]:
        path = NOWHERE.removeprefix("http://127.0.0.1:0")
        pool = SimpleNamespace(scheme="http", host="127.0.0.1", proxy=None)
        yield lambda: self.module.HTTPConnectionPool.urlopen(pool, "POST", path)


class HttpClientTap(ServiceTap):
    """http.client of the standard library, and with it urllib.request."""

    runtime = "http.client"
    modules = ("http.client",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        self.watch_requests(patches, module.HTTPConnection, "request", _connection_address, _connection_request)

    def probes(self) -> Iterable[Callable[[], object]]:
        connection = self.module.HTTPConnection("127.0.0.1", 0)
        yield lambda: self.module.HTTPConnection.request(connection, "POST", NOWHERE)


class AiohttpTap(ServiceTap):
    """aiohttp: the method that all of a session's requests come to; where they are redirected to is not seen."""

    runtime = "aiohttp"
    modules = ("aiohttp",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        self.watch_requests(patches, module.ClientSession, "_request", _session_address, _session_request)

    def probes(self) -> Iterable[Callable[[], object]]:
        session = SimpleNamespace(_base_url=None, headers={})
        yield lambda: self.module.ClientSession._request(session, "POST", NOWHERE)


def _httpx_address(_: object, request: Any) -> tuple[str, str]:
    return request.method, str(request.url)


def _httpx_request(_: object, request: Any) -> Request:
    # The content of a stream is there only when the host has read it.
    return Request(request.method, str(request.url), request.headers, getattr(request, "_content", None))


def _pool_address(pool: Any, method: str, url: str, *_: object, **__: object) -> tuple[str, str]:
    return method, _absolute(url, pool.scheme, pool.host)


def _pool_request(
    pool: Any, method: str, url: str, body: object = None, headers: Any = None, *_: object, **__: object
) -> Request:
    return Request(method, _absolute(url, pool.scheme, pool.host), headers or getattr(pool, "headers", {}), body)


def _connection_address(connection: Any, method: str, url: str, *_: object, **__: object) -> tuple[str, str]:
    return method, _absolute(url, "http", connection._tunnel_host or connection.host)


def _connection_request(
    connection: Any, method: str, url: str, body: object = None, headers: Any = None, *_: object, **__: object
) -> Request:
    return Request(method, _connection_address(connection, method, url)[1], headers or {}, body)


def _session_address(session: Any, method: str, str_or_url: Any, **_: object) -> tuple[str, str]:
    url = str(str_or_url)
    return method, url if session._base_url is None or "://" in url else str(session._base_url.join(_url(str_or_url)))


def _session_request(session: Any, method: str, str_or_url: Any, **given: Any) -> Request:
    url = _url(_session_address(session, method, str_or_url)[1])
    body = given.get("json") if given.get("json") is not None else given.get("data")
    headers = {**session.headers, **dict(given.get("headers") or {})}
    return Request(method, str(url.update_query(given.get("params") or {})), headers, body)


def _url(url: Any) -> Any:
    return import_module("yarl").URL(url)  # aiohttp brings it


def _absolute(url: str, scheme: str, host: str) -> str:
    return f"{scheme}://{host}{url}" if url.startswith("/") else url
