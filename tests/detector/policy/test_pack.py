from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from facewarden.detector.errors import PackError
from facewarden.detector.policy import decide, load_pack, load_packs
from facewarden.detector.policy.pack import shipped_packs

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


@pytest.mark.parametrize("name", shipped_packs())
def test_every_shipped_pack_is_sound_and_named_as_its_file(name: str) -> None:
    pack = load_pack(name)

    assert pack.name == name
    assert all(rule.citation.url.startswith("https://") and rule.citation.text for rule in pack.rules)


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
        ('version = "1"', "version = 1", ["version", "Expected `str`"]),
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
    with pytest.raises(PackError, match=r"own\.toml: .*utf-8"):
        load_pack(str(path))


@pytest.mark.parametrize("name", ["missing.toml", "folder.toml"])
def test_a_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(PackError, match=rf"{name}: cannot be read"):
        load_pack(str(tmp_path / name))


@pytest.mark.parametrize("name", ["mircosoft", "", "microsoft.json", "../microsoft"])
def test_a_name_that_no_pack_has_is_an_error_that_lists_those_there_are(name: str) -> None:
    with pytest.raises(PackError, match=f"no pack '{name}'; shipped are .*microsoft"):
        load_pack(name)
