"""What of a recording an audit leaves undecoded, because it would change no verdict."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from ..sight.state import SourceState
from ..sight.thrift import Thrift

# Seconds before and after a call that are looked at in full. What is found of a place rests on the last minute: light
# that creeps is added up over one, and a place stays uncontrolled for half of one; five more find it out, which a call
# is given as well (see `History`). What the recording ends with is its verdict, and is looked at as long.
_BEFORE_S: Final = 66.0
_AFTER_S: Final = 6.0
# Seconds after a sign that a camera which stood may move: where it does, its verdict turns in half of that, and all is
# looked at for longer (see `Thrift`).
_STIRRED_S: Final = 6.0

Span = tuple[float, float]


def spans_of(moments: Iterable[float]) -> tuple[Span, ...]:
    """The spans of media time, seconds, in order, apart from each other, that the calls of these moments need."""
    spans: list[Span] = []
    for moment in sorted(moments):
        since, until = round(moment - _BEFORE_S, 3), round(moment + _AFTER_S, 3)
        if spans and since <= spans[-1][1]:
            spans[-1] = spans[-1][0], until
        else:
            spans.append((since, until))
    return tuple(spans)


class Sparing:
    """Says at each moment of a recording whether few pictures will do; asked in the order of time.

    All is looked at until the camera's verdict has stood for a while, and again after any sign of change (see
    `Thrift`), about each call, and at the end.

    Args:
        state: what is believed of the source.
        end: media time of the recording's end, seconds.
        spans: that are looked at in full, see `spans_of`.
    """

    def __init__(self, state: SourceState, end: float, spans: Sequence[Span] = ()) -> None:
        self._thrift = Thrift(state, 0.0, stirred_s=_STIRRED_S)
        self._last = end - _BEFORE_S
        self._since, self._until = [since for since, _ in spans], [until for _, until in spans]

    def __call__(self, now: float) -> bool:
        """Whether few pictures will do at media time `now`, seconds."""
        return self._thrift.allows(now) and now < self._last and not self._called(now)

    def _called(self, now: float) -> bool:
        place = bisect_right(self._since, now) - 1
        return place >= 0 and now < self._until[place]
