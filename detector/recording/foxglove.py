"""Messages as Foxglove's panels know them, with the fields of its schemas (github.com/foxglove/foxglove-sdk)."""

from base64 import b64encode
from typing import Any, Final

import msgspec

from ...streams.recording import Recorded

_TIME: Final = {
    "type": "object",
    "title": "time",
    "properties": {"sec": {"type": "integer", "minimum": 0}, "nsec": {"type": "integer", "minimum": 0}},
}
_TEXT: Final = {"type": "string"}
_PAIR: Final = {"type": "object", "properties": {"key": _TEXT, "value": _TEXT}}
_INFO, _WARNING = 2, 3


def _schema(name: str, properties: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"title": f"foxglove.{name}", "type": "object", "properties": properties})


IMAGE: Final = "foxglove.CompressedImage"
LOG: Final = "foxglove.Log"
EVENT: Final = "foxglove.Event"
SCHEMAS: Final = {
    IMAGE: _schema(
        "CompressedImage",
        {
            "timestamp": _TIME,
            "frame_id": _TEXT,
            "data": {"type": "string", "contentEncoding": "base64"},
            "format": _TEXT,
        },
    ),
    LOG: _schema(
        "Log",
        {
            "timestamp": _TIME,
            "level": {"type": "integer"},
            "message": _TEXT,
            "name": _TEXT,
            "file": _TEXT,
            "line": {"type": "integer", "minimum": 0},
        },
    ),
    EVENT: _schema("Event", {"start_time": _TIME, "end_time": _TIME, "metadata": {"type": "array", "items": _PAIR}}),
}


def image(source: str, png: bytes, at: int) -> Recorded:
    """A look at a source, at nanoseconds of POSIX time."""
    fields = {"timestamp": _time(at), "frame_id": source, "data": b64encode(png).decode(), "format": "png"}
    return Recorded(f"/looks/{source}", IMAGE, at, msgspec.json.encode(fields))


def log(text: str, name: str, at: int, *, warning: bool = False) -> Recorded:
    """Something that happened."""
    level = _WARNING if warning else _INFO
    fields = {"timestamp": _time(at), "level": level, "message": text, "name": name, "file": "", "line": 0}
    return Recorded("/log", LOG, at, msgspec.json.encode(fields))


def event(start: int, end: int, at: int, **metadata: str) -> Recorded:
    """A stretch of time that somebody may look for: a gap, a call that was closed."""
    pairs = [{"key": key, "value": value} for key, value in metadata.items()]
    fields = {"start_time": _time(start), "end_time": _time(end), "metadata": pairs}
    return Recorded("/events", EVENT, at, msgspec.json.encode(fields))


def _time(at: int) -> dict[str, int]:
    sec, nsec = divmod(at, 1_000_000_000)
    return {"sec": sec, "nsec": nsec}
