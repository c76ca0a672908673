"""Requests made by schemathesis from our own OpenAPI document, such as it allows and such as it does not."""

import threading
from typing import Any

import pytest
from helpers.services import Running
from hypothesis import HealthCheck, given, settings

from facewarden.detector.sidecar.openapi import document

schemathesis = pytest.importorskip("schemathesis")
SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = {
    f"{found.method.upper()} {found.path}": found
    for found in (result.ok() for result in SCHEMA.get_all_operations())
    if found.path != "/v1/events"  # which does not end
}

_CHECKS = schemathesis.checks.CHECKS.get_by_names(
    ["response_schema_conformance", "content_type_conformance", "status_code_conformance"]
)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_one_that_the_document_tells_of(shared: Running, name: str) -> None:
    right, wrong = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
    strategy = OPERATIONS[name].as_strategy(generation_mode=right)
    if OPERATIONS[name].body or OPERATIONS[name].query:  # else nothing in it could be wrong
        strategy |= OPERATIONS[name].as_strategy(generation_mode=wrong)
    before = _held(shared)

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)  # pyright: ignore[reportArgumentType]
    @given(case=strategy)
    def ask(case: Any) -> None:
        answer = case.call(base_url=shared.url, timeout=20)
        assert answer.status_code < 500 or name == "GET /readyz", answer.text
        case.validate_response(answer, checks=_CHECKS)

    ask()
    assert shared.ask()["opens"] is False
    assert _held(shared) <= before + 20


def _held(service: Running) -> int:
    """Connections, and threads of ours: those of other tests come and go."""
    ours = sum(thread.name.startswith(("facewarden", "asyncio")) for thread in threading.enumerate())
    return service.connections() + ours
