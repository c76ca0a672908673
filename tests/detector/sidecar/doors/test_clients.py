"""Who asks is a fact, by whatever door: here one client alone may identify."""

import importlib.util
from collections.abc import Callable, Generator

import pytest
from helpers.services import CALL, DESK, DESK_SITE, Running, running


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "desk.toml").write_text(DESK)
    (folder / "site.toml").write_text(DESK_SITE)
    with running(folder / "site.toml") as found:
        yield found


def authorize(service: Running, client: str) -> bool:
    facts = {"client": client} if client else {}
    return bool(service.http.post("/v1/authorize", json={**CALL, "facts": facts}).json()["opens"])


def check(service: Running, client: str) -> bool:
    said = {**CALL, "client": client}
    return service.http.get("/v1/check", params=said).status_code == 200


def check_by_header(service: Running, client: str) -> bool:
    headers = {"x-facewarden-client": client} if client else {}
    return service.http.get("/v1/check", params=CALL, headers=headers).status_code == 200


def evaluate(service: Running, client: str) -> bool:
    question = {
        "subject": {"type": "program", "id": client},
        "resource": {"type": "camera", "id": "street"},
        "action": {"name": "identification"},
    }
    return bool(service.http.post("/access/v1/evaluation", json=question).json()["decision"])


def guard(service: Running, client: str) -> bool:
    question = {
        "texts": ["Who is the person in this photo?"],
        "images": ["data:image/jpeg;base64,"],
        "request_data": {"user_api_key_alias": client},
        "additional_provider_specific_params": {"source": "street", "service": "openai"},
    }
    answer = service.http.post("/beta/litellm_basic_guardrail_api", json=question).json()
    return bool(answer["action"] == "NONE")


def envoy(service: Running, client: str) -> bool:
    from facewarden.detector.protobuf import field
    from facewarden.detector.sidecar.doors.envoy_grpc import answer
    from facewarden.detector.sidecar.doors.wire import inner

    said = {**CALL, "consumer": client}
    extensions = b"".join(field(10, field(1, key) + field(2, value)) for key, value in said.items())
    question = field(1, field(4, field(2, field(2, "GET") + field(4, "/") + field(5, "host"))) + extensions)
    return not inner(answer(service.service.gate, question), 2)


NEEDS_GRPC = pytest.mark.skipif(importlib.util.find_spec("grpc") is None, reason="grpcio is not installed")
DOORS = [authorize, check, check_by_header, evaluate, guard, pytest.param(envoy, marks=NEEDS_GRPC)]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("client", "may"), [("booking", True), ("kiosk", False), ("Booking", False), ("", False)])
def test_the_client_that_a_rule_names_may_and_no_other(
    house: Running, door: Callable[[Running, str], bool], client: str, may: bool
) -> None:
    assert door(house, client) is may


def test_a_client_that_nobody_names_is_held_and_the_fact_is_named(house: Running) -> None:
    decision = house.http.post("/v1/authorize", json=CALL).json()["decision"]

    assert (decision["effect"], decision["unknown"]) == ("hold", ["client"])
