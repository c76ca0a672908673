"""A model file that is made to be asked about."""

from collections.abc import Callable
from pathlib import Path

import msgspec


class Case(msgspec.Struct, frozen=True):
    """A file, or a folder with one model in it.

    Attributes:
        kind: what was done to the model, or what it is.
        of: the set of weights that it was made from.
        recogniser: the truth; None where it is best left undecided.
        write: makes it in an empty folder.
        known: whether what is known of published weights may be used.
    """

    kind: str
    of: str
    recogniser: bool | None
    write: Callable[[Path], object]
    known: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What was said of a case.

    Attributes:
        kind: as of the case.
        of: as of the case.
        truth: as of the case.
        said: `recogniser`, `none`, `undecided`, `not looked at`, `error` or `nothing`.
        because: the last piece of evidence.
        seconds: of processor time, of the process that looks at files.
        memory: bytes, the most that it held.
        bytes: of the file.
        made: why it could not be made; None where it could.
    """

    kind: str
    of: str
    truth: bool | None
    said: str = ""
    because: str = ""
    seconds: float = 0.0
    memory: int = 0
    bytes: int = 0
    made: str | None = None
