"""Who may ask: what stands before every door."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final, Protocol, TypeAlias

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .console import FILES
from .doors.check import PATH as CHECK
from .problems import problem
from .roles import FILES as TOKEN_FILES
from .roles import Role, Tokens, role_of

# Asked by what starts and stops containers, and by browsers, which know no token yet; they say nothing of a source.
OPEN: Final = frozenset({"/healthz", "/readyz", *FILES})


# Answers a request whose body is wholly here; what takes long is awaited.
AtOnce: TypeAlias = Callable[[bytes], Response | Awaitable[Response]]


class Doors(Protocol):
    """The application, which can answer some requests without waiting for anything."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def at_once(self, scope: Scope) -> AtOnce | None: ...


class Access:
    """Lets requests to the application that bring the token of what they want to do, and no page of another origin.

    Args:
        app: what is asked then.
        tokens: what callers must know.
    """

    def __init__(self, app: "Doors", tokens: Callable[[], Tokens]) -> None:
        self._app, self._tokens = app, tokens

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
        at_check = str(scope["path"]).startswith(CHECK)  # where proxies understand 403 alone
        role, tokens = role_of(scope), self._tokens()
        if at_check and not tokens.knows("ask", _given(headers)):
            return problem(403, "Who asks?", _NEEDED["ask"])
        if not at_check and not tokens.knows(role, _given(headers)):
            return _unknown(role, tokens)
        if not at_check and _foreign(headers):
            return problem(403, "Another origin", "A page of another origin may not ask here.")
        return None


_NEEDED: Final[dict[Role, str]] = {
    "ask": "Give the token: Authorization: Bearer ..., or X-Facewarden-Token.",
    "push": "Give the token that pictures are pushed with, which is not the one that is asked with.",
    "manage": "Give the token that the service is managed with, which is not the one that is asked with.",
}


def _unknown(role: Role, tokens: Tokens) -> Response:
    if tokens.closed(role):
        detail = f"Asking needs a token here, and [serve] names no {TOKEN_FILES[role]}."
        return problem(403, "Nobody may do this here", detail)
    return problem(401, "Who asks?", _NEEDED[role], {"www-authenticate": 'Bearer realm="facewarden"'})


def _given(headers: Mapping[bytes, bytes]) -> Iterator[str]:
    """The tokens that a request brings: of its own header, as bearer, or as password where a URL carries one."""
    yield headers.get(b"x-facewarden-token", b"").decode("latin-1")
    kind, _, value = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if kind.lower() == "bearer":
        yield value.strip()
    elif kind.lower() == "basic":
        yield _password(value.strip())


def _password(basic: str) -> str:
    try:
        return base64.b64decode(basic, validate=True).decode("latin-1").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _foreign(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks for a page of another origin; programs send no `Origin`. Any bytes may stand there."""
    origin = headers.get(b"origin")
    return origin is not None and origin.partition(b"://")[2] != headers.get(b"host")
