"""Who may ask: what stands before every door."""

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from .console import FILES
from .doors.check import PATH as CHECK
from .problems import problem

# Asked by what starts and stops containers, and by browsers, which know no token yet; they say nothing of a source.
OPEN: Final = frozenset({"/healthz", "/readyz", *FILES})


class Access:
    """Lets requests to the application that bring the token, and no page of another origin.

    Args:
        app: what is asked then.
        token: what every caller must know; None where nothing is asked for.
    """

    def __init__(self, app: ASGIApp, token: Callable[[], str | None]) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app: ASGIApp = self._app
        if scope["type"] == "http" and scope["path"] not in OPEN:
            headers = Headers(scope=scope)
            token = self._token()
            at_check = str(scope["path"]).startswith(CHECK)  # where proxies understand 403 alone
            if token is not None and not any(_same(given, token) for given in _given(headers)):
                challenge = {"www-authenticate": 'Bearer realm="facewarden"'}
                detail = "Give the token: Authorization: Bearer ..., or X-Facewarden-Token."
                app = problem(403 if at_check else 401, "Who asks?", detail, {} if at_check else challenge)
            elif not at_check and _foreign(headers):
                app = problem(403, "Another origin", "A page of another origin may not ask here.")
        await app(scope, receive, send)


def _given(headers: Headers) -> list[str]:
    """The tokens that a request brings: of its own header, as bearer, or as password where a URL carries one."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    found = [headers.get("x-facewarden-token", "")]
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


def _foreign(headers: Headers) -> bool:
    """Whether a browser asks for a page of another origin; programs send no `Origin`."""
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
