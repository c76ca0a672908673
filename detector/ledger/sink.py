"""The one way to open a record: plain lines to read, and the ledger that proves them."""

import atexit
import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING, Final

from ..calls.wall import moment
from ..errors import FacewardenError, InputError, RecordError
from ..records import Due, Heartbeat, JsonLines, write
from ..records.appending import Appended
from ..records.jsonl import CALLS
from ..records.spool import finish_all
from .place import LEDGER, make_ledger

if TYPE_CHECKING:
    from .chain import Chain
    from .follower import Follower

# Seconds between two looks for new lines, two heartbeats, and two signatures.
_PERIOD: Final = 0.05
_HEARTBEAT: Final = 10.0
_SEAL: Final = 1.0
# Seconds that a clock may run backwards, as when it is being corrected.
_SLACK: Final = 2.0
_FOLLOWING: Final = ".following"


def open_record(folder: str | Path) -> "Record":
    """Open a record, or go on with one: `calls.jsonl`, `events.jsonl`, and the ledger of both in `ledger`.

    Any number of threads and processes may write the lines, with this or with `JsonLines`; one of those that have the
    record open by this function takes them over into the ledger, durably within a tenth of a second, and signs them
    about a second later. Until then no cryptography is loaded.

    Args:
        folder: where; made if need be.

    Raises:
        InputError: the folder cannot be written to.
    """
    folder = Path(folder)
    try:
        make_ledger(folder / LEDGER)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from error
    return Record(folder)


class Record:
    """A sink whose lines stand in a ledger as well. Where that cannot be written, it fails as the lines do.

    A forked child goes on with the lines, and leaves the ledger to its parent.

    Args:
        folder: the record's; it has a ledger.
    """

    def __init__(self, folder: Path) -> None:
        self._lines, self._pid = JsonLines(folder), os.getpid()
        self._keeper = Keeper(folder)
        self._trouble: str | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="facewarden-ledger", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    @property
    def failed(self) -> str | None:
        return self._lines.failed or self._trouble

    def put(self, entry: Due) -> None:
        self._lines.put(entry)

    def close(self) -> None:
        self._lines.close()
        if self._pid == os.getpid() and not self._ended.is_set():
            self._ended.set()
            self._thread.join()
            self._do(self._keeper.close)
            atexit.unregister(self.close)

    def _run(self) -> None:
        while not self._ended.wait(_PERIOD):
            self._do(self._keeper.tick)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (OSError, FacewardenError) as error:
            reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            self._trouble = f"{self._keeper.folder}: the ledger cannot be written ({reason})"
        else:
            self._trouble = None


class Keeper:
    """Keeps the ledger of a record, where no other process does. One thread at a time calls it.

    Args:
        folder: the record's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._follower: Follower | None = None
        self._chain: Chain | None = None
        self._lock: int | None = None
        self._kept, self._begun, self._latest = 0, monotonic(), 0.0
        self._next_beat, self._next_seal = self._begun + _HEARTBEAT, self._begun + _SEAL
        self._more: list[bytes] = []
        self._calls = Appended(folder / CALLS)

    def tick(self) -> None:
        """Do what is due, many times a second.

        Raises:
            OSError: something cannot be written; it is tried again the next time.
            FacewardenError: as above, for another reason.
        """
        if not self._alone():
            return
        self._check_clock()
        now = monotonic()
        if now >= self._next_beat:
            self._next_beat = now + _HEARTBEAT
            self._beat(now)
        self._take_over()
        if now >= self._next_seal:
            self._seal()
            self._next_seal = now + _SEAL

    def close(self) -> None:
        """Take over what is left, sign, and leave the ledger to others; raises as `tick` does."""
        try:
            if self._alone():
                self._take_over()
                self._seal()
        finally:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None
            self._calls.close()

    def _alone(self) -> bool:
        """Whether the ledger is ours to keep: another process may be at it, and when that ends we are."""
        if self._lock is None:
            file = os.open(self.folder / _FOLLOWING, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                return False
            self._lock = file
        return True

    def _take_over(self) -> None:
        from .follower import Follower

        finish_all(self.folder, self.folder / CALLS, self._calls.add)
        self._follower = self._follower or Follower(self.folder, self.folder / LEDGER)
        self._kept += self._follower.follow(self._more)

    def _seal(self) -> None:
        from .chain import Chain
        from .keys import keys_folder

        try:
            self._chain = self._chain or Chain(self.folder / LEDGER, keys_folder(self.folder))
        except ModuleNotFoundError as error:
            raise RecordError(f"{error.name} is not installed, and nothing can be signed") from error
        self._chain.seal()

    def _beat(self, now: float) -> None:
        from .canonical import canonical_line

        running = round(now - self._begun, 3)
        beat = Heartbeat(pid=os.getpid(), time=moment(time()), entries=self._kept, running=running)
        self._more.append(canonical_line(write(beat)))

    def _check_clock(self) -> None:
        """Raise where the clock was set back, until it has caught up: times on record would contradict each other."""
        now = time()
        if now < self._latest - _SLACK:
            raise RecordError(f"the clock was set back by {self._latest - now:.0f} s")
        self._latest = max(self._latest, now)
