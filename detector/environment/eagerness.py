"""How soon to look for faces again: by how new a source is, what has changed, and what faces could settle."""

from typing import Final

from .scene import Scene
from .signs import Sign

# Seconds between two looks for faces: where they may soon settle something, while they may, and where a sign of the
# scene speaks against it or all is confirmed and nothing stirs.
_EAGER: Final = 0.25
_USUAL: Final = 0.7
_RARE: Final = 1.0
# Seconds for which a source is looked at eagerly, when it is new and when something has changed, and seconds of rest.
_BOUT: Final = 2.0
_REST: Final = 4.0
# The share of the picture that moves when somebody stirs.
_STIRS: Final = 0.01
_ROUNDING: Final = 1e-3


class Eagerness:
    """Plans the looks at one source.

    Attributes:
        asked: set it when a call is decided on: faces are looked for eagerly, as when something has changed.
    """

    def __init__(self) -> None:
        self.asked = False
        self.begin()

    def begin(self) -> None:
        """A new source is looked at as one whose signs have just gone."""
        self._period = _EAGER
        self._until = float("-inf")
        self._stirred, self._signed = False, True

    def due(self, time: float, last: float) -> bool:
        """Whether to look in a picture of that time, after one of `last`."""
        return time - last >= self._period - _ROUNDING

    def plan(self, time: float, scene: Scene, signs: set[Sign], confirmed: bool) -> None:
        """Take in a picture's scene, the signs of the place in it, and whether the place is confirmed."""
        if self._changed(scene, signs) and time - self._until > _REST:
            self._until = time + _BOUT
        eager = time < self._until and not confirmed
        settled = bool(signs) or (confirmed and time >= self._until)
        self._period = _RARE if settled else _EAGER if eager else _USUAL

    def _changed(self, scene: Scene, signs: set[Sign]) -> bool:
        stirs = scene.moving is not None and scene.moving > _STIRS
        changed = (stirs and not self._stirred) or (self._signed and not signs) or self.asked
        self._stirred, self._signed, self.asked = stirs, bool(signs), False
        return changed
