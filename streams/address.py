"""Where a source is, as a person or a program writes it; nothing is opened."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from .errors import printable

# What may stand behind the `#` of a live address.
OPTIONS: Final = ("transport", "timeout", "probe", "stream")
# Schemes of ours, whose queries say what a source is.
_WITHOUT_SECRETS: Final = ("segments", "synthetic")
# Whatever stands before the last sign of a user; a sign may be escaped, where no other is. The others are of what lacks
# its `//`, or its scheme: a file's name may hold such signs, too.
_USER: Final = re.compile(r"(?<=://)(?:.*@|[^/?#]*%40)", re.DOTALL)
_USER_AND_PASSWORD: Final = re.compile(r"^.*:.*(?:@|%40)", re.DOTALL)
_QUERY: Final = re.compile(r"\?.*", re.DOTALL)
_TOKEN: Final = re.compile(r"\?.*=.*", re.DOTALL)
# Some cameras have user and password in their paths, as others have in the query.
_IN_PATH: Final = re.compile(r"(?<=://)(?P<host>[^/]*)(?P<path>/.*)", re.DOTALL)
_VALUE: Final = re.compile(r"(?<==)[^/;&?]+|(?<=%3D)[^/;&?]+", re.IGNORECASE)
_OPTIONS: Final = re.compile(rf"(?:(?:{'|'.join(OPTIONS)})=[\w.]*&?)*")
_AFTER_SCHEME: Final = re.compile(r"(?<=://).*", re.DOTALL)


def parse_source(text: str) -> tuple[str, str]:
    """Name and URL from `[NAME=]URL` as the command line takes it; the name defaults to the file's stem or the scene.

    A file that has `=` in its own name is left whole.
    """
    match = re.fullmatch(r"([\w.-]+)=(.+)", text)
    if match and not exists(text):
        return match[1], match[2]
    shown = redacted(text)
    path = local_path(text) if shown == printable(text) else None
    path = path or Path(_split(shown).path)
    return (path.name if exists(path) and path.is_dir() else path.stem) or shown, text


def redacted(url: str) -> str:
    """The URL as it may be shown: user and password, the query of a network address, and what stands behind a `=` in
    its path, replaced by `***`.

    So is what cannot be read as an address, which may hold a password of which a sign was forgotten or is written
    otherwise. A file's name is shown as it is.
    """
    if exists(url) or url.partition(":")[0].lower() in _WITHOUT_SECRETS:
        return printable(url)
    url = (_USER if "://" in url else _USER_AND_PASSWORD).sub("***@", url)
    url = (_QUERY if ":" in url else _TOKEN).sub("?***", url)
    address, sign, behind = url.partition("#")
    address = _IN_PATH.sub(lambda found: found["host"] + _VALUE.sub("***", found["path"]), address)
    url = address + sign + behind
    if ":" in address and not _OPTIONS.fullmatch(behind):
        url = f"{address}#***"
    return printable(url if is_address(url) else _AFTER_SCHEME.sub("***", url))


def is_address(url: str) -> bool:
    """Whether it can be taken apart as a URL, down to the number of its port; a file's name mostly can."""
    try:
        _ = urlsplit(url).port
    except ValueError:  # such as an open bracket; the text may hold a part of a password
        return False
    return True


def has_host(url: str, *schemes: str) -> bool:
    """Whether it is the address of a host, by one of these schemes."""
    return url.partition("://")[0] in schemes and is_address(url) and bool(urlsplit(url).hostname)


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
