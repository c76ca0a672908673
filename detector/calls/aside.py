"""What is none of the host's doing, and so no business of the taps."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

_aside: ContextVar[bool] = ContextVar("facewarden_aside", default=False)


@contextmanager
def aside() -> Generator[None]:
    """What this thread or task does in the block is not the host's: our own probes, and what lies under a call that
    has been judged already."""
    token = _aside.set(True)
    try:
        yield
    finally:
        _aside.reset(token)


def is_aside() -> bool:
    """Whether the code that runs is ours, or belongs to a call that has been judged."""
    return _aside.get()
