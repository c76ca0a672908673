"""The report of an audit: every source, every call, and all that is needed to decide again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path

import msgspec

from ...streams.address import exists
from ...streams.errors import printable
from ..calls import Call
from ..facts import Value
from ..guard import Guard
from ..policy import Decision, Effect
from ..release import release
from ..source_watch import Coverage
from .replay import Answer, Unread

# A call that ran where the gate would have stayed shut for good; a `hold` is not one: a fact was missing.
VIOLATIONS: frozenset[Effect] = frozenset({"needs_authorisation", "prohibited"})


class JudgedCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A call, the facts it was judged by, and the decision.

    Attributes:
        decision: by all that is known of that moment after the whole recording: what a camera is mounted on does not
            change, an environment does.
        gate: the effect by what was known when the call was made, as a gate in its way would have had it.
        facts, origins: what `decision` rests on, and where each fact came from.
        contradictions: where what is declared and what is seen disagree.
        unconfirmed: claims that what is seen has not borne out, and that are therefore no facts.
        note: what else a reader should know of this call.
        picture: the file that shows what the camera saw then, where pictures were asked for.
    """

    source: str | None
    at: float
    service: str | None
    task: str | None
    decision: Decision
    gate: Effect
    facts: dict[str, Value]
    origins: dict[str, str]
    contradictions: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    model: str | None = None
    runtime: str | None = None
    note: str | None = None
    picture: str | None = None


class Input(msgspec.Struct, frozen=True):
    """A file that the report rests on."""

    path: str
    sha256: str


class Summary(msgspec.Struct, frozen=True):
    """How many. `effects` counts the calls by effect."""

    sources: int
    unread: int
    calls: int
    violations: int
    held: int
    effects: dict[str, int]


class Report(msgspec.Struct, frozen=True):
    """Everything an audit found.

    Two runs over the same input differ in `generated` alone; so what the analysis cost, which never is the same
    twice, is left to `classify`.
    """

    generated: str
    facewarden: str
    inputs: tuple[Input, ...]
    sources: tuple[Answer | Unread, ...]
    calls: tuple[JudgedCall, ...]
    coverage: Coverage
    summary: Summary

    def as_json(self) -> bytes:
        """UTF-8, indented, with a newline at the end."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


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
    judged = tuple(
        _judge(guard, call, by_name.get(call.source or ""), shown.get(number)) for number, call in enumerate(calls)
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


def _judge(guard: Guard, call: Call, answer: Answer | Unread | None, picture: str | None) -> JudgedCall:
    facts, decision = guard.judge(call, hindsight=True)
    return JudgedCall(
        source=call.source,
        at=call.at,
        service=call.service,
        task=call.task,
        decision=decision,
        gate=guard.judge(call, call.at).decision.effect,
        facts=facts.facts,
        origins=facts.origins,
        contradictions=tuple(facts.contradictions),
        unconfirmed=tuple(facts.unconfirmed),
        model=call.model,
        runtime=call.runtime,
        note=_note(call, answer),
        picture=picture,
    )


def _note(call: Call, answer: Answer | Unread | None) -> str | None:
    match answer:
        case None:
            return "not attributed to a source: judged by the strictest of all"
        case Unread():
            return "nothing of the source could be read: judged by what is declared alone"
        case Answer() if call.at > answer.coverage.seconds:
            return f"after the last picture ({answer.coverage.seconds} s)"
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
    return msgspec.structs.replace(answer, cost_ms=None) if isinstance(answer, Answer) else answer


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
        violations=sum(effects[effect] for effect in VIOLATIONS),
        held=effects["hold"],
        effects=dict(sorted(effects.items())),
    )
