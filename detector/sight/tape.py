"""What listens to the frame loop, so that it can be gone through again: all that the loop reads of clocks and loads."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from ...streams.frame import Frame
from ..belief import EnvironmentBelief, Faces, MobilityBelief
from ..budget import Budget
from ..environment import Assess
from .seen import Seen

Beliefs: TypeAlias = Callable[[], tuple[MobilityBelief, EnvironmentBelief]]


class SourceTape(Protocol):
    """Listens to one source. Called by whoever holds that source's lock; must not wait, and must not raise."""

    def budget(self, budget: Budget) -> Budget:
        """The same budget, whose answers are heard."""
        ...

    def assess(self, assess: Assess) -> Assess:
        """The same measure of faces, whose answers are heard."""
        ...

    def begin(self, frame: Frame, asked: bool) -> Frame:
        """A picture is about to be taken in, and since the last one calls were expected or not; gives it so that what
        is looked at of it is heard."""
        ...

    def end(self, seen: Seen, beliefs: Beliefs, faces: Faces) -> None:
        """It was taken in, and this came of it."""
        ...


class Tape(Protocol):
    """Listens to all sources."""

    def source(self, name: str) -> SourceTape:
        """What listens to a source that begins."""
        ...
