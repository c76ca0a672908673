"""Replacing what a class or module holds, and putting it back exactly."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, NamedTuple

Function = Callable[..., object]
_ABSENT = object()


class _Patch(NamedTuple):
    owner: object
    name: str
    before: object
    ours: object


class Patches:
    """Replacements made together and undone together, in the reverse order.

    Attributes:
        proofs: calls that show whether they are at work.
    """

    def __init__(self) -> None:
        self._made: list[_Patch] = []
        self.proofs: list[Callable[[], bool]] = []

    def wrap(self, owner: object, name: str, wrapper: Callable[[Function], Function]) -> None:
        """Replace the function `name` of a class or module by `wrapper(function)`, which keeps its name, its
        documentation and its signature. What `owner` inherits is replaced on `owner` alone."""
        before: object = vars(owner).get(name, _ABSENT)
        original: Any = getattr(owner, name) if before is _ABSENT else before
        if isinstance(before, staticmethod | classmethod):
            inner: Function = original.__func__
            ours: object = type(original)(update_wrapper(wrapper(inner), inner))
        else:
            ours = update_wrapper(wrapper(original), original)
        setattr(owner, name, ours)
        self._made.append(_Patch(owner, name, before, ours))

    def undo(self) -> None:
        """Put everything back. What somebody wrapped after us stays; our part of it has to let calls through."""
        for patch in reversed(self._made):
            if vars(patch.owner).get(patch.name) is not patch.ours:
                continue
            if patch.before is _ABSENT:
                delattr(patch.owner, patch.name)
            else:
                setattr(patch.owner, patch.name, patch.before)
        self._made.clear()
        self.proofs.clear()

    def is_outermost(self, owner: object, name: str) -> bool:
        """Whether `owner` holds our replacement itself, and not what somebody has wrapped around it."""
        return any(patch.ours is vars(owner).get(name) for patch in self._made)

    @property
    def lost(self) -> list[str]:
        """Names whose replacement somebody has taken away; one that was wrapped again is still in place."""
        return [patch.name for patch in self._made if not _reaches(getattr(patch.owner, patch.name, None), patch.ours)]


def _reaches(function: object, ours: object) -> bool:
    ours = getattr(ours, "__func__", ours)
    while function is not None:
        if getattr(function, "__func__", function) is ours:
            return True
        function = getattr(function, "__wrapped__", None)
    return False
