"""Calls, judged by what recordings have shown."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from msgspec.structs import replace

from ..calls import Call
from ..judge import Judge, Judgement, strictest
from ..sight.history import History
from ..sight.seen import Shown


class Past:
    """Judges calls that were made on recorded sources. Pure, but for what it remembers.

    Args:
        judge: by which site and packs.
        histories: what each source has shown, by name.
        today: the day to judge by where nothing else names one.
    """

    def __init__(self, judge: Judge, histories: Mapping[str, History], today: str) -> None:
        self.judge, self._histories, self._today = judge, histories, today
        self._moments = cache(self._all_moments)

    def then(self, call: Call) -> Judgement:
        """As a gate would have judged it, by what was known at that time; at the strictest, where that is not known."""
        return self._strictest(call, History.at)

    def now(self, call: Call) -> Judgement:
        """By all that is known by now of its moment: what its camera is mounted on, and what its environment was."""
        return self._strictest(call, History.since)

    def end(self, source: str | None) -> float:
        """Media time at which a source ends, seconds; 0 where it is not known."""
        return self._histories.get(source or "", History()).end

    def _strictest(self, call: Call, shown: Callable[[History, float], Shown]) -> Judgement:
        moments = self._moments(call.source) if call.at is None else [call.at]
        return strictest(self._judge(replace(call, at=at), at, shown) for at in moments)

    def _judge(self, call: Call, at: float, shown: Callable[[History, float], Shown]) -> Judgement:
        histories = self._histories
        if call.source:
            history = histories.get(call.source)
            return self.judge.judge(
                call, call.source, {call.source: shown(history, at)} if history else {}, self._today
            )
        seen = {name: shown(history, at) for name, history in histories.items()}
        return self.judge.judge(call, None, seen, self._today)

    def _all_moments(self, source: str | None) -> Sequence[float]:
        """The media times to judge a call at whose own is not known: all between which anything changed."""
        histories = [history for name, history in self._histories.items() if source in (name, None)]
        return sorted({0.0, *(at for history in histories for at in history.moments)})
