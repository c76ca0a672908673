"""What is said of a model: the answer, and the evidence it rests on."""

from typing import Literal

import msgspec

Function = Literal[
    "face_recogniser",
    "face_detector",
    "face_landmark",
    "face_attribute",
    "face_antispoof",
    "face_quality",
    "face_other",
    "person_reid",
    "image_embedding",
    "classifier",
    "detector",
    "other",
    "unknown",
]


class Evidence(msgspec.Struct, frozen=True):
    """One reason.

    Attributes:
        signal: what was looked at: `hash`, `weights`, `graph`, `behaviour`, `fingerprint`, `format` or `passive`.
        detail: what was found, one line.
    """

    signal: str
    detail: str


class Unreadable(msgspec.Struct, frozen=True):
    """A file that could not be read as a model; `error` has its `kind` and its `message`."""

    path: str
    error: dict[str, str]


class Identity(msgspec.Struct, frozen=True):
    """What a model is, as far as can be told from the model itself; never from its name.

    Attributes:
        path: the file, or what the caller calls the model.
        sha256: of its content, lower-case hex; empty for a model of which only a callable is known.
        recogniser: whether it turns a face into a template; None where that could not be told.
        function: what it does; `unknown` where `recogniser` is None, `other` where it is only known what it is not.
        family: name of the known model it is or descends from.
        confidence: of `recogniser`, 0 to 1; 0 where it is None.
        evidence: every reason, in the order in which they were found.
    """

    path: str
    sha256: str
    recogniser: bool | None
    function: Function
    family: str | None
    confidence: float
    evidence: tuple[Evidence, ...]
