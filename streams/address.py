"""Where a source is, as a person or a program writes it; nothing is opened."""

import re
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from .errors import printable


def parse_source(text: str) -> tuple[str, str]:
    """Name and URL from `[NAME=]URL` as the command line takes it; the name defaults to the file's stem or the scene.

    A file that has `=` in its own name is left whole.
    """
    match = re.fullmatch(r"([\w.-]+)=(.+)", text)
    if match and not exists(text):
        return match[1], match[2]
    path = local_path(text) or Path(_split(text).path)
    return (path.name if exists(path) and path.is_dir() else path.stem) or redacted(text), text


def redacted(url: str) -> str:
    """The URL as it may be shown: user and password, and the query of a network address, replaced by `***`."""
    if "://" in url and (local_path(url) is None or ("@" in url and not exists(url))):
        url = re.sub(r"\?.*", "?***", re.sub(r"(?<=://).*@", "***@", url))
    return printable(url)


def local_path(url: str) -> Path | None:
    """The file or folder that a URL names on this machine; None for another kind of source."""
    parts = _split(url)
    if parts.scheme == "file" and not exists(url):
        return Path(unquote(parts.path))
    return Path(url) if not parts.scheme or exists(url) else None


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # such as an open bracket: no address, but perhaps a file
        return SplitResult("", "", url, "", "")


def exists(path: str | Path) -> bool:
    """Whether there is a file or folder; False, too, for what cannot be the name of one."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # too long for a file name, or not one at all
        return False
