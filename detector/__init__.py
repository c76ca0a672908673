"""Watches camera streams for face recognition, decides whether it may run, and says why.

The names below are loaded when they are first used, so that a program which only asks for `--help`, or runs where
OpenCV cannot be loaded, gets its answer all the same.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .calls import Call
    from .errors import FacewardenError, InputError
    from .guard import Guard
    from .policy import Decision, ProhibitedInference, decide, load_packs
    from .sight.state import Coverage, SourceState
    from .site import Site, load_site
    from .watching.start import Watching, unwatch, watch

_HOMES = {
    "Call": ".calls",
    "Coverage": ".sight.state",
    "Decision": ".policy",
    "FacewardenError": ".errors",
    "Guard": ".guard",
    "InputError": ".errors",
    "ProhibitedInference": ".policy",
    "Site": ".site",
    "SourceState": ".sight.state",
    "decide": ".policy",
    "load_packs": ".policy",
    "load_site": ".site",
    "Watching": ".watching.start",
    "unwatch": ".watching.start",
    "watch": ".watching.start",
}

__all__ = [
    "Call",
    "Coverage",
    "Decision",
    "FacewardenError",
    "Guard",
    "InputError",
    "ProhibitedInference",
    "Site",
    "SourceState",
    "Watching",
    "decide",
    "load_packs",
    "load_site",
    "unwatch",
    "watch",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
