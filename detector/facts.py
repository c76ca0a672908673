"""The vocabulary: every fact that a rule may ask for, and the values it can have.

A fact that is absent is unknown. Facts are plain values in a mapping, so that a fact set is JSON; where each came
from is kept beside it, never inside.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias, cast

from . import places
from .errors import FactError

Value: TypeAlias = str | bool
Facts: TypeAlias = Mapping[str, Value]

_PARTIES = ("us_police", "us_federal_le", "non_us_le", "military", "public_body", "private", "other")
_MOBILE_MOUNTS = ("body", "dash", "handheld", "drone", "vehicle", "helmet")
_FIXED_MOUNTS = ("wall", "pole", "desk", "tripod", "ptz")

CHOICES: dict[str, tuple[str, ...]] = {
    "operator": _PARTIES,
    "on_behalf_of": (*_PARTIES, "nobody"),
    "service": (
        "azure_openai", "azure_face", "azure_video_indexer", "openai", "aws_rekognition", "anthropic",
        "google_vision", "clearview", "local", "other",
    ),
    "task": (
        "identification", "verification", "detection", "analysis", "emotion", "categorisation", "gallery_building",
        "text", "speech", "other",
    ),
    "camera": ("mobile", "fixed"),
    "mount": (*_MOBILE_MOUNTS, *_FIXED_MOUNTS),
    "environment": ("controlled", "uncontrolled"),
    "timing": ("real_time", "near_real_time", "recorded"),
    "consent": ("valid", "none"),
    "subject_involvement": ("active", "aware", "none"),
    "purpose": (
        "access_control", "patrol", "criminal_investigation", "serious_crime_suspect", "victim_search",
        "missing_person", "deceased", "imminent_threat", "none", "other",
    ),
    "gallery": ("suspects", "inmates", "missing", "staff", "customers", "scraped", "none"),
    "authorisation": ("granted", "requested", "none"),
}  # fmt: skip
FLAGS: frozenset[str] = frozenset({
    "public_space", "surveillance", "warrant", "exigency", "court_order", "develop_leads", "national_law",
    "impact_assessment", "registered", "targeted", "initial_identification", "authorised_use",
    "statutory_exception", "limited_access_approved",
})  # fmt: skip
PATTERNS: dict[str, tuple[re.Pattern[str], str]] = {
    "country": (re.compile(r"[A-Z]{2}"), "an ISO 3166-1 alpha-2 code such as CA"),
    "region": (re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}"), "an ISO 3166-2 code such as US-WA"),
    "city": (re.compile(r"\S.*"), "a name"),
    "client": (re.compile(r"\S.*"), "a name"),
}
# Characters of a client's name.
_LONGEST = 200


def _client(text: str) -> str:
    """Who asks, by the name that the site, a certificate or a proxy has for it: exactly so."""
    if not text.strip() or not text.isprintable() or len(text) > _LONGEST:
        raise ValueError(f" of at most {_LONGEST} characters that can be seen")
    return text


_SPELLINGS = {"country": places.country, "region": places.region, "city": places.city, "client": _client}
DATES: frozenset[str] = frozenset({"date"})
_SECONDS = 24 * 60 * 60
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
NAMES: frozenset[str] = frozenset(CHOICES) | FLAGS | frozenset(PATTERNS) | DATES


def check_fact(name: str, value: object) -> Value:
    """The value, if the fact `name` can have it; a place in the one spelling that it has here (see `places`), and a
    client's name as it is.

    Raises:
        FactError: the name is none of ours, or the value none of its; says which there are.
    """
    if name not in NAMES:
        raise FactError(f"unknown fact '{name}'{_nearest(name, NAMES)}")
    if name in FLAGS and isinstance(value, bool):
        return value
    if name in PATTERNS and isinstance(value, str):
        return _spelt(name, value)
    if name in DATES:
        return _check_date(name, value)
    if value in CHOICES.get(name, ()):
        return cast(str, value)
    raise FactError(f"fact '{name}' cannot be {_shown(value)}; expected {expected(name)}")


def check_facts(facts: Mapping[str, object]) -> dict[str, Value]:
    """All of them, checked, in the order given.

    Raises:
        FactError: some are wrong; says of each what.
    """
    checked, problems = dict[str, Value](), list[str]()
    for name, value in facts.items():
        try:
            checked[name] = check_fact(name, value)
        except FactError as error:
            problems.append(str(error))
    if problems:
        raise FactError("; ".join(problems))
    return checked


def day_of(posix: float) -> str:
    """The day, UTC, that a moment in POSIX seconds lies on: YYYY-MM-DD."""
    return _day(int(posix // _SECONDS))


@lru_cache(maxsize=8)
def _day(number: int) -> str:
    """The day that is so many after 1970-01-01."""
    return (date(1970, 1, 1) + timedelta(number)).isoformat()


def camera_of(mount: Value) -> str:
    """The camera that a mount makes: `mobile` or `fixed`."""
    return "mobile" if mount in _MOBILE_MOUNTS else "fixed"


@dataclass(frozen=True, slots=True)
class FactSet:
    """Facts, where each came from, and where what was declared and what is seen contradict each other.

    `origins` has a word for each fact: `declared`, `call`, `seen`, `derived`, `clock`, or the key of the authorisation
    or consent in the site file that says it. `unconfirmed` are claims that what is seen has yet to bear out: until then
    they are no facts.
    """

    facts: dict[str, Value]
    origins: dict[str, str]
    contradictions: list[str] = field(default_factory=list[str])
    unconfirmed: list[str] = field(default_factory=list[str])

    def put(self, name: str, value: Value, origin: str) -> None:
        self.facts[name] = value
        self.origins[name] = origin

    def drop(self, contradiction: str, *names: str) -> None:
        """These contradict each other, so that none of them is known."""
        self.contradictions.append(contradiction)
        for name in names:
            self.facts.pop(name, None)
            self.origins.pop(name, None)

    def settled(self) -> "Settled":
        """The same, for good."""
        facts, origins = MappingProxyType(dict(self.facts)), MappingProxyType(dict(self.origins))
        return Settled(facts, origins, tuple(self.contradictions), tuple(self.unconfirmed))


class Settled(NamedTuple):
    """A `FactSet` that nobody can change any more: what a judgement rests on."""

    facts: Facts
    origins: Mapping[str, str]
    contradictions: tuple[str, ...]
    unconfirmed: tuple[str, ...]


def reconciled(facts: Facts) -> FactSet:
    """Facts that say two things of one: what follows from them is put in, and what they contradict is not known.

    A mount makes its camera, a region its country. A camera that its mount makes mobile is mobile.
    """
    joined = FactSet(dict(facts), dict.fromkeys(facts, "declared"))
    _settle_places(joined)
    _settle_camera(joined, "unknown")
    return joined


def with_seen(declared: FactSet, camera: str, environment: str) -> FactSet:
    """What is declared, made stricter (never laxer) by what the pictures show.

    What is seen settles an undeclared camera; it never makes an undeclared environment controlled. A camera declared
    fixed and seen mobile is mobile, and the fixed mount claimed for it is dropped. An environment declared controlled
    is unknown until what is seen is consistent with that: where nothing looks, nothing bears the claim out.

    Args:
        declared: what is declared of source and call.
        camera: `mobile | fixed | unknown`.
        environment: `uncontrolled | consistent | unknown`.
    """
    joined = FactSet(
        dict(declared.facts), dict(declared.origins), list(declared.contradictions), list(declared.unconfirmed)
    )
    _settle_places(joined)
    _settle_camera(joined, camera)
    claimed = joined.facts.get("environment")
    if environment == "uncontrolled" != claimed:
        joined.put("environment", "uncontrolled", "seen")
        if claimed:
            joined.contradictions.append("environment: declared controlled, seen uncontrolled")
    elif claimed == "controlled" and environment != "consistent":
        del joined.facts["environment"], joined.origins["environment"]
        joined.unconfirmed.append("environment: declared controlled, not confirmed by what is seen")
    return joined


def _settle_places(joined: FactSet) -> None:
    """A region lies in its country (ISO 3166-2), and police work in their own: where these disagree none is known."""
    region, country = joined.facts.get("region"), joined.facts.get("country")
    if region and not country:
        joined.put("country", str(region)[:2], "derived")
    elif region and country != str(region)[:2]:
        joined.drop(f"country: declared {country}, but region {region} lies in another", "region", "country")
    country = joined.facts.get("country")
    for party in ("operator", "on_behalf_of"):
        who = joined.facts.get(party)
        if country == "US" and who == "non_us_le":
            joined.drop(f"{party}: {who} in {country}", party)
        elif country and country != "US" and who == "us_police":
            joined.drop(f"{party}: {who} in {country}", "country", "region")
            return


def _settle_camera(joined: FactSet, seen: str) -> None:
    camera, mount = joined.facts.get("camera"), joined.facts.get("mount")
    mounted = mount and camera_of(mount)
    if mounted and mounted != camera and camera != "mobile":
        joined.put("camera", mounted, "derived")
    if mounted and camera and mounted != camera:
        joined.contradictions.append("camera: the declared mount and the declared camera disagree")
    claimed = joined.facts.get("camera")
    if claimed and seen not in ("unknown", claimed):
        joined.contradictions.append(f"camera: declared {claimed}, seen {seen}")
    if seen != claimed and (seen == "mobile" or (seen == "fixed" and not claimed)):
        joined.put("camera", seen, "seen")
    if mounted == "fixed" and "mobile" in (seen, camera):
        del joined.facts["mount"], joined.origins["mount"]


def _shown(value: object) -> str:
    """A value as it may have been written."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, date) else repr(value)


def _spelt(name: str, value: str) -> str:
    try:
        return _SPELLINGS[name](value)
    except ValueError as error:
        raise FactError(f"fact '{name}' cannot be {value!r}; expected {expected(name)}{error}") from None


def _check_date(name: str, value: object) -> str:
    text = value.isoformat() if isinstance(value, date) else value
    try:
        if isinstance(text, str) and _DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass  # a day that no month has
    raise FactError(f"fact '{name}' cannot be {_shown(value)}; expected {expected(name)}")


def listed() -> list[str]:
    """The names of all facts: those with listed values, flags, places and names, days."""
    return [*CHOICES, *sorted(FLAGS), *PATTERNS, *sorted(DATES)]


def expected(name: str) -> str:
    """What values the fact `name` can have, in words."""
    if name in CHOICES:
        return " | ".join(CHOICES[name])
    if name in FLAGS:
        return "true | false"
    return PATTERNS[name][1] if name in PATTERNS else "a date, YYYY-MM-DD"


def _nearest(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(names), n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(sorted(names))}"
