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
# What countries are called and ISO 3166 does not say, as `key` spells it.
_CALLED: Final = {
    "america": "US", "u s": "US", "u s a": "US", "united states of america": "US", "the united states": "US",
    "britain": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "holland": "NL", "the netherlands": "NL", "south korea": "KR", "north korea": "KP", "russia": "RU", "turkey": "TR",
    "czech republic": "CZ", "ivory coast": "CI", "cape verde": "CV", "east timor": "TL", "swaziland": "SZ",
    "macedonia": "MK", "burma": "MM", "syria": "SY", "laos": "LA", "brunei": "BN", "vietnam": "VN", "vatican": "VA",
    "emirates": "AE", "uae": "AE", "hong kong": "HK", "macau": "MO", "congo kinshasa": "CD", "congo brazzaville": "CG",
    "falklands": "FK", "the gambia": "GM", "bahamas": "BS", "the bahamas": "BS", "deutschland": "DE", "espana": "ES",
    "italia": "IT", "osterreich": "AT", "schweiz": "CH", "suisse": "CH", "svizzera": "CH", "brasil": "BR",
    "polska": "PL", "sverige": "SE", "norge": "NO", "danmark": "DK", "suomi": "FI", "belgie": "BE", "belgique": "BE",
    "nederland": "NL", "eire": "IE", "hellas": "GR", "nippon": "JP", "magyarorszag": "HU", "cesko": "CZ",
    "hrvatska": "HR", "srbija": "RS", "slovensko": "SK", "slovenija": "SI", "eesti": "EE", "latvija": "LV",
    "lietuva": "LT", "bharat": "IN", "mainland china": "CN", "peoples republic of china": "CN",
}  # fmt: skip
_JAPANESE: Final = ("HIRAGANA", "KATAKANA")
# How alike two names must be for one to be a slip of the other; the shortest that is the beginning of one, and the
# longest that abbreviates one.
_ALIKE: Final = 0.75
# How alike two names of countries must be, and how many may be meant at once.
_ONE_NAME: Final = 0.8
_MOST_MEANT: Final = 4
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
    raise ValueError(_meant(_called(text)))


def region(text: str) -> str:
    """The ISO 3166-2 code that is meant; as `country`."""
    code = _code(text)
    land, hyphen, part = code.partition("-")
    land = _ALIASES.get(land, land)
    if hyphen and part in _table().get(land, ()):
        return f"{land}-{part}"
    countries = [land] if land in _table() else _called(text.partition("-")[0]) if hyphen else []
    parts = [(one, other) for one in countries for other in sorted(_table()[one])]
    near = [f"{one}-{other}" for one, other in parts if part and (other.startswith(part) or part[:-1] == other)]
    raise ValueError(_meant(near) if countries else "; the country comes first, then a hyphen")


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


def _called(text: str) -> list[str]:
    """The codes of the countries that are called so, or nearly so: never one of another name."""
    bare, known = key(text), _names()
    slips = get_close_matches(bare, known, 3, _ONE_NAME) if len(bare) >= _SHORTEST else []
    near = [bare] if bare in known else slips
    return list(dict.fromkeys(code for name in near for code in known[name]))


def _meant(codes: list[str]) -> str:
    return f"; did you mean {' or '.join(map(repr, codes))}?" if 0 < len(codes) <= _MOST_MEANT else ""


def _alphabets(text: str) -> set[str]:
    """The first word of the Unicode name of each letter says its alphabet; those of Japanese go together."""
    found = {name(letter, "unnamed").split()[0] for letter in text if category(letter) in ("Lu", "Ll", "Lt", "Lo")}
    return {"CJK" if one in _JAPANESE else one for one in found}


@cache
def _table() -> dict[str, frozenset[str]]:
    """By country, its subdivisions."""
    return {line[0]: frozenset(line[3].split()) for line in _lines()}


@cache
def _names() -> dict[str, list[str]]:
    """Codes by what countries are called, as `key` spells it: alpha-3 codes, names, and what of them stands before a
    comma or a bracket."""
    found = {called: [code] for called, code in _CALLED.items()}
    for code, other, full, _ in _lines():
        for one in {key(part) for part in (other, full, re.split("[,(]", full)[0])}:
            found.setdefault(one, []).append(code)
    return found


@cache
def _lines() -> tuple[list[str], ...]:
    text = Path(__file__).with_name("iso3166.tsv").read_text(encoding="utf-8")
    return tuple(line.split("\t") for line in text.splitlines())
