import msgspec
import pytest
from msgspec import UNSET

from facewarden.detector.plain import UNREADABLE_TOML
from facewarden.detector.policy.rule import Rule
from facewarden.detector.site import Site
from facewarden.detector.slips import explained, meant, pruned, sifted_toml, toml_slip

RULE = """
id = "A"
title = "a"
effect = "prohibited"
certainty = "P"
when = { task = "speech" }
citation = { text = "t", url = "u" }
"""


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (Site, "pakcs = ['microsoft']", ["`pakcs`", "did you mean 'packs'?", "known are packs, off, pins"]),
        (Site, "[camera.unit-17]", ["did you mean 'cameras'?"]),
        (Site, "[enforcement]\nmood = 'observe'", ["did you mean 'mode'?", "mode, observe, fail_open, lost_tap"]),
        (Site, "[authorisations.a]\nform = 2026-11-01\nfacts = {}", ["did you mean 'from'?", "until"]),
        (Site, "zzz = 1", ["`zzz`", "known are packs"]),
        (Rule, RULE + "otherwise = { effect = 'allow', unles = {} }", ["did you mean 'unless'?"]),
        (Rule, RULE + "otherwise = { effect = 'allow', otherwise = { effect = 'allow', unles = {} } }", ["'unless'"]),
        (Rule, RULE.replace("url", "uri"), ["did you mean 'url'?", "known are text, url"]),
    ],
)
def test_a_key_that_is_not_known_is_told_with_the_one_that_was_meant(kind: type, text: str, words: list[str]) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.toml.decode(text, type=kind)
    told = explained(error.value, kind)
    assert [word for word in words if word not in told] == []


def test_any_other_error_is_told_in_plain_words() -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.toml.decode("packs = 1", type=Site)
    assert explained(error.value, Site) == "packs: expected a list, got a whole number"


def test_nothing_near_is_nothing_meant() -> None:
    assert meant("zzz", ["packs"]) == ""


def test_what_a_later_version_added_to_a_table_is_passed_over() -> None:
    given = {"packs": ["microsoft"], "new": 1, "sources": {"door": {"url": "rtsp://door", "new": 1}}, "facts": {"a": 1}}
    assert pruned(given, Site) == {
        "packs": ["microsoft"],
        "sources": {"door": {"url": "rtsp://door"}},
        "facts": {"a": 1},
    }


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("[cameras.a]\nplace = desk\n", 'text stands in quotes: place = "desk"'),
        ("[consents.a]\nuntil = 31-12-2026\n", "a date is YYYY-MM-DD, and one that there is"),
        ("[consents.a]\nuntil = 2026-13-01\n", "a date is YYYY-MM-DD, and one that there is"),
        ("packs = [microsoft]\n", 'text stands in quotes: "microsoft"'),
        ("packs:\n  - microsoft\n", 'this is no TOML, which has key = "value"'),
        ('{"packs": ["microsoft"]}', 'this is no TOML, which has key = "value"'),
        ("packs = ['uk']\npacks = ['canada']\n", "the key stands there twice"),
        ("[cameras.größe]\n", 'such a name stands in quotes: "größe"'),
        ("[cameras.gate 1]\n", 'such a name stands in quotes: "gate 1"'),
    ],
)
def test_a_line_that_is_no_toml_is_told_with_its_remedy(text: str, remedy: str) -> None:
    with pytest.raises(UNREADABLE_TOML) as raised:
        msgspec.toml.decode(text.encode())

    assert toml_slip(raised.value, text.encode()).endswith(f"; {remedy}")


def test_of_a_line_that_says_nothing_the_text_stays() -> None:
    error = ValueError("Invalid value (at line 9, column 1)")
    assert toml_slip(error, b"a = ]") == str(error)


def test_lines_that_are_no_toml_hide_no_mistake_of_others() -> None:
    cameras = 'pakcs = 1\n[cameras.a]\nplace = desk\nmount = "boddy"\n'
    site, _, faults = sifted_toml(f"{cameras}[consents.b]\nfacts = {{consent = valid}}\n".encode(), Site)

    assert site is UNSET
    assert [
        words for words in ("line 3", "line 6", "'pakcs'", "'boddy'") if sum(words in fault for fault in faults) != 1
    ] == []
    assert len(faults) == 4


def test_after_a_line_that_may_go_on_nothing_is_read_and_that_is_said() -> None:
    _, _, faults = sifted_toml(b"a = b\nfaces = [\n  x,\n]\nd = e\n", Site)

    assert [("line 1" in faults[0], "line 3" in faults[1], faults[1].endswith("; nothing after it was read"))] == [
        (True, True, True)
    ]
