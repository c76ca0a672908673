"""JSON schemas of what is read and written, made from the types."""

import json
from typing import Any

import msgspec

from facewarden.detector import Decision, inventory
from facewarden.detector.audit import replay, report
from facewarden.detector.calls import Call
from facewarden.detector.identity import Identity
from facewarden.detector.records import Entry
from facewarden.detector.site.check import SiteCheck

from .markdown import page
from .site_file import anything

_INTRO = "JSON Schema, draft 2020-12. More keys may be added; a reader passes over those that it does not know."
WRITTEN: dict[str, Any] = {
    "A call, as a call log has it": Call,
    "An entry of a record (`calls.jsonl`, `events.jsonl`)": Entry,
    "A decision (`facewarden decide --json`)": Decision,
    "A source (`facewarden classify --json`)": replay.Answer | replay.Unread,
    "A report (`report.json`)": report.Report,
    "A model (`facewarden identify --json`)": Identity,
    "An entry of an inventory (`facewarden scan --format json`)": inventory.Entry,
    "What a check of a site file found (`facewarden site check --json`)": SiteCheck,
}


def render() -> str:
    """The page."""
    return page("JSON schemas", _INTRO, *(_section(title, kind) for title, kind in WRITTEN.items()))


def _section(title: str, kind: Any) -> str:
    schema = json.dumps(msgspec.json.schema(kind, schema_hook=anything), indent=2, ensure_ascii=False)
    return f"## {title}\n\n```json\n{schema}\n```"
