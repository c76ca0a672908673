"""Processes that write calls into one record and are killed: what they were told is kept must be in its ledger."""

import mmap
import os
import random
import signal
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import sleep, time
from typing import Final, NamedTuple, NoReturn

import msgspec

from ....detector.calls import Call
from ....detector.ledger import open_record
from ....detector.ledger.journal import lines_of
from ....detector.ledger.verify import verify
from ....detector.policy import held
from ....detector.records import Judged

# Entries that are in the ledger before the dice are thrown, and seconds that these then give at most.
_BEFORE: Final = 100
_AFTER_S: Final = 1.0
# One call of so many is refused.
_REFUSED: Final = 50
_FACTS: Final = {"camera": "fixed"}
_DECISION: Final = held("it is an example")


class Killed(NamedTuple):
    """What came of killing all writers of a record.

    Attributes:
        put: how many entries they were told are kept.
        entries: how many were in the ledger in the end.
        lost: how many of the former are not among the latter.
        kept_all: whether what was in the ledger when they were killed is there still, and all of each writer once, in
            order.
        holds: whether the ledger verifies.
    """

    put: int
    entries: int
    lost: int
    kept_all: bool
    holds: bool

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.lost and self.kept_all and self.holds


def kills(count: int, processes: int = 4, seed: int = 2) -> Iterator[Killed]:
    """Kill after kill, each of another record."""
    dice = random.Random(seed)  # noqa: S311 - the same dice every time
    for _ in range(count):
        with tempfile.TemporaryDirectory() as name:
            yield kill(Path(name), dice.uniform(0, _AFTER_S), processes)


def kill(folder: Path, after: float, processes: int = 4) -> Killed:
    """Kill processes that write into one record, some seconds after it has come to a hundred entries."""
    told = mmap.mmap(-1, 8 * processes)
    writers = [_fork(folder, told, number) for number in range(processes)]
    while len(texts(folder)) < _BEFORE:
        sleep(0.02)
    sleep(after)
    for writer in writers:
        os.kill(writer, signal.SIGKILL)
    for writer in writers:
        os.waitpid(writer, 0)
    there, put = texts(folder), struct.unpack(f"{processes}q", told)
    told.close()
    open_record(folder).close()
    return _judged(folder, there, put)


def _judged(folder: Path, there: list[str], put: tuple[int, ...]) -> Killed:
    said = texts(folder)
    numbers = [[int(text.split()[1]) for text in said if text.startswith(f"{writer} ")] for writer in range(len(put))]
    return Killed(
        put=sum(put),
        entries=len(said),
        lost=sum(max(0, told - len(found)) for told, found in zip(put, numbers, strict=True)),
        kept_all=said[: len(there)] == there and all(found == list(range(len(found))) for found in numbers),
        holds=verify(folder).holds,
    )


def _fork(folder: Path, told: mmap.mmap, writer: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        _write(folder, told, writer)
    finally:
        os._exit(1)


def _write(folder: Path, told: mmap.mmap, writer: int) -> NoReturn:
    sink, number = open_record(folder), 0
    while True:
        for _ in range(20):
            sink.put(_call(f"{writer} {number}", refused=not number % _REFUSED))
            number += 1
            if sink.failed is None:
                struct.pack_into("q", told, 8 * writer, number)
        sleep(0.002)


def _call(name: str, refused: bool) -> Judged:
    """A call; of those that may be made nearly all are noted, the others are written at once."""
    return Judged(time(), Call(service="local", model="model", id=name), None, _DECISION, refused, _FACTS)


def texts(folder: Path) -> list[str]:
    """What the events of a ledger say and the names of its calls, in their order."""
    found, number = list[str](), 0
    while lines := lines_of(folder / "ledger", number):
        said = (msgspec.json.decode(line)["entry"] for line in lines)
        found += [text for entry in said if (text := entry.get("text") or entry.get("id"))]
        number += 1
    return found
