"""`/v1/check`, as proxies ask it."""

from typing import Any

import httpx
import pytest
from helpers.services import Running

OPEN = "source=street&service=azure_openai&task=speech"
CLOSED = "source=street&service=azure_openai&task=identification"


def ask(running: Running, query: str = "", path: str = "/v1/check", method: str = "GET", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return running.http.request(method, f"{path}?{query}" if query else path, headers=named)


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "PATCH"])
def test_any_method_is_answered_with_200_or_403(shared: Running, method: str) -> None:
    assert ask(shared, OPEN, method=method).status_code == 200
    assert ask(shared, CLOSED, method=method).status_code == 403


def test_a_refusal_says_why_in_headers_and_as_a_problem(shared: Running) -> None:
    answer: httpx.Response = ask(shared, CLOSED)
    headers, said = answer.headers, answer.json()

    assert headers["content-type"] == "application/problem+json"
    assert headers["x-facewarden-decision"] == said["effect"] != "allow"
    assert headers["x-facewarden-rule"].split(", ") == said["rules"]
    assert headers["x-facewarden-reason"] == said["detail"]
    assert headers["x-facewarden-id"] == said["id"]


def test_nothing_said_is_held(shared: Running) -> None:
    assert ask(shared).headers["x-facewarden-decision"] in ("hold", "prohibited")


def test_an_endpoint_of_a_service_says_itself_what_is_asked(shared: Running) -> None:
    host = "ours.cognitiveservices.azure.com"
    answer = ask(shared, "source=street", x_original_uri="/face/v1.0/identify", x_original_method="POST",
                 x_forwarded_host=host)  # fmt: skip

    assert answer.status_code == 403
    assert "MS-FACE" in answer.headers["x-facewarden-rule"]


def test_what_the_proxy_is_configured_to_say_prevails_over_what_a_client_sends(shared: Running) -> None:
    answer = ask(shared, CLOSED, x_facewarden_source="desk", x_facewarden_task="speech", baggage="facewarden.source=x")

    assert answer.status_code == 403
    assert answer.headers["x-facewarden-rule"] == ask(shared, CLOSED).headers["x-facewarden-rule"]


def test_two_addresses_that_differ_are_believed_neither(shared: Running) -> None:
    said = {"x_original_uri": "/face/v1.0/detect", "x_forwarded_uri": "/face/v1.0/identify"}
    answer = ask(shared, "source=street&service=azure_face", x_original_method="POST", **said)

    assert answer.status_code == 403
    assert (
        ask(shared, "source=street&service=azure_face").headers["x-facewarden-reason"]
        == (answer.headers["x-facewarden-reason"])
    )


@pytest.mark.parametrize("tasks", [("identification", "speech"), ("speech", "identification")])
def test_what_is_said_in_two_ways_is_not_believed(shared: Running, tasks: tuple[str, str]) -> None:
    said = "source=street&service=azure_openai"
    by_query = ask(shared, said + "".join(f"&task={task}" for task in tasks))
    headers = [("x-facewarden-task", task) for task in tasks]
    by_header = shared.http.get(f"/v1/check?{said}", headers=headers)

    assert [by_query.status_code, by_header.status_code] == [403, 403]
    assert {answer.headers["x-facewarden-decision"] for answer in (by_query, by_header)} == {"hold"}


def test_a_proxy_that_asks_by_the_path_itself_has_no_say_in_its_query(shared: Running) -> None:
    answer = ask(shared, OPEN, "/v1/check/v2/models/arcface/infer", x_facewarden_source="street")

    assert answer.status_code == 403


def test_such_a_proxy_says_it_in_headers(shared: Running) -> None:
    said = {"x_facewarden_source": "street", "x_facewarden_service": "azure_openai", "x_facewarden_task": "speech"}

    assert ask(shared, "", "/v1/check/v2/models/whisper/infer", **said).status_code == 200


def test_a_task_that_nobody_knows_is_unknown_and_holds(shared: Running) -> None:
    assert ask(shared, "source=street&service=azure_openai&task=singing").status_code == 403


def test_too_long_a_body_is_refused_as_everything_is_here(shared: Running) -> None:
    answer = shared.http.post(f"/v1/check?{OPEN}", content=b"x" * (65 << 10))

    assert answer.status_code == 403
