"""Taps: one small file a runtime, each of which reports the calls of its host to a gate before they run."""

from typing import TYPE_CHECKING

from ...lazily import lazily
from .installed import Taps, TapState
from .kinds import ALL, Kind
from .uncovered import Uncovered, uncovered

if TYPE_CHECKING:
    from .handle import Handle
    from .interface import Gate, Runnable
    from .tap import Tap

__all__ = ["ALL", "Gate", "Handle", "Kind", "Runnable", "Tap", "TapState", "Taps", "Uncovered", "uncovered"]

__getattr__ = lazily(__name__, {"Gate": ".interface", "Handle": ".handle", "Runnable": ".interface", "Tap": ".tap"})
