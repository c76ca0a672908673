"""`POST /beta/litellm_basic_guardrail_api`: LiteLLM's Generic Guardrail API, for chats that go through LiteLLM.

LiteLLM sends the texts and the pictures of whatever it is asked, and who asks; a question about a picture is judged as
at the services themselves. The camera is said by `source` among the guardrail's own parameters, else by the alias of
the key, where the site has a camera of that name. Nothing of texts and pictures is kept.
"""

from typing import Any, Final, Literal

import msgspec
from starlette.responses import Response

from ...calls import Call
from ...calls.services.contents import holds_picture, links_picture
from ...calls.services.questions import asked_task
from ...calls.services.request import TooMany, values
from ...errors import CallLogError
from ...facts import CHOICES
from ...plain import UNREADABLE_JSON
from ..workers import Readers
from .door import Asked

PATH: Final = "/beta/litellm_basic_guardrail_api"
# Bytes of a question: pictures come along in base64.
MOST: Final = 16 << 20


class Guarded(msgspec.Struct, frozen=True):
    """What LiteLLM asks.

    Attributes:
        texts, images: of the request, or of the answer to it.
        tools: what the model may call; their names ask as well.
        input_type: `request` or `response`.
        request_data: who asks.
        litellm_call_id: what LiteLLM calls it.
        additional_provider_specific_params: what the guardrail's configuration says; `source` and `service` count.
        model: which one is asked, where LiteLLM says so.
    """

    texts: list[str] | None = None
    images: list[str] | None = None
    tools: list[Any] | None = None
    input_type: str = "request"
    request_data: dict[str, Any] | None = None
    litellm_call_id: str | None = None
    additional_provider_specific_params: dict[str, Any] | None = None
    model: str | None = None


class Guard(msgspec.Struct, frozen=True, omit_defaults=True):
    """What LiteLLM is told: `BLOCKED` where the call may not be made, `NONE` where it may."""

    action: Literal["BLOCKED", "NONE"]
    blocked_reason: str | None = None


class Guardrail:
    """Answers LiteLLM."""

    def __init__(self) -> None:
        self._readers = Readers()

    async def __call__(self, asked: Asked) -> Response:
        """The answer to a question; its texts take a while to read.

        Raises:
            CallLogError: it is no question.
        """
        try:
            question = msgspec.json.decode(asked.body, type=Guarded)
        except UNREADABLE_JSON as error:
            raise CallLogError(f"body: {error}") from error
        if question.input_type == "response":  # the call was made
            return _said("NONE")
        cameras = asked.gate.terms.site.cameras.keys()
        answer = asked.gate.ask(await self._readers.read(len(asked.body), lambda: understand(question, cameras)))
        return _said("NONE") if answer.opens else _said("BLOCKED", f"{answer.reason} ({answer.id})")


def understand(question: Guarded, cameras: Any) -> Call:
    """The call that a question is about."""
    params, who = question.additional_provider_specific_params or {}, question.request_data or {}
    alias = _text(who.get("user_api_key_alias"))
    source = _text(params.get("source")) or (alias if alias in cameras else None)
    service = _text(params.get("service"))
    call = Call(
        source=source,
        service=service if service in CHOICES["service"] else None,
        task=_task(question),
        model=question.model,
        runtime="litellm",
        own={"client": alias, "litellm_call_id": question.litellm_call_id},
    ).of_client(alias)
    _ = call.brought
    return call


def _task(question: Guarded) -> str | None:
    texts = question.texts or []
    if not question.images and not any(holds_picture(text) or links_picture(text) for text in texts):
        return "text"
    try:
        named = [key for tool in question.tools or () for key in _keys(tool)]
    except TooMany:
        return None
    return asked_task([*texts, *named])


def _keys(value: Any) -> list[str]:
    """The names in what a model may call: `person_name` asks as well."""
    return [text for key, inner in values(value) for text in (key, inner) if isinstance(text, str)]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _said(action: Literal["BLOCKED", "NONE"], reason: str | None = None) -> Response:
    return Response(msgspec.json.encode(Guard(action, reason)), media_type="application/json")
