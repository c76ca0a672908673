"""Who may ask: what stands before every door."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol, TypeAlias
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .console import FILES
from .doors.check import PATH as CHECK
from .problems import problem

# Asked by what starts and stops containers, and by browsers, which know no token yet; they say nothing of a source.
OPEN: Final = frozenset({"/healthz", "/readyz", *FILES})


# Answers a request whose body is wholly here; what takes long is awaited.
AtOnce: TypeAlias = Callable[[bytes], Response | Awaitable[Response]]


class Doors(Protocol):
    """The application, which can answer some requests without waiting for anything."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def at_once(self, scope: Scope) -> AtOnce | None: ...


class Access:
    """Lets requests to the application that bring the token, and no page of another origin.

    Args:
        app: what is asked then.
        token: what every caller must know; None where nothing is asked for.
    """

    def __init__(self, app: "Doors", token: Callable[[], str | None]) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._refusal(scope) or self._app)(scope, receive, send)

    def at_once(self, scope: Scope) -> AtOnce | None:
        """What answers a request as soon as its body is here, from memory; None where the application has to."""
        answer = self._app.at_once(scope)
        if answer is None:
            return None
        refused = self._refusal(scope)
        return answer if refused is None else lambda _: refused

    def _refusal(self, scope: Scope) -> Response | None:
        if scope["type"] != "http" or scope["path"] in OPEN:
            return None
        headers: dict[bytes, bytes] = dict(scope["headers"])
        token = self._token()
        at_check = str(scope["path"]).startswith(CHECK)  # where proxies understand 403 alone
        if token is not None and not any(_same(given, token) for given in _given(headers)):
            challenge = {"www-authenticate": 'Bearer realm="facewarden"'}
            detail = "Give the token: Authorization: Bearer ..., or X-Facewarden-Token."
            return problem(403 if at_check else 401, "Who asks?", detail, {} if at_check else challenge)
        if not at_check and _foreign(headers):
            return problem(403, "Another origin", "A page of another origin may not ask here.")
        return None


def _given(headers: Mapping[bytes, bytes]) -> list[str]:
    """The tokens that a request brings: of its own header, as bearer, or as password where a URL carries one."""
    kind, _, value = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    found = [headers.get(b"x-facewarden-token", b"").decode("latin-1")]
    if kind.lower() == "bearer":
        found.append(value.strip())
    elif kind.lower() == "basic":
        found.append(_password(value.strip()))
    return found


def _password(basic: str) -> str:
    try:
        return base64.b64decode(basic, validate=True).decode("latin-1").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _foreign(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks for a page of another origin; programs send no `Origin`."""
    origin = headers.get(b"origin")
    return origin is not None and urlsplit(origin).netloc != headers.get(b"host")
