"""What a reader sees who knows neither Python nor us."""

import pytest

from facewarden.detector.errors import PackError
from facewarden.detector.facts import CHOICES, FLAGS, PATTERNS, check_fact
from facewarden.detector.policy import load_pack
from facewarden.detector.policy.pack import shipped_packs
from facewarden.detector.policy.prose import find, say, show_pack, words
from facewarden.detector.policy.rule import STRICTNESS


@pytest.mark.parametrize(("fact", "value"), [(fact, value) for fact, values in CHOICES.items() for value in values])
def test_every_value_of_every_fact_has_words(fact: str, value: str) -> None:
    said = say(fact, [check_fact(fact, value)])

    assert "{}" not in said
    assert "_" not in said


def test_every_flag_has_words_both_ways() -> None:
    assert all(say(flag, [True]) != say(flag, [False]) for flag in FLAGS)


def test_places_are_said_as_they_are_written() -> None:
    assert [say(fact, ["XY"]) for fact in sorted(PATTERNS)] == [f"the {fact} is XY" for fact in sorted(PATTERNS)]


def test_several_values_are_joined_by_or() -> None:
    assert say("timing", ["recorded", "real_time"]) == "the pictures are live or recorded"


def test_every_effect_has_words() -> None:
    assert set(words().effects) == set(STRICTNESS)


@pytest.mark.parametrize("name", shipped_packs())
def test_a_pack_shows_every_rule_with_its_source_and_its_certainty_in_words(name: str) -> None:
    pack = load_pack(name)
    shown = "\n".join(show_pack(pack))

    for entry in (*pack.rules, *pack.advice):
        assert f"{entry.id}: {entry.title}" in shown
        assert entry.citation.text in shown
        assert entry.citation.url in shown
    assert shown.count("How sure: ") == len(pack.rules) + len(pack.advice)
    assert pack.sha256 in shown


def test_a_rule_reads_as_prose() -> None:
    shown = "\n".join(find(load_pack("microsoft"), "MS-AOAI-1"))

    assert "Effect: prohibited, from 2024-05-01 (that day included), no end known." in shown
    assert "- the service is Azure OpenAI" in shown
    assert "- by or for a police department in the United States" in shown
    assert "How sure: known from secondary sources." in shown


def test_exceptions_and_obligations_read_in_order() -> None:
    shown = "\n".join(find(load_pack("us-states"), "US-WA"))
    order = ["Effect: closed without authorisation", "Unless", "there is a warrant", "In which case it is allowed, on"]
    places = [shown.index(text) for text in [*order, "What must be done:", "Keep to the terms"]]

    assert places == sorted(places)


def test_advice_is_shown_as_what_it_is() -> None:
    assert "Advice: shown, not decided." in "\n".join(find(load_pack("microsoft"), "MS-AOAI-6"))


def test_a_rule_that_a_pack_lacks_is_an_error_that_names_those_it_has() -> None:
    with pytest.raises(PackError, match="microsoft: no rule 'MS-9'; there are MS-AOAI-1"):
        find(load_pack("microsoft"), "MS-9")
