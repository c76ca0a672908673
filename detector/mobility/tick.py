"""One tick's measures, as the kinds of evidence ask for them."""

from typing import Final

from .blocks import Measures

# Pixels of 160: further than any view that was followed.
UNFOLLOWED: Final = 9.0


class Tick:
    """Measures by name, where one base line stands in for another that was not compared.

    Attributes:
        compared_long: there was a view of a second ago or more.
        followed: seconds that the camera's way is known for.
        motion: speed, zoom and roll together, pixels of 160 a second.
        textured: 0..1, whether the camera has structure to be judged by: not a plain wall behind a person.
    """

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        self.compared_long = "long_cover" in measures
        self.followed = self.get("followed")
        self.motion = sum(self.get(name, UNFOLLOWED) for name in ("speed", "zoom", "roll"))
        self.textured = ramp(self.long("cells"), 0.5, 0.8)

    def __contains__(self, name: str) -> bool:
        return name in self._measures

    def get(self, name: str, default: float = 0.0) -> float:
        """A measure, or what stands for it."""
        return self._measures.get(name, default)

    def long(self, name: str) -> float:
        """The measure over a second or more, or else over half of one."""
        return self.get("long_" + name, self.get("short_" + name))

    def short(self, name: str) -> float:
        """The measure over half a second, or else over more."""
        return self.get("short_" + name, self.get("long_" + name))

    def least(self, name: str) -> float:
        """The lesser of both."""
        return min(self.short(name), self.long(name))

    def mean(self, name: str) -> float:
        """The mean of both."""
        return 0.5 * (self.short(name) + self.long(name))

    def roam(self, default: float) -> float:
        """How far the view went, where it was followed."""
        return self.get("roam", default) if self.followed > 0.3 else default


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, straight between."""
    return min(max((value - low) / (high - low), 0.0), 1.0)
