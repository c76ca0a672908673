"""The application: every address, and what answers there."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ..errors import FacewardenError
from . import metrics as numbers
from .access import Access
from .doors.authorize import authorize
from .doors.authzen import evaluate
from .doors.check import PATH as CHECK
from .doors.check import check
from .doors.door import Door
from .doors.mediamtx import MediaMtxDoor
from .events import Hub, events
from .gate import Gate
from .journal import Journal
from .metrics import Metrics
from .openapi import document
from .picture import Picture
from .problems import problem

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
    gate: Gate, mediamtx: MediaMtxDoor, pages: Pages, metrics: Metrics, hub: Hub, journal: Journal,
    token: Callable[[], str | None],
) -> ASGIApp:  # fmt: skip
    """The application of these parts."""
    checking = Door("check", check, 403)
    app = Starlette(
        routes=[
            Route("/v1/authorize", Door("authorize", authorize), methods=["POST"]),
            Route(CHECK, checking),
            Route(CHECK + "/{path:path}", checking),
            Route("/access/v1/evaluation", Door("authzen", evaluate), methods=["POST"]),
            Route("/v1/mediamtx/auth", Door("mediamtx", mediamtx, 403), methods=["POST"]),
            Route("/v1/sources", pages.sources),
            Route("/v1/sources/{name:path}", pages.source),
            Route("/v1/events", events),
            Route("/v1/reload", pages.reload, methods=["POST"]),
            Route("/healthz", pages.healthz),
            Route("/readyz", pages.readyz),
            Route("/metrics", pages.metrics),
            Route("/openapi.json", pages.openapi),
        ],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )
    app.state.gate, app.state.metrics, app.state.hub, app.state.journal = gate, metrics, hub, journal
    return Access(app, token)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - by which it was registered
    return problem(error.status_code, error.detail, "See /openapi.json for what is answered here.", error.headers)


async def _failed(request: Request, error: Exception) -> Response:
    request.app.state.journal.event("failure", f"{request.url.path}: {type(error).__name__}: {error}")
    return problem(503, "Cannot answer", "facewarden itself failed; its log says how.")


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type=_JSON)
