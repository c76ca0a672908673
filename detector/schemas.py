"""JSON Schemas of what facewarden reads and writes, made from the types that read and write it."""

from importlib import import_module
from inspect import cleandoc
from types import UnionType
from typing import Any, Final, NamedTuple, get_args

import msgspec

from .errors import InputError
from .slips import meant

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


class Kind(NamedTuple):
    """Something that has a schema.

    Attributes:
        about: what it is.
        types: the types of it, `module:name` each; it is one of them.
    """

    about: str
    types: tuple[str, ...]


KINDS: Final[dict[str, Kind]] = {
    "call": Kind("a line of a call log", (".calls.log:Line",)),
    "entry": Kind("a line of the record of a watched program: calls.jsonl, events.jsonl", (".records.entry:Entry",)),
    "source": Kind("an answer of facewarden classify --json", (".audit.replay:Answer", ".audit.replay:Unread")),
    "report": Kind("report.json, as facewarden audit writes it", (".audit.report:Report",)),
    "decision": Kind("an answer of facewarden decide --json", (".policy:Decision", ".policy.lines:Refused")),
    "identity": Kind("an answer of facewarden identify --json", (".identity:Identity", ".identity.answer:Unreadable")),
    "model": Kind(
        "a line of facewarden scan --format json",
        (".inventory.lines:Found", ".identity.answer:Unreadable", ".inventory.lines:Skipped"),
    ),
    "check": Kind("an answer of facewarden site check --json", (".site.check:SiteCheck",)),
    "site": Kind("a site file (TOML; its dates as text)", (".site:Site",)),
    "pack": Kind("a policy pack (TOML; its dates as text)", (".policy.pack:PackFile",)),
}


def schema(name: str) -> Schema:
    """The schema of one of `KINDS`.

    Raises:
        InputError: there is none of that name.
    """
    if name not in KINDS:
        raise InputError(f"no schema '{name}'{meant(name, KINDS)}; there are {', '.join(KINDS)}")
    kind = KINDS[name]
    types = [one for place in kind.types for one in _load(place)]
    references, parts = msgspec.json.schema_components(types, ref_template="#/$defs/{name}", schema_hook=_any)
    if "Decided" in parts:  # whose caller's own keys stand beside the others
        del parts["Decided"]["properties"]["own"]
    for part in parts.values():
        part["description"] = cleandoc(part.get("description", ""))
    whole = references[0] if len(references) == 1 else {"anyOf": list(references)}
    return {"$schema": DIALECT, "title": kind.about, **whole, "$defs": parts}


def _any(_: type) -> Schema:
    """Of a value that may be anything; an empty schema would say the same, but not to msgspec."""
    return {"description": "anything"}


def _load(place: str) -> tuple[Any, ...]:
    module, name = place.split(":")
    found = getattr(import_module(module, __package__), name)
    return get_args(found) if isinstance(found, UnionType) else (found,)
