"""LiteLLM's Generic Guardrail API."""

from typing import Any

import httpx
from helpers.services import Running

PICTURE = "iVBORw0KGgoAAAANSUhEUg=="
WHO = {"user_api_key_alias": "street", "user_api_key_user_id": "u"}


def ask(running: Running, *texts: str, **question: Any) -> httpx.Response:
    params = {"source": "street", "service": "azure_openai"}
    asked = {
        "texts": texts, "images": [PICTURE], "input_type": "request", "request_data": WHO, "litellm_call_id": "c-1",
        "additional_provider_specific_params": params, "structured_messages": [], "litellm_version": "9",
    }  # fmt: skip
    return running.http.post("/beta/litellm_basic_guardrail_api", json=asked | question)


def test_a_question_who_somebody_is_is_blocked_with_the_reason(shared: Running) -> None:
    answer = ask(shared, "Who is the person in this picture?").json()

    assert answer["action"] == "BLOCKED"
    assert "MS-AOAI" in answer["blocked_reason"]


def test_what_asks_nothing_of_a_person_passes(shared: Running) -> None:
    assert ask(shared, "Is there a bicycle?").json() == {"action": "NONE"}
    assert ask(shared, "Who was Ada Lovelace?", images=None).json() == {"action": "NONE"}


def test_the_answer_to_a_call_that_was_let_through_is_not_asked_about_again(shared: Running) -> None:
    assert ask(shared, "Who is this?", input_type="response").json() == {"action": "NONE"}


def test_the_name_of_a_tool_asks_as_well(shared: Running) -> None:
    tool = {"type": "function", "function": {"name": "f", "description": "identify the person in the photo by name"}}
    assert ask(shared, "Go on.", tools=[tool]).json()["action"] == "BLOCKED"


def test_the_alias_of_a_key_names_the_camera(shared: Running) -> None:
    question = ask(shared, "Who is this man?", additional_provider_specific_params={"service": "azure_openai"})
    assert question.json()["action"] == "BLOCKED"


def test_a_picture_in_the_text_is_one(shared: Running) -> None:
    for text in ("Who is this? <img src='/shot'>", f"Who is this? {PICTURE}{'A' * 60}"):
        assert ask(shared, text, images=None).json()["action"] == "BLOCKED"


def test_what_is_no_question_is_status_400(shared: Running) -> None:
    assert shared.http.post("/beta/litellm_basic_guardrail_api", content=b'{"texts": 3}').status_code == 400
