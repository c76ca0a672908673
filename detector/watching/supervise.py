"""A program under watch, from its start to the line that says what was seen."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import msgspec

from ...streams.errors import printable
from ..errors import InputError, RecordError
from ..ledger import open_record
from ..records import Decided, Entry, Event, Started, read
from ..records.jsonl import CALLS, EVENTS
from .start import Plan

_FORWARDED = (signal.SIGTERM, signal.SIGHUP)


class Outcome(msgspec.Struct, frozen=True):
    """What became of a watched program.

    Attributes:
        status: its exit status; 128 and the signal's number where a signal ended it.
        processes: how many Python processes of it were watched.
        calls: judged calls of recognisers, by effect.
        refused: how many of them were kept from running.
        trouble: taps that were lost, and failures of ours, in words.
    """

    status: int
    processes: int
    calls: dict[str, int]
    refused: int
    trouble: tuple[str, ...]

    @property
    def watched(self) -> bool:
        """Whether the watch ever came on."""
        return self.processes > 0


def supervise(plan: Plan, command: Sequence[str]) -> Outcome:
    """Run a command under watch, to its end.

    Args:
        plan: how; with a folder for its record.
        command: the program and its arguments.

    Raises:
        InputError: the plan is wrong, or there is no such program.
    """
    plan.as_site()
    folder = Path(plan.record or "")
    before = {name: _size(folder / name) for name in (CALLS, EVENTS)}
    record = open_record(folder)  # what the program records is signed here, while it runs and to its end
    try:
        status = _run(command, {**os.environ, **plan.environment()})
    finally:
        record.close()
    entries = [_read(line, folder / name) for name in before for line in _added(folder / name, before)]
    calls = [entry for entry in entries if isinstance(entry, Decided)]
    return Outcome(
        status=status,
        processes=len({entry.pid for entry in entries if isinstance(entry, Started)}),
        calls=dict(Counter(call.effect for call in calls)),
        refused=sum(call.refused for call in calls),
        trouble=tuple(dict.fromkeys([*_troubles(entries), *([record.failed] if record.failed else [])])),
    )


def _read(line: bytes, path: Path) -> Entry | None:
    """The entry of a line; where it is none (a torn one), the summary says so, and goes on."""
    try:
        return read(line, str(path))
    except RecordError as error:
        return Event("failure", None, f"an entry of the record cannot be read: {error}")


def _troubles(entries: Sequence[Entry | None]) -> list[str]:
    return [entry.text for entry in entries if isinstance(entry, Event) and _is_trouble(entry)]


def _is_trouble(event: Event) -> bool:
    return event.kind in ("failure", "lost") or (event.kind == "tap" and not event.text.endswith(": on"))


def summary(outcome: Outcome, folder: Path) -> list[str]:
    """What a person should read of it, a line each."""
    if not outcome.watched:
        return ["the watch never came on: no Python process started, or one started with -I, -S or -E; trust nothing"]
    effects = ", ".join(f"{number} {effect}" for effect, number in sorted(outcome.calls.items())) or "none"
    seen = f"{sum(outcome.calls.values())} calls judged ({effects}), {outcome.refused} refused"
    return [*outcome.trouble, f"{seen}; {outcome.processes} processes watched; record in {printable(str(folder))}"]


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    try:
        child = subprocess.Popen(command, env=environment)  # noqa: S603 - the user's own command
    except OSError as error:
        raise InputError(f"{command[0]}: cannot be run ({error.strerror})") from error

    def forward(number: int, _: FrameType | None) -> None:
        child.send_signal(number)

    before = {number: signal.signal(number, forward) for number in _FORWARDED}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, _ignore)  # the terminal tells both of us
    try:
        status = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return status if status >= 0 else 128 - status


def _ignore(*_: object) -> None:
    """Unlike SIG_IGN, this is not inherited by the program."""


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _added(path: Path, before: dict[str, int]) -> list[bytes]:
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(before[path.name])
        return file.read().splitlines()
