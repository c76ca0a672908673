"""JSON schemas of what is read and written, as `facewarden schema` prints them."""

import json

from facewarden.detector.schemas import KINDS, schema

from .markdown import page

_INTRO = (
    "JSON Schema, draft 2020-12, as `facewarden schema NAME` prints it. More keys may be added to what facewarden "
    "writes; a reader passes over those that it does not know."
)


def render() -> str:
    """The page."""
    return page("JSON schemas", _INTRO, *map(_section, KINDS))


def _section(name: str) -> str:
    whole = json.dumps(schema(name), indent=2, ensure_ascii=False)
    return f"## {name}\n\nThis is {KINDS[name].about}.\n\n```json\n{whole}\n```"
