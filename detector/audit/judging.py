"""From what a replay found, and the calls made meanwhile, to a report."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import file_digest
from pathlib import Path

from ...streams.address import exists
from ...streams.errors import printable
from ..calls import Call
from ..calls.wall import moment
from ..facts import Value
from ..ledger.covered import NOBODY
from ..policy import Effect, Pack
from ..policy.engine import identities
from ..policy.otherwise import openers
from ..policy.prose import words
from ..release import release
from ..sight.state import Coverage
from .manifest import digest
from .past import Past
from .replay import Answer, Unread
from .report import INTERRUPTED, Input, JudgedCall, LedgerHead, Made, Report, RuleText, Summary
from .unit import Played

_ROUNDING_S = 0.001
# A call that ran where the gate would have stayed shut for good; a `hold` is not one: a fact was missing.
VIOLATIONS: frozenset[Effect] = frozenset({"needs_authorisation", "prohibited"})


def audit(
    past: Past,
    played: Sequence[Played],
    calls: Sequence[Call],
    inputs: Sequence[Path] = (),
    command: Sequence[str] = (),
    ledger: LedgerHead | None = None,
) -> Report:
    """Judge the calls made on sources that were replayed, and report.

    Args:
        past: judges them.
        played: what each source gave, in the order to report them.
        calls: the calls, in the order to report them.
        inputs: the other files that all this was read from.
        command: the command line that asked for it.
        ledger: the head of the one that the calls were recorded in.
    """
    answers = [one.answer for one in played]
    by_name = {answer.source: answer for answer in answers}
    shown = {number: name for one in played for number, name in one.pictures.items()}
    judged = tuple(
        _judge(past, call, by_name.get(call.source or ""), shown.get(number)) for number, call in enumerate(calls)
    )
    packs = past.judge.packs
    return Report(
        generated=datetime.now(UTC).isoformat(timespec="seconds"),
        facewarden=release(),
        inputs=(
            *_inputs(inputs),
            *(Input(printable(p), digest) for one in played for p, digest in one.contents.items()),
        ),
        sources=tuple(answers),
        calls=judged,
        coverage=_total(answers),
        summary=_summary(answers, judged),
        made=Made(tuple(command), identities(packs), _rules(packs), digest(played), ledger),
        partial=any(answer.error and answer.error["kind"] == INTERRUPTED for answer in answers),
    )


def _rules(packs: Sequence[Pack]) -> dict[str, RuleText]:
    sure = words().certainty
    return {
        rule.id: RuleText(rule.title, rule.citation.text, rule.citation.url, sure[rule.certainty])
        for pack in packs
        for rule in pack.rules
    }


def _judge(past: Past, call: Call, answer: Answer | Unread | None, picture: str | None) -> JudgedCall:
    facts, decision = past.now(call)
    return JudgedCall(
        source=call.source,
        at=call.at,
        service=call.service,
        task=call.task,
        decision=decision,
        gate=past.then(call).decision.effect,
        facts=dict(facts.facts),
        origins=dict(facts.origins),
        contradictions=facts.contradictions,
        unconfirmed=facts.unconfirmed,
        model=call.model,
        runtime=call.runtime,
        note=_note(call, answer, past.end(call.source)),
        picture=picture,
        id=call.id,
        time=None if call.made_at is None else moment(call.made_at),
        own={key: value for key, value in call.own.items() if key != "refused"},
        refused=call.own.get("refused") is True,
        would_open=() if decision.opens else _openers(past.judge.packs, frozenset(facts.facts.items())),
    )


@lru_cache(maxsize=4096)
def _openers(packs: tuple[Pack, ...], facts: frozenset[tuple[str, Value]]) -> tuple[str, ...]:
    return openers(dict(facts), packs)


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


def _inputs(paths: Sequence[Path]) -> Iterator[Input]:
    """Files and their hashes; what is no file, or cannot be read, is left out: whoever needed it has said so."""
    for path in paths:
        with suppress(OSError):
            if exists(path) and path.is_file():
                with path.open("rb") as file:
                    yield Input(printable(str(path)), file_digest(file, "sha256").hexdigest())


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
        attributed=dict(sorted(Counter(map(_attributed, calls)).items())),
    )


def _attributed(call: JudgedCall) -> str:
    """How it is known whose picture is in a call: as whoever recorded it says, else the log names the source."""
    if call.source is None:
        return NOBODY
    said = call.own.get("attributed_by")
    return said if isinstance(said, str) else "call"
