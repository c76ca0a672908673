"""From what a replay found, and the calls made meanwhile, to a report."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from hashlib import file_digest
from pathlib import Path

from msgspec.structs import replace

from ...streams.address import exists
from ...streams.errors import printable
from ..calls import Call
from ..calls.wall import moment
from ..guard import Guard
from ..judge import strictest
from ..policy import Effect
from ..release import release
from ..sight.state import Coverage
from .replay import Answer, Unread
from .report import Input, JudgedCall, Report, Summary

_ROUNDING_S = 0.001
# A call that ran where the gate would have stayed shut for good; a `hold` is not one: a fact was missing.
VIOLATIONS: frozenset[Effect] = frozenset({"needs_authorisation", "prohibited"})


def audit(
    guard: Guard,
    answers: Sequence[Answer | Unread],
    calls: Sequence[Call],
    inputs: Sequence[Path] = (),
    pictures: Mapping[int, str] | None = None,
) -> Report:
    """Judge the calls made on sources that were replayed through `guard`, and report.

    Args:
        guard: what the sources were replayed through.
        answers: what the replay found, for each source.
        calls: the calls, in the order to report them.
        inputs: the files that all this was read from.
        pictures: the file that shows the moment of a call, by its position in `calls`.
    """
    by_name = {answer.source: answer for answer in answers}
    shown = pictures or {}
    at_any = cache(partial(_moments, guard))
    judged = tuple(
        _judge(
            guard,
            call,
            at_any(call.source) if call.at is None else [call.at],
            by_name.get(call.source or ""),
            shown.get(number),
        )
        for number, call in enumerate(calls)
    )
    return Report(
        generated=datetime.now(UTC).isoformat(timespec="seconds"),
        facewarden=release(),
        inputs=tuple(found for found in map(_input, inputs) if found),
        sources=tuple(_without_cost(answer) for answer in answers),
        calls=judged,
        coverage=_total(answers),
        summary=_summary(answers, judged),
    )


def _judge(
    guard: Guard, call: Call, moments: Sequence[float], answer: Answer | Unread | None, picture: str | None
) -> JudgedCall:
    """Judge a call that was made at one of `moments`."""
    facts, decision = strictest(guard.judge(replace(call, at=at), hindsight=True) for at in moments)
    return JudgedCall(
        source=call.source,
        at=call.at,
        service=call.service,
        task=call.task,
        decision=decision,
        gate=strictest(guard.judge(call, at) for at in moments).decision.effect,
        facts=dict(facts.facts),
        origins=dict(facts.origins),
        contradictions=facts.contradictions,
        unconfirmed=facts.unconfirmed,
        model=call.model,
        runtime=call.runtime,
        note=_note(call, answer, guard.watch(call.source).end if isinstance(answer, Answer) and call.source else 0.0),
        picture=picture,
        id=call.id,
        time=None if call.made_at is None else moment(call.made_at),
        own={key: value for key, value in call.own.items() if key != "refused"},
        refused=call.own.get("refused") is True,
    )


def _moments(guard: Guard, source: str | None) -> Sequence[float]:
    """The media times to judge a call at whose own is not known: all between which anything changed."""
    watches = [watch for name, watch in guard.watches.items() if source in (name, None)]
    return sorted({0.0, *(at for watch in watches for at in watch.moments)})


def _note(call: Call, answer: Answer | Unread | None, end: float) -> str | None:
    when = "the moment is not known: judged by the strictest of the recording"
    return "; ".join(filter(None, [_note_source(call, answer, end), when if call.at is None else None])) or None


def _note_source(call: Call, answer: Answer | Unread | None, end: float) -> str | None:
    match answer:
        case None:
            return "not attributed to a source: judged by the strictest of all"
        case Unread():
            return "nothing of the source could be read: judged by what is declared alone"
        case Answer() if call.at is not None and call.at > end + _ROUNDING_S:
            return f"after the last picture ({round(end, 3)} s)"
        case Answer():
            return None


def _input(path: Path) -> Input | None:
    """A file and its hash; None for a folder, and for what cannot be read, which the answers say."""
    if not (exists(path) and path.is_file()):
        return None
    try:
        with path.open("rb") as file:
            return Input(printable(str(path)), file_digest(file, "sha256").hexdigest())
    except OSError:
        return None


def _without_cost(answer: Answer | Unread) -> Answer | Unread:
    return replace(answer, cost_ms=None) if isinstance(answer, Answer) else answer


def _total(answers: Sequence[Answer | Unread]) -> Coverage:
    parts = [answer.coverage for answer in answers if isinstance(answer, Answer)]
    return Coverage(
        frames=sum(part.frames for part in parts),
        analysed=sum(part.analysed for part in parts),
        skipped=sum(part.skipped for part in parts),
        dropped=sum(part.dropped for part in parts),
        unreadable=sum(part.unreadable for part in parts),
        seconds=round(sum(part.seconds for part in parts), 3),
    )


def _summary(answers: Sequence[Answer | Unread], calls: Sequence[JudgedCall]) -> Summary:
    effects = Counter(call.decision.effect for call in calls)
    return Summary(
        sources=len(answers),
        unread=sum(answer.error is not None for answer in answers),
        calls=len(calls),
        violations=sum(call.decision.effect in VIOLATIONS and not call.refused for call in calls),
        held=effects["hold"],
        effects=dict(sorted(effects.items())),
    )
