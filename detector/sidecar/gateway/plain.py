"""What a request asks for, where that can be told for sure; servers differ in how they read what is not plain."""

import re
from collections import Counter
from typing import Final
from urllib.parse import parse_qsl, unquote

from .incoming import Incoming

# Headers by which a request is understood: two of one kind are read one way here, and another way there.
_TELLING: Final = (
    "content-type", "content-encoding", "content-length", "transfer-encoding", "host", "x-amz-target",
    "inference-header-content-length",
)  # fmt: skip
_OVERRIDES: Final = ("x-http-method-override", "x-http-method", "x-method-override")
_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "DELETE"})
# Slashes and backslashes in disguise, segments that lead elsewhere, parameters, what is no text.
_STRANGE: Final = re.compile(r"//|\\|%2f|%5c|%00|;|(?:^|/)\.\.?(?:/|$)|%25|[^!-~]", re.IGNORECASE)


def disguised(request: Incoming) -> str | None:
    """Why a server may take a request for one of another method, however harmless its own is; None where none will."""
    if any(request.values(name) for name in _OVERRIDES):
        return "a header says that it is another method"
    empty = {*request.values("content-length")} <= {"0"} and not request.values("transfer-encoding")
    return None if empty or request.method not in _BODILESS else "it has a body, which its method has not"


def strange(request: Incoming) -> str | None:
    """Why it cannot be told for sure what a request asks for; None where it can."""
    path, _, query = request.target.partition("?")
    if not path.startswith("/") or _STRANGE.search(path) or _STRANGE.search(unquote(path, "latin-1")):
        return "its path is not plain"
    if why := disguised(request):
        return why
    if any(len(request.values(name)) > 1 for name in _TELLING):
        return "a header by which it is understood comes more than once"
    keys = Counter(key.lower() for key, _ in {(key, value) for key, value in parse_qsl(query, True)})
    if any(count > 1 and not key.endswith("[]") for key, count in keys.items()):
        return "a key of its query says two things"
    return None
