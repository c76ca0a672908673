"""Names of sources, as a person gives them."""

from collections import Counter
from collections.abc import Sequence

from ..streams.address import parse_source, redacted
from ..streams.errors import printable
from .errors import InputError


def name_sources(texts: Sequence[str]) -> dict[str, str]:
    """URLs by source name, from `[NAME=]URL` each. Files that would share a name go by their whole path.

    Raises:
        InputError: one name was given to two sources.
    """
    if any(not text.rpartition("=")[2].strip() for text in texts):
        raise InputError("a source is empty; expected [NAME=]URL")
    parsed = [parse_source(text) for text in texts]
    often = Counter(name for name, _ in parsed)
    named: dict[str, str] = {}
    for text, (name, url) in zip(texts, parsed, strict=True):
        name = redacted(url) if often[name] > 1 and text == url else printable(name)
        if name in named:
            raise InputError(f"two sources are called '{name}'; tell them apart with NAME={redacted(url)}")
        named[name] = url
    return named
