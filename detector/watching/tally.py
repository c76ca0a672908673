"""What a record says, counted line by line: of a million calls nothing is kept but how many there were."""

from collections import Counter

import msgspec

from ..errors import RecordError
from ..plain import UNREADABLE_JSON
from ..records import Decided, Ended, Event, Started, read

_CALL = str(Decided.__struct_config__.tag)


class _Call(msgspec.Struct):
    schema: str = ""
    effect: str = ""
    refused: bool = False
    deciding: tuple[str, ...] = ()


class Tally:
    """Counts entries.

    Attributes:
        calls: by effect.
        refused: calls that were kept from running.
        ruleless: calls that were allowed because no rule is about them.
        trouble: taps that were lost and failures, in words, each once, in their order.
        uncovered: what was not watched, likewise.
        lost: what was said to be lost, likewise.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.refused = self.ruleless = 0
        self.trouble: dict[str, None] = {}
        self.uncovered: dict[str, None] = {}
        self.lost: dict[str, None] = {}
        self._started: Counter[int] = Counter()
        self._ended: Counter[int] = Counter()

    @property
    def processes(self) -> int:
        """How many there were."""
        return len(self._started)

    @property
    def unended(self) -> list[int]:
        """Those that have started once more than they have ended."""
        return sorted(pid for pid, number in self._started.items() if number > self._ended[pid])

    def count(self, line: bytes) -> None:
        """Count an entry; an empty line is none.

        Raises:
            RecordError: the line is no entry.
        """
        if not line.strip():
            return
        try:
            call = msgspec.json.decode(line, type=_Call)
        except UNREADABLE_JSON as error:
            raise RecordError(str(error)) from error
        if call.schema == _CALL:
            self.calls[call.effect] += 1
            self.refused += call.refused
            self.ruleless += call.effect == "allow" and not call.deciding
        else:
            self._count_other(line)

    def _count_other(self, line: bytes) -> None:
        entry = read(line)
        if isinstance(entry, Started):
            self._started[entry.pid] += 1
        elif isinstance(entry, Ended):
            self._ended[entry.pid] += 1
        elif isinstance(entry, Event):
            self._note(entry)

    def _note(self, event: Event) -> None:
        runtime, _, state = event.text.partition(": ")
        if event.kind == "lost":
            self.lost[event.text] = None
        elif event.kind == "process":
            self.uncovered[event.text.replace(": not watched: ", ": ")] = None
        elif event.kind == "tap" and state.startswith("uncovered"):
            self.uncovered[f"{runtime} ({state.removeprefix('uncovered ')})"] = None
        elif event.kind == "failure" or (event.kind == "tap" and state != "on"):
            self.trouble[event.text] = None
