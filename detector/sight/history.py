"""What a source has shown over its media time: a value that outlives whoever watched it."""

from typing import Final

import msgspec

from ..environment import BLIND
from .seen import NOTHING, Shown

# What an environment's verdict takes, so that what it says of a moment is known only then: that a place is borne out,
# and that it is uncontrolled, which mobility and three seconds of two causes come before.
_BORNE_OUT_S: Final = 1.0
_FOUND_OUT_S: Final = 5.0
_ROUNDING_S: Final = 1e-3


class History(msgspec.Struct, frozen=True):
    """Every change of what was seen of a source, so that a call on any moment of it can be judged.

    Attributes:
        changes: since when, media time in seconds, and what; in order of time.
        now: media time of the last picture, seconds.
        end: media time at which that picture ends, seconds.
        last: what was seen, as of that picture.
    """

    changes: tuple[tuple[float, Shown], ...] = ()
    now: float = 0.0
    end: float = 0.0
    last: Shown = NOTHING

    def at(self, moment: float) -> Shown:
        """What might have settled the facts when the stream had come to `moment`, seconds."""
        shown = next((shown for since, shown in reversed(self.changes) if since <= moment), NOTHING)
        return blinded(shown) if moment - self.now > BLIND else shown

    def since(self, moment: float) -> Shown:
        """What is known by now of a moment: what a camera is mounted on stays, an environment does not."""
        found_out = self.at(moment + _FOUND_OUT_S).environment
        place = found_out if found_out == "uncontrolled" else self.at(moment + _BORNE_OUT_S).environment
        return Shown(self.last.camera, place)

    @property
    def moments(self) -> tuple[float, ...]:
        """Media times between which nothing changed of what was, or since is, known of a moment; 0 is the first."""
        waits = (0.0, _BORNE_OUT_S, _FOUND_OUT_S)
        turns = (since - wait + _ROUNDING_S for since, _ in self.changes for wait in waits)
        times = sorted({0.0, *(turn for turn in turns if turn > 0)})
        return tuple({(self.at(moment), self.since(moment)): moment for moment in reversed(times)}.values())


def blinded(shown: Shown) -> Shown:
    """The same, where nothing was looked at since: a place may have changed."""
    return shown._replace(environment="unknown") if shown.environment == "consistent" else shown
