"""What lies in a folder already is not overwritten unsaid: it is kept beside what takes its place."""

from pathlib import Path

import msgspec

from ..errors import InputError
from .formats import FORMATS
from .report import Input, Report


class _Inputs(msgspec.Struct):
    """The part of a report that says what it was made from."""

    inputs: tuple[Input, ...]


def keep(path: Path, written: bytes) -> Path | None:
    """Move a file aside that something else is about to be written to: its name with a tilde; gives where it is now.

    Raises:
        InputError: it cannot be moved.
    """
    aside = path.with_name(f"{path.name}~")
    try:
        if not path.is_file() or path.read_bytes() == written:
            return None
        return path.replace(aside)
    except OSError as error:
        raise InputError(f"{path}: cannot be kept as {aside.name} ({error.strerror})") from error


def keep_other(report: Report, folder: Path) -> list[Path]:
    """Move the reports of a folder aside, if they are of other inputs than this one; gives where they are now.

    Raises:
        InputError: one cannot be moved.
    """
    if _inputs(folder / FORMATS["json"][0]) in (None, set(report.inputs)):
        return []
    return [kept for name, _ in FORMATS.values() if (kept := keep(folder / name, b""))]


def _inputs(path: Path) -> set[Input] | None:
    """What the report there was made from: None where there is none, nothing where it is no report of this kind."""
    try:
        return set(msgspec.json.decode(path.read_bytes(), type=_Inputs).inputs)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return set()
