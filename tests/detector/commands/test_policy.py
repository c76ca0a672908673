"""`facewarden policy` and `facewarden site`, as a person and a machine use them."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from facewarden.detector.policy.pack import shipped_packs, skeleton

Command = Callable[..., CompletedProcess[str]]

POLICE = b'{"service": "azure_openai", "task": "verification", "operator": "us_police", "date": "2026-11-22"}\n'
VECTOR = '{"id": "a", "pack": "microsoft", "facts": {"service": "local"}, "expect": "%s", "why": "one\'s own model"}\n'


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    "words", [["policy", name] for name in ("show", "test", "explain", "diff", "new")] + [["site", "check"]]
)
def test_help_shows_an_example(facewarden: Command, words: list[str]) -> None:
    result = facewarden(*words, "--help")
    assert (result.returncode, "Example: " in result.stdout) == (0, True)


def test_the_list_names_every_shipped_pack(facewarden: Command) -> None:
    assert all(name in facewarden("policy", "list").stdout for name in shipped_packs())


def test_the_list_for_machines_has_rules_and_hashes(facewarden: Command) -> None:
    packs = objects(facewarden("policy", "list", "--json").stdout)

    assert [pack["name"] for pack in packs] == list(shipped_packs())
    assert all(len(pack["sha256"]) == 64 and pack["rules"] for pack in packs)


def test_a_pack_and_a_rule_of_it_are_shown(facewarden: Command) -> None:
    whole = facewarden("policy", "show", "microsoft").stdout
    rule = facewarden("policy", "show", "microsoft", "MS-AOAI-2").stdout

    assert rule in whole
    assert "- the camera is mobile" in rule
    assert "MS-AOAI-1" not in rule.splitlines()[0]


def test_the_shipped_vectors_are_as_expected(facewarden: Command) -> None:
    result = facewarden("policy", "test")
    assert (result.returncode, result.stdout.endswith(" 0 not as expected\n")) == (0, True)


def test_a_vector_that_is_not_as_expected_is_named_and_status_3(facewarden: Command, tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text(VECTOR % "allow" + VECTOR.replace('"a"', '"b"') % "hold")
    result, for_machines = facewarden("policy", "test", path), facewarden("policy", "test", "--json", path)

    assert result.returncode == for_machines.returncode == 3
    assert "microsoft: b: expected hold, got allow by no rule (one's own model)" in result.stdout
    assert objects(for_machines.stdout) == [
        {
            "vectors": 2,
            "failed": [{"id": "b", "pack": "microsoft", "problem": "expected hold, got allow by no rule"}],
        }
    ]


def test_a_decision_is_explained_in_prose_and_as_a_table(facewarden: Command, tmp_path: Path) -> None:
    (tmp_path / "facts.jsonl").write_bytes(POLICE)
    result = facewarden("policy", "explain", stdin=POLICE)

    assert result.returncode == 0
    assert result.stdout == facewarden("policy", "explain", tmp_path / "facts.jsonl").stdout
    assert "Prohibited by MS-AOAI-1" in result.stdout
    assert "Facts against rules" in result.stdout


def test_an_explanation_for_machines_holds_the_decision(facewarden: Command) -> None:
    (answer,) = objects(facewarden("policy", "explain", "--json", stdin=POLICE).stdout)
    (decision,) = objects(facewarden("decide", "--json", stdin=POLICE).stdout)

    assert answer["decision"] == decision
    assert answer.keys() == {"decision", "prose", "table"}


def test_a_line_that_is_no_fact_set_is_answered_and_so_are_the_others(facewarden: Command) -> None:
    result = facewarden("policy", "explain", "--json", stdin=b"[]\n" + POLICE)
    refused, answer = objects(result.stdout)

    assert result.returncode == 2
    assert refused["error"]["message"].startswith("line 1: ")
    assert answer["decision"]["effect"] == "prohibited"


def test_a_rule_can_be_switched_off_for_a_decision(facewarden: Command) -> None:
    (decision,) = objects(facewarden("decide", "--json", "--off", "MS-AOAI-1", stdin=POLICE).stdout)

    assert decision["packs"][0]["off"] == ["MS-AOAI-1"]
    assert "MS-AOAI-1" not in decision["deciding"]


def test_a_new_pack_can_be_used_as_it_is(facewarden: Command, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(facewarden("policy", "new").stdout)
    result = facewarden("decide", "--json", "--pack", path, stdin=b'{"mount": "wall"}')

    assert path.read_text() == skeleton("own")
    assert objects(result.stdout)[0]["effect"] == "allow"


def test_two_versions_of_a_pack_are_compared(facewarden: Command, tmp_path: Path) -> None:
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text(skeleton("own"))
    new.write_text(skeleton("own").replace('"needs_authorisation"', '"prohibited"'))
    result, same = facewarden("policy", "diff", old, new), facewarden("policy", "diff", old, old)
    (difference,) = objects(facewarden("policy", "diff", "--json", old, new).stdout)

    assert (result.returncode, same.returncode) == (3, 0)
    assert "rules changed: own-1" in result.stdout
    assert difference["facts"][0]["new"] == "prohibited"


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("[cameras.door]\n", 0, "MS-AOAI-1"),
        ('[cameras.door]\nmount = "wall"\ncamera = "mobile"\n', 2, "contradiction"),
        ('[consents.c]\nfacts = { consent = "valid" }\nuntil = 2020-01-01\n', 0, "ended on 2020-01-01"),
    ],
)
def test_a_site_is_checked(
    facewarden: Command, write_site: Callable[[str], Path], text: str, status: int, words: str
) -> None:
    result = facewarden("site", "check", write_site(text), "--date", "2026-11-22")
    assert (result.returncode, words in result.stdout) == (status, True)


def test_a_site_is_checked_for_machines(facewarden: Command, write_site: Callable[[str], Path]) -> None:
    (answer,) = objects(facewarden("site", "check", "--json", write_site("")).stdout)
    assert answer.keys() == {"unusable", "contradictions", "lapsed", "cameras", "notes"}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["policy", "show", "mircosoft"], "no pack 'mircosoft'"),
        (["policy", "show", "microsoft", "MS-9"], "no rule 'MS-9'"),
        (["policy", "test", "gone.jsonl"], "gone.jsonl: cannot be read"),
        (["policy", "explain", "gone.jsonl"], "gone.jsonl: cannot be read"),
        (["policy", "explain", "--off", "MS-9"], "off: 'MS-9'"),
        (["policy", "diff", "microsoft", "gone.toml"], "gone.toml: cannot be read"),
        (["policy", "new", 'a"b'], "name 'a\"b'"),
        (["site", "check", "gone.toml"], "gone.toml: cannot be read"),
    ],
)
def test_bad_input_is_one_line_on_standard_error_and_status_2(
    facewarden: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = facewarden(*words)

    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert complaint in result.stderr
