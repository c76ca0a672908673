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
# Slashes and backslashes in disguise, segments that lead elsewhere, parameters, what is no text.
_STRANGE: Final = re.compile(r"//|\\|%2f|%5c|%00|;|(?:^|/)\.\.?(?:/|$)|%25|[^!-~]", re.IGNORECASE)


def says_another_method(request: Incoming) -> bool:
    """Whether a header says that it is another method, which makes no request harmless."""
    return any(request.values(name) for name in _OVERRIDES)


def strange(request: Incoming) -> str | None:
    """Why it cannot be told for sure what a request asks for; None where it can."""
    path, _, query = request.target.partition("?")
    if not path.startswith("/") or _STRANGE.search(path) or _STRANGE.search(unquote(path, "latin-1")):
        return "its path is not plain"
    if says_another_method(request):
        return "a header says that it is another method"
    if any(len(request.values(name)) > 1 for name in _TELLING):
        return "a header by which it is understood comes more than once"
    keys = Counter(key.lower() for key, _ in {(key, value) for key, value in parse_qsl(query, True)})
    if any(count > 1 and not key.endswith("[]") for key, count in keys.items()):
        return "a key of its query says two things"
    return None
