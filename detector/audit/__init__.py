"""Replay of recorded streams, and the report on the calls that were made on them."""

from .judging import audit
from .replay import Answer, Replay, Unread, Watcher, name_sources
from .report import Report, read_report

__all__ = ["Answer", "Replay", "Report", "Unread", "Watcher", "audit", "name_sources", "read_report"]
