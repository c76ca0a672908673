"""A key that comes twice in a JSON body, whatever else is in it."""

import json

import pytest

from facewarden.detector.calls.services import Request
from facewarden.detector.calls.services.twice import says_two_things

ONCE = [
    b"{}",
    b'{"a": 1, "b": {"a": [{"a": 2}]}}',
    b'{"url": "data:image/jpeg;base64,AAAA", "time": "12:30"}',
    json.dumps({"said": 'the "key": of it', "\\": 1, 'a"': {"b": 2}}).encode(),
    b"no JSON",
    b'[{"a": 1}, {"a": 1}]',
]
TWICE = [
    b'{"a": 1, "a": 2}',
    b'{"a" : 1, "b": {"c": 1, "c"\n:2}}',
    b'{"a": 1, "\\u0061": 2}',
    b'{"said": "the \\"key\\": of it", "said": 1}',
    b'[{"a": {"\\\\": 1, "\\\\": 1}}]',
    b'{"a": 1, "a": [%b{}]}' % (b"{}," * 100_000),
]


def test_what_is_nested_as_deeply_as_can_be_read_says_nothing_twice_unseen() -> None:
    unseen: list[int] = []
    for depth in range(400, 1100):
        body = b'{"a": 1, "a": 2, "b": ' + b"[" * depth + b"]" * depth + b"}"
        value = Request("POST", "https://api.openai.com/v1/chat/completions", {}, body).json
        if value is not None and not says_two_things(body, value):
            unseen.append(depth)
    assert unseen == []


@pytest.mark.parametrize(("body", "twice"), [*((body, False) for body in ONCE), *((body, True) for body in TWICE)])
def test_it_is_found_and_nothing_else_is(body: bytes, twice: bool) -> None:
    request = Request("POST", "https://api.openai.com/v1/chat/completions", {}, body)
    assert says_two_things(body, request.json) is twice
