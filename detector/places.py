"""Places as people write them, made one spelling: countries and regions by ISO 3166, cities by their letters.

The codes are in `iso3166.tsv`, made from the package pycountry: to load that takes longer than a whole decision.
"""

import re
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Final
from unicodedata import category, combining, name, normalize

# Codes that the European Union uses where ISO 3166-1 has another.
_ALIASES: Final = {"UK": "GB", "EL": "GR"}
_JAPANESE: Final = ("HIRAGANA", "KATAKANA")
# How alike two names must be for one to be a slip of the other; the shortest that is the beginning of one, and the
# longest that abbreviates one.
_ALIKE: Final = 0.75
_SHORTEST: Final = 4
# Cities whose name holds that of another one, and that are not part of it.
_APART: Final = {"san francisco": "south san francisco"}


def country(text: str) -> str:
    """The ISO 3166-1 alpha-2 code that is meant, in whatever case and with whatever blanks about it.

    Raises:
        ValueError: there is none; the text is what to say of it, and may be empty.
    """
    code = _code(text)
    if code in _table():
        return code
    raise ValueError(_meant(code, {**_names(), **{one: one for one in _table()}}))


def region(text: str) -> str:
    """The ISO 3166-2 code that is meant; as `country`."""
    code = _code(text)
    land, hyphen, part = code.partition("-")
    land = _ALIASES.get(land, land)
    if hyphen and part in _table().get(land, ()):
        return f"{land}-{part}"
    known = {f"{land}-{one}": f"{land}-{one}" for one in _table().get(land, ())}
    raise ValueError(_meant(code, known) if known else "; the country comes first, then a hyphen")


def city(text: str) -> str:
    """The name, its letters composed and its blanks single.

    Raises:
        ValueError: it has no letter, a character that nobody sees, or letters of several alphabets, some of which look
            like others; the text is what to say of it.
    """
    cleaned = " ".join(normalize("NFKC", text).split())
    for letter in cleaned:
        if category(letter).startswith("C"):
            raise ValueError(f"; it holds U+{ord(letter):04X}, which nobody sees")
    if len(alphabets := _alphabets(cleaned)) > 1:
        raise ValueError(
            f"; it mixes letters of {' and '.join(map(str.title, sorted(alphabets)))}, some of which look alike"
        )
    if not alphabets:
        raise ValueError("")
    return cleaned


@lru_cache(10_000)
def key(text: str) -> str:
    """What two spellings of one city's name share: no case, no accents, no punctuation."""
    bare = "".join(letter for letter in normalize("NFKD", text.casefold()) if not combining(letter))
    return " ".join(re.findall(r"\w+", bare))


def resembles(text: str, known: str) -> bool:
    """Whether a city's name may be a way to write `known`: longer, shorter, misspelt, or in another alphabet."""
    one, other = key(text), key(known)
    if one == _APART.get(other):
        return False
    if _alphabets(one) != _alphabets(other):
        return True
    letters = one.replace(" ", "")
    return (
        f" {other} " in f" {one} "
        or letters == other.replace(" ", "")
        or (len(one) >= _SHORTEST and other.startswith(one))
        or (len(letters) <= _SHORTEST and letters[:1] == other[0] and _in_order(letters, other))
        or bool(get_close_matches(one, [other, *(word for word in other.split() if len(word) > _SHORTEST)], 1, _ALIKE))
    )


def _in_order(letters: str, text: str) -> bool:
    """Whether these letters stand in a text one after the other, as those of an abbreviation do (`SFO`)."""
    left = iter(text)
    return all(letter in left for letter in letters)


def _code(text: str) -> str:
    code = re.sub(r"\s+", "", normalize("NFKC", text)).upper()
    return _ALIASES.get(code, code)


def _meant(code: str, known: dict[str, str]) -> str:
    near = get_close_matches(code, known, n=1)
    return f"; did you mean '{known[near[0]]}'?" if near else ""


def _alphabets(text: str) -> set[str]:
    """The first word of the Unicode name of each letter says its alphabet; those of Japanese go together."""
    found = {name(letter, "unnamed").split()[0] for letter in text if category(letter) in ("Lu", "Ll", "Lt", "Lo")}
    return {"CJK" if one in _JAPANESE else one for one in found}


@cache
def _table() -> dict[str, frozenset[str]]:
    """By country, its subdivisions."""
    return {line[0]: frozenset(line[3].split()) for line in _lines()}


@cache
def _names() -> dict[str, str]:
    """Codes by alpha-3 codes and names, in capitals and without blanks."""
    return {other: line[0] for line in _lines() for other in (line[1], _code(line[2]))}


@cache
def _lines() -> tuple[list[str], ...]:
    text = Path(__file__).with_name("iso3166.tsv").read_text(encoding="utf-8")
    return tuple(line.split("\t") for line in text.splitlines())
