"""`POST /v1/authorize`: a call in, a decision out."""

from functools import lru_cache
from typing import cast

import msgspec
from starlette.responses import Response

from ...calls import Call, read_call
from ...errors import CallLogError
from ...plain import UNREADABLE_JSON
from ...policy import Decision
from .door import Asked, encoded

# Questions that are understood once: those that are no longer than so many bytes, and come again.
_KEPT, _SHORT = 1024, 2048


class Authorized(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a call.

    Attributes:
        id: what the call is called on record.
        opens: whether it may be made.
        decision: what was decided, and by which rules.
        let_through: whether it may be made although the decision closes it, because the site refuses nothing there.
        source: whose picture it is on, as was found.
        note: what else there is to say of that source.
    """

    id: str
    opens: bool
    decision: Decision
    source: str | None
    let_through: bool = False
    note: str = ""


class _Authorized(msgspec.Struct, frozen=True, omit_defaults=True):
    """The same, its decision as JSON already."""

    id: str
    opens: bool
    decision: msgspec.Raw
    source: str | None
    let_through: bool = False
    note: str = ""


_encoder = msgspec.json.Encoder()


def authorize(asked: Asked) -> Response:
    """Decide on the call that the body is, as a line of a call log has it; `at` may be left out. Whoever shows a
    certificate is the client, by its common name.

    Raises:
        CallLogError: it is none.
    """
    call, name = understand(asked.body)
    if client := asked.request.scope.get("state", {}).get("client"):  # whatever it says itself
        call = call.of_client(client)
    answer = asked.gate.ask(call, asked.request.headers.get("baggage", ""), name)
    decision, found = answer.ruling.decision, answer.ruling.found
    through = answer.opens and not decision.opens
    source = found.source if found else None
    said = _Authorized(answer.id, answer.opens, encoded(decision), source, through, answer.note)
    return Response(_encoder.encode(said), media_type="application/json")


def understand(body: bytes) -> tuple[Call, str | None]:
    """The call that a body is, and what it is called, in which alone many differ.

    Raises:
        CallLogError: it is none; names the key and what was expected.
    """
    try:
        given = msgspec.json.decode(body, type=dict[str, object])
        name = given.pop("id") if isinstance(given.get("id"), str) else None
        line = msgspec.json.encode({"at": None, **given})
    except UNREADABLE_JSON as error:
        raise CallLogError(f"body: {error}") from error
    return (_read if len(line) <= _SHORT else read_call)(line, "body"), cast(str | None, name)


_read = lru_cache(_KEPT)(read_call)
