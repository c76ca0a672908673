"""Fact sets as JSON lines, each decided."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from ..errors import FactError
from ..facts import Value, check_fact, check_facts
from ..json_lines import read_object, split_lines
from .decision import Decision
from .engine import decide
from .pack import Pack


class Refused(msgspec.Struct, frozen=True):
    """A line that is no fact set."""

    error: dict[str, str]

    @property
    def line(self) -> tuple[str, str]:
        """What it is, and why."""
        return "error", self.error["message"]


def read_lines(path: Path) -> list[bytes]:
    """The lines of a file of fact sets; raises `FactError` where it cannot be read, or is something else."""
    try:
        return split_lines(path.read_bytes())
    except OSError as error:
        raise FactError(f"{path}: cannot be read ({error.strerror})") from error
    except FactError as error:
        raise FactError(f"{path}: {error}") from error


def read_facts(lines: Iterable[bytes], date: str | None = None) -> Iterator[dict[str, Value] | Refused]:
    """The checked facts of each line; empty lines are passed over.

    Args:
        lines: one JSON object of facts each.
        date: the day to judge by where a fact set names none; without it that day is unknown.

    Raises:
        FactError: `date` is none. What is wrong with a line is part of its answer instead.
    """
    default = {"date": check_fact("date", date)} if date is not None else {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _read_line(number, line, default)


def decide_lines(
    lines: Iterable[bytes], packs: Sequence[Pack], date: str | None = None
) -> Iterator[Decision | Refused]:
    """Decide on each line by `packs`; see `read_facts`."""
    for facts in read_facts(lines, date):
        yield facts if isinstance(facts, Refused) else decide(facts, packs)


def _read_line(number: int, line: bytes, default: dict[str, Value]) -> dict[str, Value] | Refused:
    try:
        return check_facts({**default, **read_object(line)})
    except FactError as error:
        return Refused(FactError(f"line {number}: {error}").as_json())
