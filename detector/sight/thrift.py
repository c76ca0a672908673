"""When a source must be looked at in full, and when a few pictures will do."""

from typing import Final, Literal, get_args

from .state import SourceState
from .turns import Turns

# After a verdict, a sign of change or a call so many seconds are looked at in full.
FIRM_S: Final = 15.0
CALLED_S: Final = 5.0

# All pictures; few, for they will do; few, for others come first.
Looking = Literal["full", "thrifty", "waiting"]
LOOKINGS: Final[tuple[Looking, ...]] = get_args(Looking)


class Thrift:
    """Decides for one source, by what is believed of it; one thread asks, at each of its pictures before it is decoded,
    so that a call is followed by full looks at once. Another may tell of changes.

    It is looked at in full until the verdict on its camera has stood for `FIRM_S`, for as long again after any sign of
    change (an event, another verdict, stamps or a size that jump, a camera that stood and stirs), and for `CALLED_S`
    after each call that rests on what is seen: what is mobile and uncontrolled stays so, and needs no look. A place
    that is what a controlled one looks like is looked at in full: that is withdrawn in half a second.

    Where many begin at once, few are looked at in full at a time, and the others wait for their turn thriftily. One
    that has its verdict gives way soon, and is looked at further when nobody waits who has none. After a call, where a
    camera may have moved, and at a place that passes for a controlled one, nobody waits.

    Args:
        state: what is believed of the source.
        now: when it begins, seconds of the clock that all times here are of: monotonic, or media time.
        turns: of all sources; None where none has to wait.
        stirred_s: seconds that are looked at in full where a camera that stood stirs.

    Attributes:
        state: what is believed of it.
        looking: how closely it was to be looked at when that was asked last.
        seconds: seconds that it was so.
    """

    def __init__(
        self, state: SourceState, now: float, turns: Turns | None = None, *, stirred_s: float = FIRM_S
    ) -> None:
        self.state, self._turns, self._stirred_s = state, turns, stirred_s
        self._full_until, self._urgent_until = now + FIRM_S, now
        self._last: tuple[object, ...] = ()
        self._calls, self._at = state.calls, now
        self.looking: Looking = "full"
        self.seconds: dict[Looking, float] = dict.fromkeys(LOOKINGS, 0.0)

    def allows(self, now: float) -> bool:
        """Whether few pictures will do, or have to, at `now`, seconds."""
        self.seconds[self.looking] += max(0.0, now - self._at)
        self._at, self.looking = now, self._decide(now)
        return self.looking != "full"

    def changed(self, now: float) -> None:
        """Something happened to the stream."""
        self._full_until = max(self._full_until, now + FIRM_S)

    def _decide(self, now: float) -> Looking:
        settled = self._settled(now)
        if self._turns is None or now < self._urgent_until or self.state.last.environment == "consistent":
            return "thrifty" if settled else "full"
        if settled:
            self._turns.leave(self)
            return "thrifty"
        return "full" if self._turns.has(self, now, brief=self.state.last.camera != "unknown") else "waiting"

    def _settled(self, now: float) -> bool:
        state, calls = self.state, self.state.calls
        seen = (state.last.camera, state.last.environment, len(state.events))
        if seen != self._last:
            self._last = seen
            self.changed(now)
        if state.stirs and state.last.camera == "fixed":
            self._hurry(now, self._stirred_s)
        if calls != self._calls and (state.last.camera, state.last.environment) != ("mobile", "uncontrolled"):
            self._hurry(now, CALLED_S)
        self._calls = calls
        decided = state.last.camera != "unknown" and state.last.environment != "consistent"
        return decided and now >= self._full_until

    def _hurry(self, now: float, seconds: float) -> None:
        """Look in full for so long, whoever else waits."""
        self._full_until = max(self._full_until, now + seconds)
        self._urgent_until = max(self._urgent_until, now + seconds)
