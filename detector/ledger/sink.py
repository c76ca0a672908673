"""The one way to open a record: plain lines to read, and the ledger that proves them."""

import os
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING

from ..calls.wall import moment
from ..errors import InputError, RecordError
from ..records import Heartbeat, JsonLines, write
from .place import LEDGER, make_ledger

if TYPE_CHECKING:
    from .chain import Chain
    from .journal import Journal

# Seconds between two heartbeats of a process, and between two signatures.
_HEARTBEAT = 10.0
_SEAL = 1.0
# Seconds that a clock may run backwards, as when it is being corrected.
_SLACK = 2.0


def open_record(folder: str | Path, *, seal: bool = True) -> JsonLines:
    """Open a record, or go on with one: `calls.jsonl`, `events.jsonl`, and the ledger of both in `ledger`.

    Every entry is durable in the ledger within a tenth of a second, and under a signature about a second later. Any
    number of threads and processes may have the same record open. Until the first signature is due no cryptography
    is loaded.

    Args:
        folder: where; made if need be.
        seal: sign what comes in; otherwise another process does that.

    Returns:
        A `Sink`.

    Raises:
        InputError: the folder cannot be written to.
    """
    folder = Path(folder)
    try:
        make_ledger(folder / LEDGER)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from error
    return JsonLines(folder, beside=Ledger(folder, seal))


class Ledger:
    """Keeps a record's lines in its ledger; see `records.Beside`.

    Args:
        folder: the record's.
        seal: whether to sign.
    """

    def __init__(self, folder: Path, seal: bool) -> None:
        self._folder, self._seals = folder, seal
        self._journal: Journal | None = None
        self._chain: Chain | None = None
        self._latest = 0.0
        self.begin_again()

    def begin_again(self) -> None:
        self._entries: list[bytes] = []
        self._kept, self._begun = 0, monotonic()
        self._next_beat, self._next_seal = self._begun + _HEARTBEAT, self._begun + _SEAL

    def write(self, lines: list[bytes]) -> None:
        from .canonical import canonical_line

        self._entries += map(canonical_line, lines)
        self._kept += len(lines)
        lines.clear()
        self._append()

    def tick(self) -> None:
        now = monotonic()
        self._check_clock()
        if now >= self._next_beat:
            self._next_beat = now + _HEARTBEAT
            self.write([write(self._heartbeat(now))])
        if self._seals and now >= self._next_seal:
            self._seal()
            self._next_seal = now + _SEAL

    def close(self) -> None:
        self._append()
        if self._seals:
            self._seal()

    def _append(self) -> None:
        from .journal import Journal

        self._journal = self._journal or Journal(self._folder / LEDGER)
        if self._entries:
            self._journal.append(self._entries)

    def _seal(self) -> None:
        from .chain import Chain
        from .keys import keys_folder

        try:
            self._chain = self._chain or Chain(self._folder / LEDGER, keys_folder(self._folder))
        except ModuleNotFoundError as error:
            raise RecordError(f"{error.name} is not installed, and nothing can be signed") from error
        self._chain.seal()

    def _heartbeat(self, now: float) -> Heartbeat:
        return Heartbeat(pid=os.getpid(), time=moment(time()), entries=self._kept, running=round(now - self._begun, 3))

    def _check_clock(self) -> None:
        """Raise where the clock was set back, until it has caught up: times on record would contradict each other."""
        now = time()
        if now < self._latest - _SLACK:
            raise RecordError(f"the clock was set back by {self._latest - now:.0f} s")
        self._latest = max(self._latest, now)
