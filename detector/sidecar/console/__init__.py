"""The page of the service: what there is to see, for a person. Its files say nothing of a source, and need no token."""

from functools import cache
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...charts import script

# Addresses of the page and of what it is made of, each with its kind.
FILES: Final[dict[str, str]] = {
    "/": "text/html",
    "/console/console.css": "text/css",
    "/console/console.js": "text/javascript",
    "/console/echarts.min.js": "text/javascript",
}
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


async def page(request: Request) -> Response:
    """One of the files."""
    path = request.url.path
    return Response(_text(path.rsplit("/", 1)[-1] or "console.html"), media_type=FILES[path], headers=_HEADERS)


def routes() -> list[Route]:
    """Where the page is."""
    return [Route(path, page) for path in FILES]


@cache
def _text(name: str) -> str:
    if name == "echarts.min.js":
        return script()
    return files(__package__ or "").joinpath(name).read_text(encoding="utf-8")
