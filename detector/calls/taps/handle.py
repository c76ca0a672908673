"""A model that the host has open, and which object of the host holds it."""

import sys
import weakref
from dataclasses import dataclass, field
from itertools import count

_KEPT = {0: object()}
_ALONE = sys.getrefcount(_KEPT.get(0))  # what it counts of an object that a dictionary alone holds


@dataclass(slots=True, weakref_slot=True, eq=False)
class Handle:
    """A model that the host has open.

    Attributes:
        runtime: what runs it, for example `onnxruntime`.
        name: its file or the name that the host gave it; evidence of nothing.
        watched: whether its calls go to the gate; those of a model that recognises no faces are only counted.
        calls: `next(calls)` counts a call that did not go to the gate; atomic, so no lock is needed.
        learning: whether the gate wants to see what the model answers, because it could not be identified.
    """

    runtime: str
    name: str
    watched: bool
    learning: bool = False
    calls: "count[int]" = field(default_factory=count)

    @property
    def counted(self) -> int:
        """How many calls were only counted."""
        return reached(self.calls)


def reached(counter: "count[int]") -> int:
    """How often a counter has been moved; it has no other way to be read without moving it."""
    return int(repr(counter)[6:-1])


class Holders:
    """The models of the host's objects, by identity, for as long as these live.

    An object that takes no weak reference (OpenCV's do not) is kept here, and let go at the next `sweep` after the
    host has: its identity cannot pass to another object meanwhile.

    Attributes:
        models: from `id(holder)` to its model.
    """

    def __init__(self) -> None:
        self.models: dict[int, Handle] = {}
        self._references: dict[int, weakref.ref[object]] = {}
        self._kept: dict[int, object] = {}

    def add(self, holder: object, model: Handle) -> Handle:
        """The model of `holder` from now on: this one, or the one that another thread has put there already."""
        key = id(holder)
        try:
            self._references[key] = weakref.ref(holder, lambda _: self._forget(key))
        except TypeError:
            self.sweep()
            self._kept[key] = holder
        return self.models.setdefault(key, model)

    def sweep(self) -> None:
        """Let go of what is kept here alone."""
        for key in list(self._kept):
            if sys.getrefcount(self._kept.get(key)) == _ALONE:
                self._forget(key)

    def clear(self) -> None:
        """Forget all."""
        for held in (self.models, self._references, self._kept):
            held.clear()

    def _forget(self, key: int) -> None:
        for held in (self.models, self._references, self._kept):
            held.pop(key, None)
