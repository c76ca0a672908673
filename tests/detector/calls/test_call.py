import msgspec
import pytest

from facewarden.detector import Call
from facewarden.detector.errors import FactError


def test_a_call_that_says_nothing_is_taken_as_identification_by_no_known_service() -> None:
    assert dict(Call().brought) == {"task": "identification"}


def test_a_call_brings_facts_of_its_own() -> None:
    call = Call(service="azure_openai", task="speech", facts={"timing": "recorded", "warrant": True})
    assert dict(call.brought) == {"service": "azure_openai", "task": "speech", "timing": "recorded", "warrant": True}


@pytest.mark.parametrize(
    "call", [Call(service="bing"), Call(task="search"), Call(facts={"timeing": "recorded"}), Call(facts={"timing": 1})]
)
def test_a_call_cannot_bring_what_is_no_fact(call: Call) -> None:
    with pytest.raises(FactError):
        _ = call.brought


def test_a_call_whose_task_is_not_known_leaves_it_open() -> None:
    call = Call(service="azure_openai", task=None)
    assert dict(call.brought) == {"service": "azure_openai"}
    assert msgspec.json.decode(msgspec.json.encode(call), type=Call) == call


def test_a_call_cannot_be_changed_on_its_way() -> None:
    with pytest.raises(AttributeError):
        setattr(Call(), "task", "speech")  # noqa: B010  (the type checker knows that it cannot be set)


def test_a_call_goes_through_json_and_back() -> None:
    call = Call(source="cam", at=3.2, service="azure_openai", model="arcface.onnx", facts={"warrant": False})
    assert msgspec.json.decode(msgspec.json.encode(call), type=Call) == call
