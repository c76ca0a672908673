"""The OpenAPI document (3.1), made from the types that read and write what it describes."""

from functools import cache
from typing import Any, Final

import msgspec

from ..calls.attribution.asked import CallQuestion, CallReply
from ..calls.log import Line
from ..release import release
from .doors import litellm
from .doors.authorize import Authorized
from .doors.authzen import Evaluated, Evaluation
from .doors.mediamtx import Question
from .picture import Readiness, SourceAnswer
from .problems import MEDIA_TYPE, Problem
from .pushing import HEADERS
from .roles import FILES, Role

Document = dict[str, Any]
_JSON: Final = "application/json"


@cache
def document() -> Document:
    """The document."""
    types = [
        Line,
        CallQuestion,
        CallReply,
        Authorized,
        Evaluation,
        Evaluated,
        litellm.Guarded,
        litellm.Guard,
        Question,
        SourceAnswer,
        Readiness,
        Problem,
    ]
    _, parts = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}", schema_hook=_any)
    parts["CallQuestion"]["properties"]["call"] = _schema("Line")
    line = parts["Line"]
    line["required"] = [key for key in line["required"] if key != "at"]  # which is now
    return {
        "openapi": "3.1.0",
        "info": {"title": "facewarden", "version": release(), "description": _ABOUT},
        "paths": _paths(),
        "components": {
            "schemas": parts,
            "securitySchemes": {role: _bearer(f"[serve] {file}") for role, file in FILES.items()},
        },
        "security": _needs("ask"),
    }


_ABOUT = "May this face-recognition call run on this camera, now?"


def _bearer(of: str) -> Document:
    return {"type": "http", "scheme": "bearer", "description": f"The token of {of}."}


def _needs(role: Role) -> list[Document]:
    """A token, or none where none is asked for."""
    return [{role: []}, {}]


def _paths() -> Document:
    return {**_of_decisions(), **_of_sources(), **_of_the_service()}


def _of_decisions() -> Document:
    named = [_parameter("query", name) for name in ("source", "service", "task", "model")]
    return {
        "/v1/authorize": _asked("Decide on a call.", "Line", "Authorized"),
        "/v1/check": {
            "get": _operation(
                "Whether the request that a proxy holds may go on; any method will do.",
                {"200": _empty("It may; the headers X-Facewarden-* say why."), "403": _problem("It may not.")},
                parameters=named,
            )
        },
        "/access/v1/evaluation": _asked("OpenID AuthZEN 1.0.", "Evaluation", "Evaluated"),
        litellm.PATH: _asked("LiteLLM's Generic Guardrail API.", "Guarded", "Guard"),
        "/v1/ask": _asked(
            "A program asks about a call of its own.",
            "CallQuestion",
            "CallReply",
            **{"403": _problem("Not over the Unix socket, and no token is asked for.")},
        ),
        "/v1/mediamtx/auth": {
            "post": _operation(
                "MediaMTX's authMethod: http.",
                {
                    "200": _empty("The user may."),
                    "401": _empty("Credentials are needed."),
                    "403": _empty("The user may not, or this is no question; the text says why."),
                },
                body="Question",
            )
        },
    }


def _of_sources() -> Document:
    return {
        "/v1/sources": {"get": _operation("All sources.", {"200": _answer("What is known of each.", _SOURCES)})},
        "/v1/sources/{name}": {
            "get": _operation(
                "One source.",
                {"200": _answer("What is known of it.", _schema("SourceAnswer")), "404": _problem("There is none.")},
                parameters=[{**_parameter("path", "name"), "required": True}],
            )
        },
        "/v1/sources/{name}/picture": {
            "put": {
                **_operation(
                    "A picture of a source that is declared as push:.",
                    {
                        "204": _empty("It was handed over."),
                        "400": _problem("These headers and bytes are no picture."),
                        "403": _problem("Nobody may: the site names no token for it."),
                        "404": _problem("Nobody may push to such a source."),
                        "413": _problem("Too large."),
                        "429": _problem("Another one of this source is still coming."),
                    },
                    parameters=[{**_parameter("path", "name"), "required": True}, *_PICTURE],
                ),
                "requestBody": {"required": True, "content": {kind: {} for kind in _PICTURES}},
                "security": _needs("push"),
            }
        },
        "/v1/events": {
            "get": _operation(
                "Verdicts and decisions as they come.",
                {"200": _answer("Entries of the record.", _TEXT, "text/event-stream"), "503": _problem("Too many.")},
                parameters=[_parameter("query", "latest")],
            )
        },
    }


def _of_the_service() -> Document:
    return {
        "/v1/reload": {
            "post": {
                **_operation(
                    "Read the site file again.",
                    {
                        "200": _answer("It holds from now on.", _schema("Readiness")),
                        "403": _problem("Nobody may: the site names no token for it."),
                        "409": _problem("It is wrong, and changes nothing."),
                    },
                ),
                "security": _needs("manage"),
            }
        },
        "/healthz": {"get": _operation("Whether the process lives.", {"200": _empty("It does.")})},
        "/readyz": {
            "get": _operation(
                "Whether it decides.",
                {
                    "200": _answer("It does.", _schema("Readiness")),
                    "503": _answer("It does not.", _schema("Readiness")),
                },
            )
        },
        "/metrics": {"get": _operation("For Prometheus.", {"200": _answer("Numbers.", _TEXT, "text/plain")})},
    }


_TEXT: Final[Document] = {"type": "string"}
_SOURCES: Final[Document] = {"type": "array", "items": {"$ref": "#/components/schemas/SourceAnswer"}}


def _asked(summary: str, body: str, answer: str, **more: Document) -> Document:
    """A door that is asked with a body of one kind, and answers with another."""
    answers = {
        "200": _answer("The decision.", _schema(answer)),
        "400": _problem("Not a question."),
        "413": _problem("Too large."),
        **more,
    }
    return {"post": _operation(summary, answers, body=body)}


def _operation(
    summary: str, answers: Document, *, body: str | None = None, parameters: list[Document] | None = None
) -> Document:
    made: Document = {"summary": summary, "responses": {"401": _problem("Give the token."), **answers}}
    if body is not None:
        made["requestBody"] = {"required": True, "content": {_JSON: {"schema": _schema(body)}}}
    return made if parameters is None else {**made, "parameters": parameters}


def _answer(about: str, schema: Document, media_type: str = _JSON) -> Document:
    return {"description": about, "content": {media_type: {"schema": schema}}}


def _problem(about: str) -> Document:
    return _answer(about, _schema("Problem"), MEDIA_TYPE)


def _empty(about: str) -> Document:
    return {"description": about}


def _schema(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(where: str, name: str) -> Document:
    return {"in": where, "name": name, "schema": {"type": "string"}}


_PICTURE: Final = [{**_parameter("header", name), "description": about} for name, about in HEADERS.items()]
_PICTURES: Final = ("application/octet-stream", "image/jpeg")


def _any(_: type) -> Document:
    return {"description": "anything"}
