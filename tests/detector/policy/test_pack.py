from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from facewarden.detector.errors import PackError
from facewarden.detector.policy import decide, load_pack, load_packs
from facewarden.detector.policy.pack import shipped_packs, skeleton

HEAD = 'name = "own"\nversion = "1"\ntitle = "Our own"\n'
RULE = """
[[rules]]
id = "OWN-1"
title = "No drones"
effect = "prohibited"
certainty = "I"
citation = { text = "Standing order 7", url = "https://example.org/7" }
when = { mount = "drone" }
"""
LAXER = """
unless = { warrant = true }
otherwise = { effect = "prohibited" }
"""
ADVICE = """
[[advice]]
id = "OWN-2"
title = "Fly low"
text = "Better not at all."
certainty = "I"
citation = { text = "Standing order 8", url = "https://example.org/8" }
"""


@pytest.fixture
def write_pack(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "own.toml"
        path.write_text(text)
        return str(path)

    return write


Write = Callable[[str], str]


def test_a_site_brings_its_own_pack_by_path(write_pack: Write) -> None:
    path = write_pack(HEAD + RULE)
    pack = load_pack(path)

    assert (pack.name, pack.version, [rule.id for rule in pack.rules]) == ("own", "1", ["OWN-1"])
    assert decide({"mount": "drone"}, [pack]).deciding == ("OWN-1",)


def test_a_pack_is_identified_by_the_bytes_of_its_file(write_pack: Write) -> None:
    path = write_pack(HEAD + RULE)
    assert load_pack(path).sha256 == sha256(Path(path).read_bytes()).hexdigest()


def test_dates_are_read_as_toml_has_them(write_pack: Write) -> None:
    pack = load_pack(write_pack(HEAD + RULE + "from = 2024-05-01\nuntil = 2024-12-31\n"))

    assert [decide({"mount": "drone", "date": day}, [pack]).effect for day in ("2024-05-01", "2025-01-01")] == [
        "prohibited",
        "allow",
    ]


def test_the_same_pack_named_twice_counts_once() -> None:
    assert load_packs(["microsoft", "microsoft"]) == load_packs(["microsoft"])


def test_packs_come_in_the_order_of_their_names(write_pack: Write) -> None:
    path = write_pack(HEAD.replace("own", "aaa") + RULE)
    assert [pack.name for pack in load_packs(["microsoft", path])] == ["aaa", "microsoft"]


def test_a_term_stands_for_its_condition_in_whatever_order_terms_stand(write_pack: Write) -> None:
    terms = """
[terms.worn_by_police]
title = "worn by police"
when = { all = ["worn"], operator = "us_police" }
[terms.worn]
title = "worn"
when = { mount = ["body", "helmet"] }
"""
    pack = load_pack(write_pack(HEAD + terms + RULE.replace('mount = "drone"', 'any = ["worn_by_police"]')))
    assert [decide({"mount": "helmet", "operator": who}, [pack]).effect for who in ("us_police", "private")] == [
        "prohibited",
        "allow",
    ]


def test_a_term_may_bear_the_name_of_a_value(write_pack: Write) -> None:
    term = '[terms.drone]\ntitle = "a drone"\nwhen = { mount = "drone" }\n'
    pack = load_pack(write_pack(HEAD + term + RULE.replace('mount = "drone"', 'not = "drone"')))
    assert decide({"mount": "wall"}, [pack]).effect == "prohibited"


def test_a_pack_that_is_the_one_pinned_loads(write_pack: Write) -> None:
    path = write_pack(HEAD + RULE)
    digest = sha256(Path(path).read_bytes()).hexdigest()
    assert load_packs([path], pins={"own": digest.upper()})[0].sha256 == digest


def test_a_pack_that_has_changed_since_it_was_pinned_refuses_to_load(write_pack: Write) -> None:
    pinned = load_pack(write_pack(HEAD + RULE)).sha256
    path = write_pack(HEAD.replace('"1"', '"2"') + RULE)
    with pytest.raises(PackError, match=f"own: is not the pack that is pinned: .*{pinned}"):
        load_packs([path], pins={"own": pinned})


def test_a_pin_of_a_pack_that_is_not_loaded_is_an_error() -> None:
    with pytest.raises(PackError, match=r"pins\.own: no such pack is loaded; there are microsoft"):
        load_packs(["microsoft"], pins={"own": "0" * 64})


def test_a_rule_can_be_switched_off_by_name() -> None:
    (pack,) = load_packs(["microsoft"], off=["MS-AOAI-4"])

    assert pack.off == ("MS-AOAI-4",)
    assert "MS-AOAI-4" not in {rule.id for rule in pack.rules}
    assert pack.sha256 == load_pack("microsoft").sha256


def test_a_rule_that_does_not_exist_cannot_be_switched_off() -> None:
    with pytest.raises(PackError, match=r"off: 'MS-AOAI-44' is no rule of these packs; did you mean 'MS-AOAI-[1-5]'"):
        load_packs(["microsoft"], off=["MS-AOAI-44"])


def test_a_new_pack_is_a_pack(write_pack: Write) -> None:
    pack = load_pack(write_pack(skeleton("mine")))

    assert (pack.name, pack.rules[0].id) == ("mine", "mine-1")
    assert decide({"task": "identification", "mount": "drone", "timing": "recorded"}, [pack]).effect == "allow"


def test_a_new_pack_needs_a_name_that_toml_can_hold() -> None:
    with pytest.raises(PackError, match="name 'a\"b'"):
        skeleton('a"b')


@pytest.mark.parametrize("name", shipped_packs())
def test_every_shipped_pack_is_sound_and_named_as_its_file(name: str) -> None:
    pack = load_pack(name)

    assert pack.name == name
    assert all(rule.citation.url.startswith("https://") and rule.citation.text for rule in pack.rules)


def test_no_rule_that_ships_decides_before_there_was_one() -> None:
    rules = [rule for pack in load_packs(shipped_packs()) for rule in pack.rules]
    assert [rule.id for rule in rules if rule.start is None] == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "No drones"', 'title = "No drones"\nnote = "x"', ["OWN-1", "note"]),
        ('mount = "drone"', 'mout = "drone"', ["OWN-1", "when", "did you mean 'mount'"]),
        ('mount = "drone"', 'mount = "kite"', ["OWN-1", "when", "'kite'", "expected body"]),
        ('mount = "drone"', "mount = []", ["OWN-1", "when", "mount"]),
        ('{ mount = "drone" }', "{}", ["OWN-1", "when", "expected at least one fact"]),
        ('{ mount = "drone" }', "{ any = [] }", ["OWN-1", "when", "'any'"]),
        ('when = { mount = "drone" }', "", ["OWN-1", "when"]),
        ('"prohibited"', '"forbidden"', ["OWN-1", "effect", "forbidden"]),
        ('certainty = "I"', 'certainty = "sure"', ["OWN-1", "certainty", "sure"]),
        ('citation = { text = "Standing order 7", url = "https://example.org/7" }', "", ["OWN-1", "citation"]),
        (', url = "https://example.org/7"', "", ["OWN-1", "url"]),
        ('id = "OWN-1"', "", ["id"]),
        ('effect = "prohibited"', 'effect = "prohibited"\nfrom = "May"', ["OWN-1", "from"]),
        ('effect = "prohibited"', "effect = prohibited", ["line"]),
        (RULE, RULE + RULE, ["OWN-1", "two of this id"]),
        (RULE, "", ["rules"]),
        (RULE, "rules = []", ["rules"]),
        ('version = "1"', "", ["version"]),
        ('version = "1"', "version = 1", ["version", "expected text"]),
        ('certainty = "I"', 'certainty = "I"\nunless = { warant = true }', ["OWN-1", "unless", "'warrant'"]),
        ('certainty = "I"', 'certainty = "I"\nfrom = 2024-01-02\nuntil = 2024-01-01', ["OWN-1", "until", "before"]),
        ('certainty = "I"', 'certainty = "I"\notherwise = { effect = "hold" }', ["OWN-1", "otherwise", "unless"]),
        (RULE, RULE + LAXER, ["OWN-1", "otherwise", "must be laxer"]),
        ('mount = "drone"', 'all = ["flying"]', ["OWN-1", "when", "term 'flying'"]),
        (RULE, '[terms.a]\ntitle = "a"\nwhen = { all = ["b"] }\n' + RULE, ["term a", "term 'b'"]),
        (RULE, '[terms.a]\ntitle = "a"\nwhen = { not = "a" }\n' + RULE, ["terms", "circle"]),
        (RULE, '[terms.a]\ntitle = "a"\nwhen = {}\n' + RULE, ["term a", "at least one"]),
        (RULE, '[terms.a]\nwhen = { mount = "body" }\n' + RULE, ["term a", "title"]),
        (RULE, RULE + ADVICE.replace("title", "titel"), ["advice OWN-2", "titel"]),
        (RULE, RULE + ADVICE.replace("OWN-2", "OWN-1"), ["OWN-1", "two of this id"]),
    ],
)
def test_an_error_names_the_file_the_rule_and_the_key(write_pack: Write, old: str, new: str, words: list[str]) -> None:
    path = write_pack((HEAD + RULE).replace(old, new))
    with pytest.raises(PackError) as error:
        load_pack(path)

    assert str(error.value).startswith(f"{path}: ")
    assert [word for word in words if word not in str(error.value)] == []
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_utf_8_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(b'title = "Z\xfcrich"')
    with pytest.raises(PackError, match=r"own\.toml: byte 0xfc is not UTF-8"):
        load_pack(str(path))


@pytest.mark.parametrize(
    "text", ["x = " + "9" * 5000, "x = " + "[" * 5000, "[facts]\nx = " + "{ a = " * 400 + "1" + " }" * 400]
)
def test_what_the_reader_of_toml_cannot_hold_is_one_line_that_names_the_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(PackError, match=r"own\.toml: \w") as error:
        load_pack(str(path))

    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["missing.toml", "folder.toml"])
def test_a_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(PackError, match=rf"{name}: cannot be read"):
        load_pack(str(tmp_path / name))


@pytest.mark.parametrize("name", ["mircosoft", "", "microsoft.json", "../microsoft"])
def test_a_name_that_no_pack_has_is_an_error_that_lists_those_there_are(name: str) -> None:
    with pytest.raises(PackError, match=f"no pack '{name}'.*; shipped are .*microsoft"):
        load_pack(name)
