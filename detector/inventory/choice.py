"""Which files of a folder are looked at."""

from fnmatch import fnmatch
from pathlib import PurePosixPath

import msgspec

from ..identity import Limits
from ..identity.known import Knowledge

LEFT_OUT = "left out by a pattern"


class Choice(msgspec.Struct, frozen=True):
    """Which files are looked at, and what each may take.

    A pattern may fit the whole of a path, its end, or its last name.

    Attributes:
        include: patterns of which a path has to fit one, as a shell writes them; none: all.
        exclude: patterns of which a path may fit none; of an archive that fits one nothing is looked at.
        limits: what looking at one file may take.
        cached: whether answers are taken from disk, and kept there.
        known: published models to compare with; what ships where None.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    limits: Limits = Limits()
    cached: bool = False
    known: Knowledge | None = None

    def takes(self, label: str) -> bool:
        """Whether a path is looked at."""
        return (not self.include or _fits(label, self.include)) and not self.closes(label)

    def closes(self, label: str) -> bool:
        """Whether neither a path nor what is in it is looked at."""
        return _fits(label, self.exclude)


def _fits(label: str, patterns: tuple[str, ...]) -> bool:
    path = PurePosixPath(label)
    return any(fnmatch(label, one) or fnmatch(path.name, one) or path.match(one) for one in patterns)
