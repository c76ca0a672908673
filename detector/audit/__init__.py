"""Replay of recorded streams, and the report on the calls that were made on them."""

from .replay import Answer, Replay, Unread, Watcher
from .report import Report, audit

__all__ = ["Answer", "Replay", "Report", "Unread", "Watcher", "audit"]
