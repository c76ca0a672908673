"""Taps: one small file a runtime, each of which reports the calls of its host to a gate before they run."""

from .handle import Handle
from .installed import ALL, Taps, TapState
from .interface import Gate, Runnable
from .tap import Tap
from .uncovered import Uncovered, uncovered

__all__ = ["ALL", "Gate", "Handle", "Runnable", "Tap", "TapState", "Taps", "Uncovered", "uncovered"]
