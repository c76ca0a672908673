"""Taps: one small file a runtime, each of which reports the calls of its host to a gate before they run."""

from .installed import ALL, Taps, TapState
from .tap import Gate, Model, Runnable, Tap, aside, is_aside

__all__ = ["ALL", "Gate", "Model", "Runnable", "Tap", "TapState", "Taps", "aside", "is_aside"]
