"""The inventory as SARIF 2.1.0 (OASIS, 2020), which code hosts show beside a change."""

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from ..release import release
from .scan import Entry

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = {
    "face-recogniser": ("error", "A model that recognises faces"),
    "undecided-model": ("warning", "A model of which it could not be told whether it recognises faces"),
}


def to_sarif(entries: Sequence[Entry]) -> str:
    """A log with a result for each recogniser and each undecided model, and a notification for what was unreadable."""
    failed = [_notification(entry) for entry in entries if entry.error]
    run = {
        "tool": {"driver": {"name": "facewarden", "version": release(), "rules": _rules()}},
        "invocations": [{"executionSuccessful": not failed, "toolExecutionNotifications": failed}],
        "results": [result for entry in entries for result in _results(entry)],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _rules() -> list[object]:
    return [
        {"id": name, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
        for name, (level, text) in _RULES.items()
    ]


def _results(entry: Entry) -> list[object]:
    if entry.identity is None or entry.identity.recogniser is False:
        return []
    rule = "face-recogniser" if entry.identity.recogniser else "undecided-model"
    reasons = "; ".join(one.detail for one in entry.identity.evidence)
    return [
        {
            "ruleId": rule,
            "level": _RULES[rule][0],
            "message": {"text": f"{_RULES[rule][1]}: {reasons}"},
            "locations": [_location(entry)],
            "partialFingerprints": {"sha256/v1": entry.identity.sha256},
            "properties": {"confidence": entry.identity.confidence, "family": entry.identity.family},
        }
    ]


def _notification(entry: Entry) -> object:
    return {"level": "error", "message": {"text": entry.error}, "locations": [_location(entry)]}


def _location(entry: Entry) -> object:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(entry.path)}}}
