"""What went wrong with a request, as `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A refusal, or a request that cannot be served.

    Attributes:
        title: what it is, in a few words.
        status: of HTTP.
        detail: what is wrong, and what to do.
        effect, rules, id: of a decision: its effect, the rules that made it, and what the call is called on record.
    """

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    effect: str | None = None
    rules: tuple[str, ...] = ()
    id: str | None = None


def problem(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that says it."""
    content = msgspec.json.encode(Problem(title, status, detail))
    return Response(content, status, dict(headers or {}), MEDIA_TYPE)
