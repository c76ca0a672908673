"""`POST /access/v1/evaluation`: OpenID AuthZEN Authorization API 1.0, for platforms that speak that already.

The subject is the client, by its `id`, where `facts` name no other; the resource is a camera, by its `id`; the action's
name is a task of ours (`identification`, or `face:identification`). What else a call says may stand in `properties` of
any of the three, or in `context`: `service`, `model`, `facts`.
"""

from functools import lru_cache
from typing import Any

import msgspec
from starlette.responses import Response

from ...calls import Call
from ...errors import CallLogError, FactError
from ...fact_table import FactTable
from ...facts import CHOICES
from ...plain import UNREADABLE_JSON
from .door import Asked, told

# Questions that are understood once: those that are no longer than so many bytes, and come again.
_KEPT, _SHORT = 1024, 2048


class Thing(msgspec.Struct, frozen=True):
    """A subject or a resource."""

    type: str
    id: str
    properties: dict[str, Any] = {}


class Action(msgspec.Struct, frozen=True):
    """What the subject is about to do."""

    name: str
    properties: dict[str, Any] = {}


class Evaluation(msgspec.Struct, frozen=True):
    """The question."""

    subject: Thing
    resource: Thing
    action: Action
    context: dict[str, Any] = {}


class EvaluationContext(msgspec.Struct, frozen=True):
    """Why, for whoever has to know."""

    id: str
    effect: str
    rules: tuple[str, ...]
    reason_admin: dict[str, str]
    reason_user: dict[str, str]


class Evaluated(msgspec.Struct, frozen=True):
    """The answer: whether the action may be done."""

    decision: bool
    context: EvaluationContext


class _Said(msgspec.Struct, frozen=True):
    service: str | None = None
    model: str | None = None
    runtime: str | None = None
    facts: FactTable = {}


def evaluate(asked: Asked) -> Response:
    """Decide on what the body asks.

    Raises:
        CallLogError: it is no question.
    """
    answer = asked.gate.ask((_understood if len(asked.body) <= _SHORT else understand)(asked.body))
    decision = answer.ruling.decision
    user = {"en": f"This call is {decision.effect.replace('_', ' ')} ({answer.id})."}
    context = EvaluationContext(answer.id, decision.effect, decision.deciding, {"en": answer.reason}, user)
    headers = told(answer)
    if request_id := asked.request.headers.get("x-request-id"):
        headers["x-request-id"] = request_id
    return Response(msgspec.json.encode(Evaluated(answer.opens, context)), headers=headers, media_type=_JSON)


_JSON = "application/json"


def understand(body: bytes) -> Call:
    """The call that a question is about.

    Raises:
        CallLogError: it is none.
    """
    try:
        asked = msgspec.json.decode(body, type=Evaluation)
        parts = (asked.subject.properties, asked.resource.properties, asked.action.properties, asked.context)
        said = msgspec.convert({key: value for part in parts for key, value in part.items()}, _Said)
        task = asked.action.name.rpartition(":")[2]
        call = Call(
            source=asked.resource.id or None,
            service=said.service,
            task=task if task in CHOICES["task"] else None,
            model=said.model,
            runtime=said.runtime,
            facts=said.facts,
            own={"subject": f"{asked.subject.type}:{asked.subject.id}", "action": asked.action.name},
        )
        if "client" not in said.facts:
            call = call.of_client(asked.subject.id)
        _ = call.brought
    except (*UNREADABLE_JSON, FactError) as error:
        raise CallLogError(f"body: {error}") from error
    return call


_understood = lru_cache(_KEPT)(understand)
