"""`PUT /v1/sources/NAME/picture`: a picture of a source that the site file declares as `push:`."""

import asyncio
import math
from collections.abc import Callable
from typing import Final, NamedTuple

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...streams.errors import SourceError
from ...streams.frame import Size
from ...streams.pushed import FORMATS, MOST_BYTES, Format, PushedFeed
from .doors.door import read_body
from .problems import problem

PATH: Final = "/v1/sources/{name:path}/picture"
HEADERS: Final = {
    "x-facewarden-format": "i420, nv12 or jpeg; jpeg, too, where Content-Type says image/jpeg",
    "x-facewarden-width": "pixels, even; not of a jpeg",
    "x-facewarden-height": "pixels, even; not of a jpeg",
    "x-facewarden-stamp": "its time stamp, seconds on any base; now, where it is left out",
    "x-facewarden-captured-at": "the camera's wall clock, POSIX seconds, if known",
}
_CLOSE: Final = {"connection": "close"}


class Told(NamedTuple):
    """What the headers say of a picture."""

    form: Format
    size: Size | None
    stamp: float | None
    captured_at: float | None


class Pushing:
    """Takes pictures, of each source one at a time.

    Args:
        feed: what takes those of a source; None where nobody may push to it.
    """

    def __init__(self, feed: Callable[[str], PushedFeed | None]) -> None:
        self._feed = feed
        self._coming: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            response = await self._respond(request, request.path_params["name"])
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request, name: str) -> Response:
        feed = self._feed(name)
        if feed is None:
            return problem(
                404, "No such source", 'The site declares no source of that name with url = "push:".', _CLOSE
            )
        if name in self._coming:
            return problem(429, "One at a time", "Another picture of this source is still coming.", _CLOSE)
        self._coming.add(name)
        try:
            return await self._take(request, feed)
        except (ValueError, SourceError) as error:
            return problem(400, "Not a picture", str(error), _CLOSE)
        finally:
            self._coming.discard(name)

    async def _take(self, request: Request, feed: PushedFeed) -> Response:
        told = _told(request.headers)
        body = await read_body(request, MOST_BYTES)
        if body is None:
            return problem(413, "Too large", f"A picture has at most {MOST_BYTES} bytes.", _CLOSE)
        if told.form == "jpeg":  # which takes a while to decode
            await asyncio.to_thread(feed.take, body, *told)
        else:
            feed.take(body, *told)
        return Response(status_code=204)


def _told(headers: Headers) -> Told:
    """What they say; raises `ValueError` where that is nothing that can be said."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    given = headers.get("x-facewarden-format", "jpeg" if kind == "image/jpeg" else "")
    forms: dict[str, Format] = {form: form for form in FORMATS}
    if given not in forms:
        raise ValueError(f"X-Facewarden-Format is one of {', '.join(FORMATS)}")
    size = None if given == "jpeg" else (_pixels(headers, "width"), _pixels(headers, "height"))
    return Told(forms[given], size, _seconds(headers, "stamp"), _seconds(headers, "captured-at"))


def _pixels(headers: Headers, what: str) -> int:
    text = headers.get(f"x-facewarden-{what}", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise ValueError(f"X-Facewarden-{what.title()} is a number of pixels")
    return int(text)


def _seconds(headers: Headers, what: str) -> float | None:
    text = headers.get(f"x-facewarden-{what}")
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"X-Facewarden-{what.title()} is seconds, as a number")
    return value
