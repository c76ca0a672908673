"""OpenID AuthZEN."""

from typing import Any

import httpx
from helpers.services import Running


def ask(running: Running, task: str = "identification", **question: Any) -> httpx.Response:
    asked = {
        "subject": {"type": "service", "id": "matcher"},
        "resource": {"type": "camera", "id": "street", "properties": {"service": "azure_openai"}},
        "action": {"name": task},
    }
    return running.http.post("/access/v1/evaluation", json=asked | question, headers={"x-request-id": "r-1"})


def test_an_action_is_decided_on_and_the_reason_given(shared: Running) -> None:
    answer = ask(shared, "face:identification", context={"facts": {"timing": "real_time"}})

    assert answer.status_code == 200
    assert answer.json()["decision"] is False
    assert "MS-AOAI-4" in answer.json()["context"]["rules"]
    assert answer.headers["x-request-id"] == "r-1"


def test_what_may_be_done_is_true(shared: Running) -> None:
    assert ask(shared, "speech").json()["decision"] is True


def test_an_action_that_nobody_knows_is_not_allowed(shared: Running) -> None:
    assert ask(shared, "open the door").json()["decision"] is False


def test_what_is_no_question_is_status_400(shared: Running) -> None:
    assert ask(shared, subject=None).status_code == 400
    assert ask(shared, context={"facts": {"weather": "fine"}}).status_code == 400
