"""The record: entries, each of a kind and a version, and the sinks that keep them."""

from .entry import (
    EVENTS,
    Decided,
    Ended,
    Entry,
    Event,
    Heartbeat,
    Looked,
    Started,
    Terms,
    Verdict,
    read,
    read_entries,
    write,
)
from .jsonl import JsonLines
from .recorder import Judged, Recorder
from .sink import Due, Sink, Tee, made

__all__ = [
    "EVENTS",
    "Decided",
    "Due",
    "Ended",
    "Entry",
    "Event",
    "Heartbeat",
    "JsonLines",
    "Judged",
    "Looked",
    "Recorder",
    "Sink",
    "Started",
    "Tee",
    "Terms",
    "Verdict",
    "made",
    "read",
    "read_entries",
    "write",
]
