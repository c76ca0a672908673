"""Every error, and the word that stands for it in JSON."""

from collections.abc import Iterator

from facewarden.detector import ProhibitedInference
from facewarden.detector.errors import FacewardenError

from .markdown import code, lead, page, table

_INTRO = 'Each is one line that says what is wrong, where, and what to do. In JSON an error is \
`{"error": {"kind": ..., "message": ...}}`; the kind is a contract, the message is not.'


def render() -> str:
    """The page."""
    found = dict.fromkeys([*tree(FacewardenError), ProhibitedInference])  # the last stands in a module of its own
    rows = [(code(kind.__name__), code(kind.kind), code(_base(kind)), lead(kind)) for kind in found]
    return page("Errors", _INTRO, table(("error", "kind", "is a", "meaning"), rows))


def tree(error: type[FacewardenError]) -> Iterator[type[FacewardenError]]:
    """An error and all below it."""
    yield error
    for below in sorted(error.__subclasses__(), key=lambda kind: kind.__name__):
        yield from tree(below)


def _base(error: type[FacewardenError]) -> str:
    return error.__bases__[0].__name__
