"""The application: every address, and what answers there."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import FacewardenError
from . import console
from . import metrics as numbers
from .access import Access, AtOnce
from .doors import litellm
from .doors.ask import MOST as MOST_ASKED
from .doors.ask import Asking
from .doors.authorize import authorize
from .doors.authzen import evaluate
from .doors.check import PATH as CHECK
from .doors.check import check
from .doors.door import Behind, Door
from .doors.mediamtx import MediaMtxDoor
from .events import Hub, events
from .gate import Gate
from .journal import Journal
from .metrics import Metrics
from .openapi import document
from .picture import Picture
from .problems import problem
from .pushing import PATH as PUSHED
from .pushing import Pushing
from .roles import Tokens

_JSON = "application/json"


class Pages:
    """What there is to see.

    Args:
        picture: the last picture of the service.
        reload: reads the site file again; raises `FacewardenError` where that is wrong.
    """

    def __init__(self, picture: Callable[[], Picture], reload: Callable[[], Awaitable[None]]) -> None:
        self._picture, self._reload = picture, reload

    async def sources(self, _: Request) -> Response:
        """All sources."""
        return _json([*self._picture().sources.values()])

    async def source(self, request: Request) -> Response:
        """One source."""
        name: str = request.path_params["name"]
        found = self._picture().sources.get(name)
        return problem(404, "No such source", f"The site names no source {name!r}.") if found is None else _json(found)

    async def healthz(self, _: Request) -> Response:
        """Whether the process lives."""
        return Response("ok\n", media_type="text/plain")

    async def readyz(self, _: Request) -> Response:
        """Whether it decides."""
        readiness = self._picture().readiness
        return _json(readiness, 200 if readiness.ready else 503)

    async def metrics(self, request: Request) -> Response:
        """For Prometheus."""
        return Response(request.app.state.metrics.text(), headers={"content-type": numbers.MEDIA_TYPE})

    async def openapi(self, _: Request) -> Response:
        """The OpenAPI document."""
        return _json(document())

    async def reload(self, _: Request) -> Response:
        """Read the site file again."""
        try:
            await self._reload()
        except FacewardenError as error:
            return problem(409, "The site file is wrong, and nothing was changed", str(error))
        return _json(self._picture().readiness)


def make_app(
    gate: Gate, mediamtx: MediaMtxDoor, asking: Asking, pages: Pages, metrics: Metrics, hub: Hub, journal: Journal,
    pushing: Pushing, tokens: Callable[[], Tokens], heard: Callable[[Scope], None] | None = None,
) -> Access:  # fmt: skip
    """The application of these parts."""
    behind = Behind(gate, metrics, journal, heard)
    posted = {
        "/v1/authorize": Door("authorize", behind, authorize),
        "/access/v1/evaluation": Door("authzen", behind, evaluate),
        "/v1/ask": Door("ask", behind, asking, most=MOST_ASKED),
        "/v1/mediamtx/auth": Door("mediamtx", behind, mediamtx, 403),
        litellm.PATH: Door("litellm", behind, litellm.Guardrail(), most=litellm.MOST),
    }
    checking = Door("check", behind, check, 403)
    app = Starlette(
        routes=[
            *(Route(path, door, methods=["POST"]) for path, door in posted.items()),
            Route(CHECK, checking),
            Route(CHECK + "/{path:path}", checking),
            Route("/v1/sources", pages.sources),
            Route(PUSHED, pushing, methods=["PUT"]),
            Route("/v1/sources/{name:path}", pages.source),
            Route("/v1/events", events),
            Route("/v1/reload", pages.reload, methods=["POST"]),
            Route("/healthz", pages.healthz),
            Route("/readyz", pages.readyz),
            Route("/metrics", pages.metrics),
            Route("/openapi.json", pages.openapi),
            *console.routes(),
        ],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )
    app.state.metrics, app.state.hub, app.state.journal = metrics, hub, journal
    return Access(_Shortcut(app, posted, checking), tokens)


class _Shortcut:
    """Goes to the doors without asking the routes: that is most of what comes, and a third of what it costs."""

    def __init__(self, app: ASGIApp, posted: Mapping[str, Door], checking: Door) -> None:
        self._app, self._posted, self._checking = app, posted, checking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._door(scope) or self._app)(scope, receive, send)

    def at_once(self, scope: Scope) -> AtOnce | None:
        """What answers as soon as the body is here."""
        door = self._door(scope)
        return None if door is None else partial(door.answer, scope)

    def _door(self, scope: Scope) -> Door | None:
        if scope["type"] != "http":
            return None
        path = scope["path"]
        return self._checking if path == CHECK else self._posted.get(path) if scope["method"] == "POST" else None


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - by which it was registered
    return problem(error.status_code, error.detail, "See /openapi.json for what is answered here.", error.headers)


async def _failed(request: Request, error: Exception) -> Response:
    request.app.state.journal.event("failure", f"{request.url.path}: {type(error).__name__}: {error}")
    return problem(503, "Cannot answer", "facewarden itself failed; its log says how.")


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type=_JSON)
