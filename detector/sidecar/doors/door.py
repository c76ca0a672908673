"""What every door over HTTP is: a function from a question to its answer, and the little that is common to all."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from time import perf_counter
from typing import Final, NamedTuple, TypeAlias

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...calls.services.twice import says_two_things
from ...errors import CallLogError, FacewardenError
from ...plain import UNREADABLE_JSON
from ...policy import Decision
from ..gate import Answer, Gate
from ..journal import Journal
from ..metrics import Metrics
from ..problems import Problem, problem

# Bytes of a question.
MOST: Final = 64 << 10
# Decisions whose text is kept: few kinds of call come again and again.
_KEPT: Final = 1000
# Bodies that are looked through once: those that are no longer than so many bytes, and come again.
_SHORT: Final = 2048
# Characters of a reason in a header.
_LONGEST: Final = 1000


class Asked(NamedTuple):
    """A question, wholly here."""

    request: Request
    body: bytes
    gate: Gate


# An answer that takes long is awaited, and given on another thread.
Answering: TypeAlias = Callable[[Asked], Response | Awaitable[Response]]


class Behind(NamedTuple):
    """What is behind the doors; `heard` is told of each question, where somebody wants to know its trace."""

    gate: Gate
    metrics: Metrics
    journal: Journal
    heard: Callable[[Scope], None] | None = None


class Door:
    """One of them, as the application calls it.

    Args:
        name: in metrics.
        behind: what is behind it.
        answer: the answer to a question; from memory, for nothing else is served meanwhile, or else awaited.
        status: of a question that nobody can make out, or of a failure of ours; None for 400 and 503.
        most: bytes of a question.
    """

    def __init__(
        self, name: str, behind: Behind, answer: Answering, status: int | None = None, most: int = MOST
    ) -> None:
        self._name, self._answer, self._status, self._most = name, answer, status, most
        self._gate, self._metrics, self._journal, self._heard = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(Request(scope, receive), self._most)
        except ClientDisconnect:
            return
        response = self._too_large() if body is None else self.answer(scope, body)
        if not isinstance(response, Response):
            response = await response
        await response(scope, receive, send)

    def answer(self, scope: Scope, body: bytes) -> Response | Awaitable[Response]:
        """The answer to a request whose body is wholly here; one that takes long is awaited. Never raises."""
        started = perf_counter()
        if self._heard is not None:
            self._heard(scope)
        try:
            if body:
                _check(body)
            found = self._answer(Asked(Request(scope), body, self._gate))
        except Exception as error:  # noqa: BLE001 - whatever failed, nothing is opened
            found = self._failed(error)
        return self._counted(found, started) if isinstance(found, Response) else self._later(found, started)

    async def _later(self, found: Awaitable[Response], started: float) -> Response:
        try:
            response = await found
        except Exception as error:  # noqa: BLE001 - as above
            response = self._failed(error)
        return self._counted(response, started)

    def _counted(self, response: Response, started: float) -> Response:
        self._metrics.took(self._name, perf_counter() - started)
        self._metrics.answered(self._name, response.status_code)
        return response

    def _failed(self, error: Exception) -> Response:
        if isinstance(error, FacewardenError):
            return problem(self._status or 400, "Not a question", str(error))
        self._journal.event("failure", f"{self._name}: {type(error).__name__}: {error}")
        return problem(self._status or 503, "Cannot decide", "facewarden itself failed; its log says how.")

    def _too_large(self) -> Response:
        status = self._status or 413
        self._metrics.answered(self._name, status)
        return problem(status, "Too large", f"A question has at most {self._most} bytes.", _CLOSE)


_CLOSE: Final = {"connection": "close"}


async def read_body(request: Request, most: int = MOST) -> bytes | None:
    """The body of a request; None where it is longer than `most` bytes: what is too much is not read."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        return None
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            return None
        parts.append(part)
    return b"".join(parts)


def _check(body: bytes) -> None:
    """Raises where a key of the body comes twice: whoever reads along may take the other one."""
    if (_is_ambiguous_kept if len(body) <= _SHORT else _is_ambiguous)(body):
        raise CallLogError("body: a key comes twice in it; say each once")


def _is_ambiguous(body: bytes) -> bool:
    try:
        return says_two_things(body, msgspec.json.decode(body))
    except UNREADABLE_JSON:
        return False  # whoever answers says what it is


_is_ambiguous_kept = lru_cache(_KEPT)(_is_ambiguous)


class Encoded:
    """Decisions as JSON, each encoded once for as long as it comes again."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Decision, msgspec.Raw]] = {}

    def __call__(self, decision: Decision) -> msgspec.Raw:
        """The decision as JSON."""
        kept = self._kept.get(id(decision))
        if kept is None or kept[0] is not decision:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            kept = self._kept[id(decision)] = (decision, msgspec.Raw(msgspec.json.encode(decision)))
        return kept[1]


encoded: Final = Encoded()


def told(answer: Answer) -> dict[str, str]:
    """The headers that say what was decided."""
    decision = answer.ruling.decision
    return {
        "x-facewarden-decision": decision.effect,
        "x-facewarden-rule": _plain(", ".join(decision.deciding)),
        "x-facewarden-reason": _plain(answer.reason),
        "x-facewarden-id": _plain(answer.id),
    }


def refusal(answer: Answer) -> bytes:
    """The body that says why a call may not be made."""
    decision = answer.ruling.decision
    title = f"This call may not be made: {decision.effect.replace('_', ' ')}"
    return msgspec.json.encode(
        Problem(title, 403, answer.reason, effect=decision.effect, rules=decision.deciding, id=answer.id)
    )


@lru_cache(_KEPT)
def _plain(text: str) -> str:
    """The text as a header can hold it: ASCII, on one line."""
    text = text[:_LONGEST]
    if text.isascii() and text.isprintable():
        return text
    return "".join(one if " " <= one <= "~" else "?" for one in text)
