"""What we hold of a source, and how surely."""

from typing import Literal

import msgspec

Mount = Literal["body", "dash", "handheld", "drone", "vehicle", "fixed", "ptz", "unknown"]


class Belief(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict that grows over time. Immutable: whoever holds one can read it from any thread.

    Attributes:
        value: the verdict, `unknown` until it is reached.
        confidence: 0..1, of `value` being right; for `unknown`, how far the evidence has come towards a verdict.
        decided_at: media time at which `value` was reached, seconds; None while unknown.
        evidence: the numbers behind it, by name.
    """

    value: str = "unknown"
    confidence: float = 0.0
    decided_at: float | None = None
    evidence: dict[str, float] = {}


class MobilityBelief(Belief, frozen=True, kw_only=True):
    """`mobile | fixed | unknown`, and what the camera is mounted on."""

    value: Literal["mobile", "fixed", "unknown"] = "unknown"
    mount: Mount = "unknown"


class EnvironmentBelief(Belief, frozen=True, kw_only=True):
    """`controlled | uncontrolled | unknown`."""

    value: Literal["controlled", "uncontrolled", "unknown"] = "unknown"


class Faces(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of faces; `assessed` is false where nothing looked for them."""

    assessed: bool = False
    max_in_frame: int = 0
    frames_with: int = 0
