"""What a camera says that it analyses itself, and which of it recognises faces (ONVIF Analytics Service, annex G)."""

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

# The topic of the standard, without the prefixes of its namespaces, and how makers name theirs.
_TOPIC: Final = "RuleEngine/Recognition/Face"
_KNOWS: Final = "recogni|identif|verif|match|compar|watchlist|blacklist|whitelist"
_NAMED: Final = re.compile(rf"face.*(?:{_KNOWS})|(?:{_KNOWS}).*face", re.IGNORECASE | re.DOTALL)
# What a property was when one began to listen, or is no more: nobody was recognised just now.
_NO_NEWS: Final = frozenset({"Initialized", "Deleted"})


class Analytic(NamedTuple):
    """A rule or a module that is configured.

    Attributes:
        kind: `rule` or `module`.
        name, type: of it; the type without its prefix.
        configuration: token of the configuration that it belongs to.
        recognises: whether it recognises faces.
    """

    kind: str
    name: str
    type: str
    configuration: str
    recognises: bool

    def __str__(self) -> str:
        return f"{self.name} ({self.type})"


class Recognition(NamedTuple):
    """That a camera has recognised somebody, without whom.

    Attributes:
        topic: by which it says so.
        rule: that it names, or the configuration; empty where it names none.
        time: by its own clock, as text; empty where it tells none.
        likelihood: as it says it; empty where it says none.
    """

    topic: str
    rule: str = ""
    time: str = ""
    likelihood: str = ""


class OnvifAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of what a camera does by itself.

    Attributes:
        recognises: whether it recognises faces; None where that is not known yet.
        able: whether it could, were it told to.
        rules, modules: all that are configured, each with its type.
        recognitions: how often it recognised somebody since we listen.
        removed: rules that were removed.
        problem: why it cannot be asked; None where it can.
    """

    recognises: bool | None = None
    able: bool = False
    rules: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    recognitions: int = 0
    removed: int = 0
    problem: str | None = None


def plain(name: object) -> str:
    """A qualified name, or each step of a path of such, without its prefix."""
    return "/".join(step.rpartition(":")[2] for step in str(name or "").strip().rstrip("/.").split("/"))


def recognising(name: object, topics: Iterable[object] = ()) -> bool:
    """Whether a type of rules or modules recognises faces: it is called so, or says it in a message of that topic."""
    return _NAMED.search(plain(name)) is not None or any(map(_says, topics))


def recognition_in(message: Any) -> Recognition | None:
    """What a message of a pull point says; None where it tells of no recognised face."""
    topic = plain(getattr(message.Topic, "_value_1", None))
    content = getattr(message.Message, "_value_1", None)
    if not _says(topic) or getattr(content, "PropertyOperation", None) in _NO_NEWS:
        return None
    source, data = (_items(getattr(content, part, None)) for part in ("Source", "Data"))
    rule = source.get("Rule") or source.get("AnalyticsConfiguration") or ""
    return Recognition(topic, rule, str(getattr(content, "UtcTime", None) or ""), data.get("Likelihood", ""))


def _says(topic: object) -> bool:
    path = plain(topic)
    return path == _TOPIC or path.startswith(f"{_TOPIC}/") or _NAMED.search(path) is not None


def _items(part: Any) -> dict[str, str]:
    return {str(item.Name): str(item.Value)[:200] for item in getattr(part, "SimpleItem", None) or ()}
