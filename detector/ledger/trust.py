"""Whom to trust, as a file says it (C2SP tlog-policy)."""

from pathlib import Path

from ..errors import InputError
from .note import NoteError, Verifier, read_verifier


def read_policy(path: Path) -> list[Verifier]:
    """The keys of the lines `log KEY [URL]` of a policy; lines of witnesses, groups and quorums are no keys of a log.

    Raises:
        InputError: it cannot be read, names no log, or asks for a quorum of witnesses, which is not counted here.
    """
    try:
        lines = [line.split() for line in path.read_text().splitlines() if line.strip() and line[0] != "#"]
        keys = [read_verifier(words[1]) for words in lines if words[0] == "log" and len(words) > 1]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (NoteError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}") from error
    if not keys:
        raise InputError(f"{path}: names no log; a line is: log NAME+ID+KEY")
    if any(words[0] == "quorum" and words[1:] != ["none"] for words in lines):
        raise InputError(f"{path}: asks for a quorum of witnesses, which is not counted here; use: quorum none")
    return keys
