"""JSON schemas of what is read and written, made from the types."""

import json

import msgspec

from facewarden.detector import Decision
from facewarden.detector.audit import replay, report
from facewarden.detector.calls import Call, Record
from facewarden.detector.identity import Identity
from facewarden.detector.inventory.scan import Entry
from facewarden.detector.site.check import SiteCheck
from facewarden.detector.watching.recorder import Event

from .markdown import lead, page
from .site_file import anything

_INTRO = "JSON Schema, draft 2020-12. More keys may be added; a reader passes over those that it does not know."
WRITTEN: dict[str, type[msgspec.Struct]] = {
    "A call, as a call log has it": Call,
    "A call, as a watched program's log has it (`calls.jsonl`)": Record,
    "An event of a watched program (`events.jsonl`)": Event,
    "A decision (`facewarden decide --json`)": Decision,
    "A source (`facewarden classify --json`, `report.json`)": replay.Answer,
    "A source of which nothing could be read": replay.Unread,
    "A judged call (`report.json`)": report.JudgedCall,
    "The summary of a report (`report.json`)": report.Summary,
    "A model (`facewarden identify --json`)": Identity,
    "An entry of an inventory (`facewarden scan --format json`)": Entry,
    "What a check of a site file found (`facewarden site check --json`)": SiteCheck,
}


def render() -> str:
    """The page."""
    return page("JSON schemas", _INTRO, *(_section(title, kind) for title, kind in WRITTEN.items()))


def _section(title: str, kind: type[msgspec.Struct]) -> str:
    schema = json.dumps(msgspec.json.schema(kind, schema_hook=anything), indent=2, ensure_ascii=False)
    return f"## {title}\n\n{lead(kind)}\n\n```json\n{schema}\n```"
