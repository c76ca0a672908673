"""A program under watch, from its start to the line that says what was seen."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import msgspec

from ...streams.errors import printable
from ..errors import InputError, RecordError
from ..ledger import open_record
from ..records import JsonLines
from ..records.here import event
from ..records.jsonl import CALLS, EVENTS
from ..site import load_site
from ..slips import meant
from ..words import many
from .board import end_board
from .plan import Plan, told
from .tally import Tally

_FORWARDED = (signal.SIGTERM, signal.SIGHUP)
_WAIT_S = 1.0
# Of a list of many of a kind, so many are named.
_NAMED = 5
_NO_PYTHON = "no Python process started, or one started with -I, -S or -E"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a watched program.

    Attributes:
        status: its exit status; 128 and the signal's number where a signal ended it.
        processes: how many Python processes of it were watched, forked ones included.
        calls: judged calls of recognisers, by effect.
        refused: how many of them were kept from running.
        ruleless: how many of them were allowed because no rule is about them.
        trouble: taps that were lost, and failures of ours, in words.
        uncovered: what was not watched: runtimes that no tap covers, programs that are no Python.
        killed: processes whose end nobody recorded: a signal, `abort`, or the power ended them.
        incomplete: why the record does not hold all, where it does not.
        asked: the Unix socket of the service that decided; None where the program did itself.
    """

    status: int
    processes: int
    calls: dict[str, int] = {}
    refused: int = 0
    ruleless: int = 0
    trouble: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    killed: tuple[int, ...] = ()
    incomplete: tuple[str, ...] = ()
    asked: str | None = None

    @property
    def watched(self) -> bool:
        """Whether the watch ever came on, as far as the record can say."""
        return self.processes > 0 or bool(self.incomplete)


def supervise(plan: Plan, command: Sequence[str]) -> Outcome:
    """Run a command under watch, to its end.

    Args:
        plan: how; with a folder for its record.
        command: the program and its arguments.

    Raises:
        InputError: the plan is wrong, the record cannot be written to, or there is no such program.
    """
    plan, folder = plan.checked().with_board(), Path(plan.record or "")
    plan = msgspec.structs.replace(plan, outer=told())  # where this is run by a program that is watched itself
    record = open_record(folder)  # what the program records is taken into the ledger here, whatever its end
    with closing(record), (folder / CALLS).open("rb") as calls, (folder / EVENTS).open("rb") as events:
        for file in (calls, events):
            file.seek(0, os.SEEK_END)
        try:
            status = _run(command, {**os.environ, **plan.environment()})
        finally:
            end_board(plan.board)
        tally, incomplete = Tally(), _trouble_with(folder)
        for file, name in ((calls, CALLS), (events, EVENTS)):
            incomplete += [text for line in _added(file, folder / name) if (text := _counted(tally, line))]
            incomplete += [] if os.fstat(file.fileno()).st_nlink else [f"{name} was deleted meanwhile"]
        record.close()
        incomplete += [record.failed] if record.failed else []
    return Outcome(
        status=status,
        processes=tally.processes,
        calls=dict(tally.calls),
        refused=tally.refused,
        ruleless=tally.ruleless,
        trouble=tuple(tally.trouble),
        uncovered=tuple(tally.uncovered),
        killed=tuple(tally.unended),
        incomplete=tuple(dict.fromkeys(incomplete + list(tally.lost))),
        asked=plan.ask,
    )


def _counted(tally: Tally, line: bytes) -> str:
    """Count an entry; where it is none (a torn one), that is said, and the others are counted."""
    try:
        tally.count(line)
    except RecordError as error:
        return f"an entry cannot be read ({error})"
    return ""


def _trouble_with(folder: Path) -> list[str]:
    """Why nothing can be written to the record now, if so: what a program had to say at its end is not in it."""
    try:
        sink = JsonLines(folder)
    except InputError as error:
        return [str(error)]
    sink.put(event("end", "the program has ended"))
    failed = sink.failed
    sink.close()
    return [failed] if failed else []


def doubts(sources: Mapping[str, str], site: str | Path | None) -> Iterator[str]:
    """What of the sources given looks like a slip, a line each: a name that no camera has, a file that is not there.

    Args:
        sources: names by their addresses.
        site: file; without one no camera has a name.

    Raises:
        InputError: the site file is wrong.
    """
    cameras = load_site(site).cameras if site else {}
    for url, name in sources.items():
        if cameras and name not in cameras:
            yield f"'{name}' is no camera of {site}{meant(name, cameras)}; there are {', '.join(cameras)}"
        if ":" not in url and not url.startswith("device-") and not Path(url).exists():
            yield f"{name}: there is no {printable(url)} here yet"


def summary(outcome: Outcome, folder: Path) -> list[str]:
    """What a person should read of it, a line each."""
    if not outcome.watched:
        why = _listed([printable(one) for one in outcome.uncovered]) or _NO_PYTHON
        return [f"the watch never came on: {why}; trust nothing"]
    effects = ", ".join(f"{number} {effect}" for effect, number in sorted(outcome.calls.items())) or "none"
    seen = f"{many(sum(outcome.calls.values()), 'call')} judged ({effects}), {outcome.refused} refused"
    if outcome.asked is not None:
        seen = f"unix:{printable(outcome.asked)} decided, and has the calls on its record; without it, {seen}"
    unruled = f"; of those allowed no rule of the packs is about {outcome.ruleless}" if outcome.ruleless else ""
    where = f"{many(outcome.processes, 'process', 'es')} watched; record in {printable(str(folder))}"
    uncovered = _listed([printable(one) for one in outcome.uncovered]) or "nothing that is known"
    return [
        *outcome.trouble,
        *(f"the record is incomplete: {printable(why)}" for why in outcome.incomplete),
        *([f"ended by a signal or a crash: {_listed([*map(str, outcome.killed)])}"] if outcome.killed else []),
        f"{seen}{unruled}; {where}; not watched: {uncovered}",
    ]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    started: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def forward(number: int, _: FrameType | None) -> None:
        if started:
            started[0].send_signal(number)
        else:
            early.append(number)

    before = {number: signal.signal(number, forward) for number in _FORWARDED}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, _ignore)  # the terminal tells both of us
    try:
        started.append(subprocess.Popen(command, env=environment))  # noqa: S603 - the user's own command
        for number in early:
            started[0].send_signal(number)
        status = _end_of(started[0])
    except OSError as error:
        raise InputError(f"{command[0]}: cannot be run ({error.strerror})") from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return status if status >= 0 else 128 - status


def _end_of(child: subprocess.Popen[bytes]) -> int:
    """Its exit status. A signal to us that comes just before we wait is noticed when the wait ends, so it is short."""
    while True:
        with suppress(subprocess.TimeoutExpired):
            return child.wait(_WAIT_S)


def _ignore(*_: object) -> None:
    """Unlike SIG_IGN, this is not inherited by the program."""


def _added(file: BinaryIO, path: Path) -> Iterator[bytes]:
    """The lines that were added to a file, and those of the one that has taken its place, if one has."""
    yield from file
    try:
        with path.open("rb") as now:
            if not os.path.sameopenfile(file.fileno(), now.fileno()):
                yield from now
    except OSError:
        return
