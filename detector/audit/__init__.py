"""Replay of recorded streams, and the report on the calls that were made on them."""

from .judging import audit
from .replay import Answer, Replay, Unread, Watcher
from .report import Report, read_report

__all__ = ["Answer", "Replay", "Report", "Unread", "Watcher", "audit", "read_report"]
