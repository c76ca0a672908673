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
    """`mobile | fixed | unknown`, and what the camera is mounted on.

    Attributes:
        mount: the likeliest one, `unknown` where none is sure enough.
        mount_confidence: 0..1, of `mount` being right; 0 where it is unknown.
    """

    value: Literal["mobile", "fixed", "unknown"] = "unknown"
    mount: Mount = "unknown"
    mount_confidence: float = 0.0

    @property
    def in_words(self) -> str:
        """Two claims, each with its own confidence: `mobile (0.97), likely body (0.70)`; `unknown` without a number."""
        if self.value == "unknown":
            return "unknown"
        likely = "" if self.mount in ("unknown", self.value) else f", likely {self.mount} ({self.mount_confidence:.2f})"
        return f"{self.value} ({self.confidence:.2f}){likely}"


class EnvironmentBelief(Belief, frozen=True, kw_only=True):
    """`uncontrolled | unknown`: nothing that is seen makes a place controlled, for that is declared.

    Attributes:
        consistent_with_controlled: whether the pictures bear such a declaration out; never where `value` is
            `uncontrolled`.
    """

    value: Literal["uncontrolled", "unknown"] = "unknown"
    consistent_with_controlled: bool = False


class Faces(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of faces; `assessed` is false where nothing looked for them.

    Attributes:
        max_in_frame: most faces in one picture.
        frames_with: pictures that had one, of those looked at.
        looked_at: pictures that were looked at for faces.
        shed: pictures that were due for it, and were not looked at because there was no time.
    """

    assessed: bool = False
    max_in_frame: int = 0
    frames_with: int = 0
    looked_at: int = 0
    shed: int = 0
