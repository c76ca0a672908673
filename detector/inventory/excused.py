"""What need not fail a build: models that somebody has answered for, and models that were there before."""

from collections.abc import Iterable
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

import msgspec

from ..errors import InputError
from .scan import Entry


class Allowed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that may be there.

    Attributes:
        reason: why, in the words of whoever answers for it.
        sha256: of the file; or
        path: a pattern of where it lies.
        until: the last day.
    """

    reason: str
    sha256: str | None = None
    path: str | None = None
    until: date | None = None

    def covers(self, entry: Entry, today: date) -> bool:
        """Whether it speaks of this entry, today."""
        if self.until is not None and today > self.until:
            return False
        digest = entry.identity.sha256 if entry.identity else ""
        return digest == self.sha256 if self.sha256 else fnmatch(entry.path, self.path or "")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    allow: list[Allowed] = []


def read_allowed(path: Path) -> list[Allowed]:
    """The list of a TOML file: `[[allow]]` with `reason`, `sha256` or `path`, and `until`.

    Raises:
        InputError: it cannot be read, or an entry gives no reason, or neither or both of the two.
    """
    try:
        allowed = msgspec.toml.decode(path.read_bytes(), type=_File).allow
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        raise InputError(f"{path}: no list of allowed models ({error})") from error
    for number, one in enumerate(allowed, 1):
        if not one.reason.strip() or (one.sha256 is None) == (one.path is None):
            raise InputError(f"{path}: entry {number} of allow needs a reason, and one of sha256 and path")
    return allowed


def read_baseline(path: Path) -> frozenset[tuple[str, str]]:
    """Digest and answer of every model of an inventory that `scan --format json` wrote.

    Raises:
        InputError: it cannot be read, or is no such inventory.
    """
    try:
        lines = [msgspec.json.decode(line) for line in path.read_bytes().splitlines() if line.strip()]
        return frozenset((line["sha256"], str(line["recogniser"])) for line in lines if "sha256" in line)
    except (OSError, msgspec.MsgspecError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path}: no inventory as `scan --format json` writes it ({error})") from error


def counts(entry: Entry, allowed: Iterable[Allowed], baseline: frozenset[tuple[str, str]], today: date) -> bool:
    """Whether what was found may fail a build: nobody has answered for it, and it is new."""
    if any(one.covers(entry, today) for one in allowed):
        return False
    identity = entry.identity
    return identity is None or (identity.sha256, str(identity.recogniser)) not in baseline
