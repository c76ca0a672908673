"""Fact sets as JSON lines, each decided."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ..errors import UNREADABLE_JSON, FactError
from ..facts import check_fact, check_facts
from .decision import Decision
from .engine import decide
from .pack import Pack


class Refused(msgspec.Struct, frozen=True):
    """A line that is no fact set."""

    error: dict[str, str]


def decide_lines(
    lines: Iterable[bytes], packs: Sequence[Pack], date: str | None = None
) -> Iterator[Decision | Refused]:
    """Decide on each line; empty ones are passed over.

    Args:
        lines: one JSON object of facts each.
        packs: what to apply.
        date: the day to judge by where a fact set names none; without it that day is unknown.

    Raises:
        FactError: `date` is none. What is wrong with a line is part of its answer instead.
    """
    if date is not None:
        date = str(check_fact("date", date))
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _decide_line(number, line, packs, {"date": date} if date else {})


def _decide_line(number: int, line: bytes, packs: Sequence[Pack], default: dict[str, str]) -> Decision | Refused:
    try:
        facts = check_facts({**default, **msgspec.json.decode(line, type=dict[str, object])})
    except (*UNREADABLE_JSON, FactError) as error:
        return Refused(FactError(f"line {number}: {error}").as_json())
    return decide(facts, packs)
