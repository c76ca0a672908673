"""Recordings of a live session: what its frame loop read of clocks and loads, so that it can be gone through again."""

from typing import TYPE_CHECKING

from ..lazily import lazily

if TYPE_CHECKING:
    from .parts import RecordingLimits
    from .recording import Recording

__all__ = ["Recording", "RecordingLimits"]

__getattr__ = lazily(__name__, {"Recording": ".recording", "RecordingLimits": ".parts"})
