"""`/v1/check`: may the request that a proxy holds go on to the inference service? 200 or 403, by whatever method.

For nginx `auth_request`, Caddy `forward_auth`, Traefik `forwardAuth`, HAProxy, and Envoy's ext_authz over HTTP, which
asks at `/v1/check` + the path of the request itself.

What the proxy's configuration says goes first: it stands in the query of the address that the proxy asks at. Whoever
asks by a longer path (Envoy) has no such query, for the one that comes is the client's. Then come headers, which a
proxy has to set or to strip: a client could send them as well.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from ...calls import Call
from ...calls.services.request import Request
from ...calls.services.understand import understand
from ...facts import CHOICES
from ..problems import MEDIA_TYPE
from .door import Asked, refusal, told

PATH: Final = "/v1/check"
# Where proxies say what was asked for, by which method, and of which host.
_URIS: Final = ("x-original-uri", "x-forwarded-uri", "x-original-url")
_METHODS: Final = ("x-original-method", "x-forwarded-method")
_HOSTS: Final = ("x-forwarded-host", "x-original-host", "host")
# What may be said of a call by configuration, or in a header of that name.
_SAID: Final = ("source", "service", "task", "model", "client")
# What tells one operation of a service from another, where its path does not.
_TELLING: Final = ("x-amz-target", "content-type")
_READ: Final = frozenset(
    name.encode() for name in (*_URIS, *_METHODS, *_HOSTS, *_TELLING, *(f"x-facewarden-{what}" for what in _SAID))
)
# A model by its name: Open Inference Protocol, TensorFlow Serving.
_MODEL: Final = re.compile(r"/v[12]/models/([^/:?]+)")
_NOTHING: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})
# Requests that are understood once: those that are no longer than so many characters, and come again.
_KEPT, _SHORT = 1024, 2048


class Held(NamedTuple):
    """The request that a proxy holds, and what is said of it.

    Attributes:
        method, host: of the request.
        target: its path and query; None where that is not known for sure.
        said: of source, service, task, model and client, where they are said.
        telling: the headers that tell an operation, by name.
    """

    method: str
    host: str
    target: str | None
    said: tuple[tuple[str, str], ...]
    telling: tuple[tuple[str, str], ...] = ()


def check(asked: Asked) -> Response:
    """Answer a proxy."""
    answer = asked.gate.ask(_call(asked.request.scope), asked.request.headers.get("baggage", ""))
    if answer.opens:
        return Response(status_code=200, headers=told(answer))
    return Response(refusal(answer), 403, told(answer), MEDIA_TYPE)


def _call(scope: Scope) -> Call:
    given = tuple(pair for pair in scope["headers"] if pair[0] in _READ)
    asked = scope["method"], scope["path"], scope["query_string"], given
    size = len(scope["path"]) + len(scope["query_string"]) + sum(len(name) + len(value) for name, value in given)
    return (_asked if size <= _SHORT else _ask)(*asked)


def _ask(method: str, path: str, query: bytes, given: tuple[tuple[bytes, bytes], ...]) -> Call:
    return call_of(held_in(method, path, query.decode("latin-1"), Headers(raw=[*given])))


_asked = lru_cache(_KEPT)(_ask)


def held_in(method: str, path: str, query: str, headers: Headers) -> Held:
    """The request that a proxy asks about, by a request of its own."""
    if path != PATH:
        target = path.removeprefix(PATH) + (f"?{query}" if query else "")
        return held(method, headers.get("host", ""), target, headers)
    targets = {_target(one) for name in _URIS for one in headers.getlist(name)}
    method = next(filter(None, map(headers.get, _METHODS)), method)
    host = next(filter(None, map(headers.get, _HOSTS)), "")
    target = targets.pop() if len(targets) == 1 else None  # two that differ: one of them is a client's
    return held(method, host, target, headers, parse_qs(query))


def held(
    method: str, host: str, target: str | None, headers: Headers, configured: Mapping[str, Sequence[str]] = _NOTHING
) -> Held:
    """A request, and what is said of it: by configuration, else by its headers. What is said in two ways is not
    believed: one of them may be a client's."""
    values = {what: {*(configured.get(what) or headers.getlist(f"x-facewarden-{what}"))} for what in _SAID}
    said = tuple((what, value) for what, found in values.items() if len(found) == 1 for value in found if value)
    return Held(method, host, target, said, tuple((name, headers[name]) for name in _TELLING if name in headers))


def call_of(held: Held) -> Call:
    """The call that a request is about to make, as far as can be told."""
    size = len(held.host) + len(held.target or "") + sum(map(len, map("".join, (*held.said, *held.telling))))
    return (_understood if size <= _SHORT else _understand)(held)


def _understand(held: Held) -> Call:
    said, target = dict(held.said), held.target
    url = f"https://{held.host}{target}"
    seen = None if target is None else understand(Request(held.method, url, dict(held.telling)), "http")
    model = None if target is None else _MODEL.search(target)
    call = Call(
        source=said.get("source"),
        service=_known("service", said) or (seen and seen.service),
        task=_known("task", said) or (seen.task if seen else None),
        model=said.get("model") or (seen and seen.model) or (model[1] if model else None),
        runtime="http",
        own={"request": f"{held.method} {target or '?'}"[:500]},
    ).of_client(said.get("client"))
    _ = call.brought
    return call


_understood = lru_cache(_KEPT)(_understand)


def _known(fact: str, said: Mapping[str, str]) -> str | None:
    """The value, where the fact can have it; what nobody knows is unknown, and holds where it matters."""
    value = said.get(fact)
    return value if value in CHOICES[fact] else None


def _target(uri: str) -> str:
    """Path and query of what may be a whole URL."""
    return "/" + uri.partition("://")[2].partition("/")[2] if "://" in uri.partition("?")[0] else uri
