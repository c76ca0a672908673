"""The record: entries, each of a kind and a version, and the sinks that keep them."""

from .entry import EVENTS, Decided, Ended, Entry, Event, Started, Verdict, read, read_entries, write
from .jsonl import JsonLines
from .recorder import Judged, Recorder
from .sink import Sink, Tee

__all__ = [
    "EVENTS",
    "Decided",
    "Ended",
    "Entry",
    "Event",
    "JsonLines",
    "Judged",
    "Recorder",
    "Sink",
    "Started",
    "Tee",
    "Verdict",
    "read",
    "read_entries",
    "write",
]
