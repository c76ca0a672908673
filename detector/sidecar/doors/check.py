"""`/v1/check`: may the request that a proxy holds go on to the inference service? 200 or 403, by whatever method.

For nginx `auth_request`, Caddy `forward_auth`, Traefik `forwardAuth`, HAProxy, and Envoy's ext_authz over HTTP, which
asks at `/v1/check` + the path of the request itself.

What the proxy's configuration says goes first: it stands in the query of the address that the proxy asks at. Whoever
asks by a longer path (Envoy) has no such query, for the one that comes is the client's. Then come headers, which a
proxy has to set or to strip: a client could send them as well.
"""

import re
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.responses import Response

from ...calls import Call
from ...calls.services.request import Request
from ...calls.services.understand import understand
from ...facts import CHOICES
from .door import MEDIA_TYPE, Asked, refusal, told

PATH = "/v1/check"
# Where proxies say what was asked for.
_URIS = ("x-original-uri", "x-forwarded-uri", "x-original-url")
# A model by its name: Open Inference Protocol, TensorFlow Serving.
_MODEL = re.compile(r"/v[12]/models/([^/:?]+)")


class _Original(NamedTuple):
    """The request that a proxy holds; its target is None where that is not known for sure."""

    method: str
    host: str
    target: str | None


def check(asked: Asked) -> Response:
    """Answer a proxy."""
    headers = asked.request.headers
    answer = asked.gate.ask(call_of(asked), headers.get("baggage", ""))
    if answer.opens:
        return Response(status_code=200, headers=told(answer))
    return Response(refusal(answer), 403, told(answer), MEDIA_TYPE)


def call_of(asked: Asked) -> Call:
    """The call that the request is about to make, as far as can be told."""
    request = asked.request
    configured = dict(request.query_params) if request.scope["path"] == PATH else {}
    original = _original(asked)
    return understood(original.method, original.host, original.target, request.headers, configured)


def understood(method: str, host: str, target: str | None, headers: Headers, configured: dict[str, str]) -> Call:
    """The call that a request makes.

    Args:
        method, host, target: of the request.
        headers: its own.
        configured: what the proxy's configuration says: `source`, `service`, `task`, `model`.
    """
    seen = None if target is None else understand(Request(method, f"https://{host}{target}", headers), "http")

    def said(what: str) -> str | None:
        return configured.get(what) or headers.get(f"x-facewarden-{what}")

    model = None if target is None else _MODEL.search(target)
    return Call(
        source=said("source"),
        service=_known("service", said("service")) or (seen and seen.service),
        task=_known("task", said("task")) or (seen.task if seen else None),
        model=said("model") or (seen and seen.model) or (model[1] if model else None),
        runtime="http",
        own={"request": f"{method} {target}"[:500]},
    )


def _known(fact: str, value: str | None) -> str | None:
    """The value, where the fact can have it; what nobody knows is unknown, and holds where it matters."""
    return value if value in CHOICES[fact] else None


def _original(asked: Asked) -> _Original:
    request = asked.request
    headers = request.headers
    if (path := str(request.scope["path"])) != PATH:
        query = request.scope["query_string"].decode("latin-1")
        target = path.removeprefix(PATH) + (f"?{query}" if query else "")
        return _Original(request.method, headers.get("host", ""), target)
    targets = {_target(headers[name]) for name in _URIS if name in headers}
    method = headers.get("x-original-method") or headers.get("x-forwarded-method") or request.method
    host = headers.get("x-forwarded-host") or headers.get("x-original-host") or headers.get("host", "")
    return _Original(method, host, targets.pop() if len(targets) == 1 else None)  # two that differ: one is a client's


def _target(uri: str) -> str:
    """Path and query of what may be a whole URL."""
    return "/" + uri.partition("://")[2].partition("/")[2] if "://" in uri.partition("?")[0] else uri
