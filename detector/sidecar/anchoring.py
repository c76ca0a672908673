"""Has somebody outside vouch for the record at an interval, on a thread of its own: nobody else may wait for that."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ..errors import RecordError
from ..ledger.anchoring import askable, asked
from ..ledger.anchors import remember_head
from ..ledger.note import read_checkpoint
from ..ledger.place import LEDGER
from ..site.serving import Anchoring

_HOUR_S: Final = 3600.0


class Anchorer:
    """Asks them in turn; whoever cannot be reached is asked again the next time, and nothing else comes of it.

    Args:
        record: the folder of the record.
        said: whom to ask, and how often.
        tell: told what came of it: the kind of an event, and a text.

    Raises:
        InputError: the policy cannot be read, or the library for an authority is not installed.
    """

    def __init__(self, record: Path, said: Anchoring, tell: Callable[[str, str], None]) -> None:
        self._ledger, self._period, self._tell = record / LEDGER, said.hours * _HOUR_S, tell
        self._whom = askable(self._ledger, None if said.policy is None else Path(said.policy), said.authority)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="facewarden-anchor", daemon=True)

    def start(self) -> None:
        """Begin; the first time is after one interval."""
        self._thread.start()

    def stop(self) -> None:
        """End; one that is being asked is not waited for."""
        self._stop.set()

    def ask(self) -> None:
        """Have them vouch for the head as it is."""
        try:
            size = read_checkpoint(remember_head(self._ledger).text).size
        except (RecordError, OSError) as error:
            self._tell("anchor", f"there is nothing to vouch for ({error})")
            return
        for who, problem in asked(self._whom):
            text = f"{who}: could not be asked ({problem})" if problem else f"{who}: has seen the first {size} entries"
            self._tell("anchor", text)

    def _run(self) -> None:
        while not self._stop.wait(self._period):
            try:
                self.ask()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and tried again
                self._tell("failure", f"the record could not be anchored: {type(error).__name__}: {error}")


def anchorer_of(record: Path | None, said: Anchoring | None, tell: Callable[[str, str], None]) -> Anchorer | None:
    """See `Anchorer`; None where nobody is to be asked."""
    return None if record is None or said is None else Anchorer(record, said, tell)
