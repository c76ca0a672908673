"""`POST /v1/ask`: a program under `facewarden run --ask` asks about a call of its own, before it makes it.

It may send small views of its pictures: they are compared with what the sources have shown, and never kept.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from functools import lru_cache, partial
from typing import Final

import msgspec
from starlette.responses import Response

from ....streams.address import exists, local_path, redacted
from ...calls import Call, read_call
from ...calls.attribution import Attribution
from ...calls.attribution.asked import CallQuestion, CallReply, as_planes
from ...calls.attribution.content import check, match
from ...calls.attribution.pictures import MOST as MOST_VIEWS
from ...calls.attribution.pictures import SIDE, Plane
from ...calls.attribution.reading import as_read
from ...calls.attribution.recent import Showing as Shown
from ...errors import CallLogError
from ...plain import UNREADABLE_JSON
from ..gate import Gate
from ..problems import problem
from ..settings import Settings
from ..shown import Showing
from .door import Asked

# Bytes of a question: views go in base64.
MOST: Final = (64 << 10) + (MOST_VIEWS + 1) * SIDE * SIDE * 4 // 3
_CAMERA = re.compile(r"device-(\d+)")
_OPENS: Final = msgspec.json.encode(CallReply(None))
_GREETING: Final = b"{}"
_JSON: Final = "application/json"


class Asking:
    """Answers such questions.

    Args:
        shown: what the sources have shown.
        settings: name the sources, and say whether callers have to know a token.
    """

    def __init__(self, shown: Showing, settings: Callable[[], Settings]) -> None:
        self._shown, self._settings = shown, settings

    def __call__(self, asked: Asked) -> Response | Awaitable[Response]:
        """Decide on a call; with pictures on a thread, for to find them takes milliseconds.

        Raises:
            CallLogError: it is no question.
        """
        settings = self._settings()
        if settings.tokens.ask is None and asked.request.client is not None:  # a Unix socket has no such address
            return problem(403, "Not here", "Ask over the Unix socket, or have a token asked for.")
        recents = self._shown.want()
        if asked.body == _GREETING:
            return Response(_OPENS, media_type=_JSON)
        question, call, planes = understand(asked.body)
        answer = partial(_answer, asked.gate, question, call, planes, settings.sources, recents)
        return asyncio.to_thread(answer) if planes else answer()


def understand(body: bytes) -> tuple[CallQuestion, Call, list[Plane]]:
    """The question that a body is, its call, and its pictures.

    Raises:
        CallLogError: it is none.
    """
    try:
        question = msgspec.json.decode(body, type=CallQuestion)
        return question, _understood(bytes(question.call)), as_planes(question.views)
    except (*UNREADABLE_JSON, ValueError) as error:
        raise CallLogError(f"body: {error}") from error


_understood = lru_cache(1024)(partial(read_call, where="call"))


def _answer(
    gate: Gate, question: CallQuestion, call: Call, planes: list[Plane], sources: Mapping[str, str],
    recents: Mapping[str, Shown],
) -> Response:  # fmt: skip
    if call.service == "local" and "service" in gate.terms.site.declared(None).facts:
        call = msgspec.structs.replace(call, service=None)  # its local models serve a hosted service
    find = partial(_found, gate, question, call, planes, sources, recents)
    answer = gate.ask_for(call, find, question.closed, observe=question.observe)
    content = _OPENS if answer.opens else msgspec.json.encode(CallReply(answer.ruling.decision))
    return Response(content, media_type=_JSON)


def _found(
    gate: Gate, question: CallQuestion, call: Call, planes: list[Plane], sources: Mapping[str, str],
    recents: Mapping[str, Shown],
) -> Attribution | None:  # fmt: skip
    """Whose picture the call is on; see `attribute`, which does the same where the pictures are at hand."""
    if call.source:
        return Attribution(call.source, "call", 1.0)
    if question.said is not None:
        return question.said
    read = as_read(read_names(question, sources))
    if read is None:
        return match(planes, recents)
    matters = read.others or gate.matters(call, {*sources, read.source})
    found = check(read, planes, recents) if matters else read
    recent = recents.get(found.source) if found else None
    if found is None or found.at is not None or recent is None or not recent.views:
        return found
    return msgspec.structs.replace(found, at=recent.views[-1].at)


def read_names(question: CallQuestion, sources: Mapping[str, str]) -> Collection[str]:
    """The sources that a program has read: cameras by the names that they have here, where they have one; of what else
    it has read only what is a source."""
    names = {_place(url): name for name, url in sources.items()}
    names |= {name: name for name in sources}
    shown = {names.get(_place(url), redacted(url)) for url in question.shown}
    return shown | {name for url in question.read for place in _places(url) if (name := names.get(place))}


def _places(url: str) -> Iterator[str]:
    """What a URL means, and the folders that a file lies in."""
    yield _place(url)
    path = local_path(url)
    yield from map(str, path.resolve().parents) if path and exists(path) else ()


def _place(url: str) -> str:
    """What a URL means, however it is written, and whoever's credentials are in it."""
    if camera := _CAMERA.fullmatch(url):
        return f"/dev/video{camera[1]}"
    path = local_path(url)
    if path is None:
        return re.sub(r"(?<=://)[^/@]*@", "", url)
    return str(path.resolve()) if exists(path) else url
