"""Watches camera streams for face recognition, decides whether it may run, and says why.

The names below are loaded when they are first used, so that a program which only asks for `--help`, or runs where
OpenCV cannot be loaded, gets its answer all the same.
"""

from typing import TYPE_CHECKING

from .lazily import lazily

if TYPE_CHECKING:
    from .belief import EnvironmentBelief, Faces, MobilityBelief
    from .budget import Allowance
    from .calls import Call
    from .calls.taps import Taps, TapState
    from .clock import Clock
    from .enforcement import Enforcement
    from .environment import FaceDetector
    from .environment.faces import Face
    from .errors import FacewardenError, InputError
    from .facts import FactSet, Settled
    from .guard import Guard
    from .judge import Judgement
    from .policy import Decision, Obligation, Pack, ProhibitedInference, Rule, RuleOutcome, decide, load_packs
    from .policy.decision import PackIdentity
    from .recording import Recording, RecordingLimits
    from .sight.seen import Shown
    from .sight.state import Coverage, SourceState
    from .site import Site, load_site
    from .site.site import Grant, Input
    from .watching.start import Watching, unwatch, watch

_HOMES = {
    "Allowance": ".budget",
    "Call": ".calls",
    "Clock": ".clock",
    "Coverage": ".sight.state",
    "Decision": ".policy",
    "Enforcement": ".enforcement",
    "EnvironmentBelief": ".belief",
    "Face": ".environment.faces",
    "FaceDetector": ".environment",
    "Faces": ".belief",
    "FacewardenError": ".errors",
    "FactSet": ".facts",
    "Grant": ".site.site",
    "Guard": ".guard",
    "Input": ".site.site",
    "InputError": ".errors",
    "Judgement": ".judge",
    "MobilityBelief": ".belief",
    "Obligation": ".policy",
    "Pack": ".policy",
    "PackIdentity": ".policy.decision",
    "ProhibitedInference": ".policy",
    "Recording": ".recording",
    "RecordingLimits": ".recording",
    "Rule": ".policy",
    "RuleOutcome": ".policy",
    "Settled": ".facts",
    "Shown": ".sight.seen",
    "Site": ".site",
    "SourceState": ".sight.state",
    "TapState": ".calls.taps",
    "Taps": ".calls.taps",
    "Watching": ".watching.start",
    "decide": ".policy",
    "load_packs": ".policy",
    "load_site": ".site",
    "unwatch": ".watching.start",
    "watch": ".watching.start",
}

__all__ = [
    "Allowance",
    "Call",
    "Clock",
    "Coverage",
    "Decision",
    "Enforcement",
    "EnvironmentBelief",
    "Face",
    "FaceDetector",
    "Faces",
    "FacewardenError",
    "FactSet",
    "Grant",
    "Guard",
    "Input",
    "InputError",
    "Judgement",
    "MobilityBelief",
    "Obligation",
    "Pack",
    "PackIdentity",
    "ProhibitedInference",
    "Recording",
    "RecordingLimits",
    "Rule",
    "RuleOutcome",
    "Settled",
    "Shown",
    "Site",
    "SourceState",
    "TapState",
    "Taps",
    "Watching",
    "decide",
    "load_packs",
    "load_site",
    "unwatch",
    "watch",
]

__getattr__ = lazily(__name__, _HOMES)
