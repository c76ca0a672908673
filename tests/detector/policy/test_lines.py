import json

import pytest

from facewarden.detector.errors import FactError
from facewarden.detector.policy import Decision, load_packs
from facewarden.detector.policy.lines import Refused, decide_lines

MICROSOFT = load_packs(["microsoft"])
POLICE = b'{"service": "azure_openai", "task": "verification", "operator": "us_police", "consent": "valid",\
 "limited_access_approved": true}'


def effects(*lines: bytes, date: str | None = None) -> list[str]:
    return [answer.effect for answer in decide_lines(lines, MICROSOFT, date) if isinstance(answer, Decision)]


def test_each_line_is_decided_in_order() -> None:
    assert effects(POLICE, b'{"service": "local"}', date="2026-11-22") == ["prohibited", "allow"]


def test_empty_lines_are_passed_over() -> None:
    assert effects(b"\n", POLICE, b"   \n", b"", date="2026-11-22") == ["prohibited"]


def test_a_day_of_its_own_prevails_over_the_one_given() -> None:
    assert effects(json.dumps({**json.loads(POLICE), "date": "2024-04-30"}).encode(), date="2026-11-22") == ["allow"]


def test_without_a_day_the_day_is_unknown() -> None:
    assert effects(POLICE) == ["hold"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"servise": "local"}', "did you mean 'service'"),
        (b'{"service": "bing"}', "'bing'"),
        (b"[]", "expected a table of keys"),
        (b"null", "expected a table of keys"),
        (b"{", "truncated"),
        (b"{} {}", "malformed"),
        (b'{"city": "Z\xfcrich"}', "utf-8"),
        (b'{"city": ' + b"[" * 100_000, "line 2"),
    ],
)
def test_a_line_that_is_no_fact_set_is_refused_by_its_number_and_the_others_are_done(line: bytes, words: str) -> None:
    first, second, third = decide_lines([POLICE, line, POLICE], MICROSOFT)

    assert isinstance(first, Decision)
    assert isinstance(third, Decision)
    assert isinstance(second, Refused)
    assert second.error["kind"] == "facts"
    assert second.error["message"].startswith("line 2: ")
    assert words.lower() in second.error["message"].lower()


def test_a_default_day_that_is_none_is_an_error() -> None:
    with pytest.raises(FactError, match="YYYY-MM-DD"):
        list(decide_lines([POLICE], MICROSOFT, "soon"))
