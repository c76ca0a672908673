"""Every key of a site file, from the types that read it."""

from collections.abc import Iterator
from typing import Any

import msgspec

from facewarden.detector.enforcement import Enforcement
from facewarden.detector.site import Site
from facewarden.detector.site.serving import MediaMtx, MediaMtxUser, Serving, SourceEntry
from facewarden.detector.site.site import Grant, Input
from facewarden.detector.site.upstreams import Upstream

from .markdown import attributes, code, page, prose, table

_INTRO = (
    "A key that is none of these is an error, and so is a fact or a value that does not exist. See [the page on site \
files](../site.md) for an example, and [facts](facts.md) for what tables of facts may hold."
)


def render() -> str:
    """The page."""
    return page(
        "Site file: keys",
        _INTRO,
        *_section("The file", Site),
        *_section("`[enforcement]`", Enforcement),
        *_section("`[inputs.NAME]`", Input),
        *_section("`[authorisations.NAME]`, `[consents.NAME]`", Grant),
        *_section("`[sources.NAME]`", SourceEntry),
        *_section("`[serve]`", Serving),
        *_section("`[mediamtx]`", MediaMtx),
        *_section("`[mediamtx.users.NAME]`", MediaMtxUser),
        *_section("`[upstreams.NAME]`", Upstream),
    )


def _section(title: str, kind: type[msgspec.Struct]) -> Iterator[str]:
    yield f"## {title}"
    yield prose(kind.__doc__).partition("\n")[0]
    said, types = attributes(kind), msgspec.json.schema(kind, schema_hook=anything)["$defs"][kind.__name__]
    yield table(
        ("key", "type", "default", "meaning"),
        [_row(field, types["properties"][field.encode_name], said) for field in msgspec.structs.fields(kind)],
    )


def anything(_: type) -> dict[str, object]:
    """The schema of what may be any value: such keys are checked by what reads them."""
    return {"description": "checked by what reads it"}


def _row(field: msgspec.structs.FieldInfo, schema: dict[str, Any], said: dict[str, str]) -> tuple[str, ...]:
    default = "required" if field.required else _default(schema.get("default"))
    return code(field.encode_name), _kind(schema), default, said.get(field.name, "")


def _default(value: Any) -> str:
    """What holds where the key is absent; that a list is empty goes without saying, and a table has its own section."""
    return code(_toml(value)) if value and not isinstance(value, dict) else ""


def _kind(schema: dict[str, Any]) -> str:
    """A JSON schema, in the words of TOML."""
    if "enum" in schema:
        return " or ".join(code(_toml(value)) for value in schema["enum"])
    if "anyOf" in schema:
        return _kind(next(one for one in schema["anyOf"] if one.get("type") != "null"))
    kind = schema.get("type", "table")
    if kind == "array":
        return f"list of {_kind(schema['items'])}s"
    return "table" if kind == "object" else str(schema.get("format") or kind)


def _toml(value: object) -> str:
    return msgspec.json.encode(value).decode()
