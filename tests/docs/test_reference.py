"""The pages that are made say what the code knows, all of it."""

import re
from functools import cache
from pathlib import Path

import msgspec
import pytest
from reference import NAVIGATION, pages
from reference.commands import commands
from reference.markdown import attributes, prose

from facewarden import detector, streams
from facewarden.detector.calls.taps.kinds import ALL
from facewarden.detector.facts import CHOICES, NAMES
from facewarden.detector.policy import load_pack
from facewarden.detector.policy.pack import shipped_packs
from facewarden.detector.site import Site

ROOT = Path(__file__).parents[2]
WRITTEN = "\n".join(path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


@cache
def page(name: str) -> str:
    return pages()[name]()


@pytest.mark.parametrize("name", pages())
def test_a_page_has_a_title_and_the_same_text_each_time(name: str) -> None:
    assert page(name).startswith("# ")
    assert page(name) == pages()[name]()


def test_every_page_but_those_of_the_packs_is_in_the_navigation() -> None:
    assert {*NAVIGATION.values(), *(f"packs/{name}" for name in shipped_packs())} == pages().keys()


@pytest.mark.parametrize("command", commands())
def test_every_command_is_used_on_a_page_written_by_hand(command: str) -> None:
    assert re.search(rf"{command}\b", WRITTEN), f"{command} stands on no page of docs/"


@pytest.mark.parametrize(("name", "command"), commands().items())
def test_the_reference_has_every_option_of_a_command(name: str, command: object) -> None:
    section = page("commands").split(f"\n## {name}\n")[1].partition("\n## ")[0]
    options = [text for one in getattr(command, "params", ()) for text in one.opts if text.startswith("--")]

    assert [option for option in options if f"`{option}`" not in section and option != "--help"] == []


def test_a_choice_among_words_shows_the_words() -> None:
    assert r"`table\|json\|sarif\|cyclonedx`" in page("commands")


def test_every_fact_and_every_value_has_its_place() -> None:
    named = set(re.findall(r"`(\w+)`", page("facts")))

    assert named >= NAMES | {value for values in CHOICES.values() for value in values}


@pytest.mark.parametrize("name", shipped_packs())
def test_every_rule_and_advice_of_a_pack_has_a_heading(name: str) -> None:
    pack = load_pack(name)

    assert all(f"\n## {entry.id}: {entry.title}" in page(f"packs/{name}") for entry in (*pack.rules, *pack.advice))
    assert pack.sha256 in page(f"packs/{name}")


def test_every_key_of_a_site_file_is_listed_with_what_it_means() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.+) \|$", page("site_file"), re.MULTILINE))

    assert rows.keys() >= {field.encode_name for field in msgspec.structs.fields(Site)} | {"lost_tap", "from", "until"}


def test_every_tap_is_listed() -> None:
    assert all(f"| `{tap.runtime}` |" in page("taps") for tap in ALL)


@pytest.mark.parametrize("package", [detector, streams])
def test_every_public_name_is_listed_with_its_docstring(package: object) -> None:
    names = getattr(package, "__all__")  # noqa: B009 - of a module

    assert [name for name in names if f"\n### {name}\n" not in page("api")] == []
    assert [name for name in names if not getattr(package, name).__doc__] == []


def test_a_docstring_s_sections_become_lists() -> None:
    assert prose("Says it.\n\nArgs:\n    one: first,\n        and more.\n") == (
        "Says it.\n\n**Args**\n\n- `one`: first,\n    and more."
    )


def test_attributes_that_are_told_of_together_each_have_the_text() -> None:
    class Told:
        """Two.

        Attributes:
            start, end: first and
                last day.
        """

    assert attributes(Told) == {"start": "first and last day.", "end": "first and last day."}
