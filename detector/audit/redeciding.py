"""The calls of a ledger, decided again by the facts that stand in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..facts import check_fact
from ..ledger.covered import Witness, Witnessed
from ..ledger.faults import Fault
from ..ledger.reading import entries
from ..ledger.verify import ledger_of, verify
from ..policy import Pack, decide, load_pack, load_packs
from ..recording.replayed import Redecided
from ..records.entry import Decided, Entry


class Redecision(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.redecision/1"):
    """What came of deciding the calls of a ledger again.

    Attributes:
        ledger: its name.
        faults: where it does not hold.
        witnessed: what it covers, and what not.
        calls: how many were decided again.
        ruleless: calls that were held for want of a record, a tap or the like: no rule decided them, so that none can
            again.
        others: calls whose packs are not those that are at hand now, and that were decided by these.
        otherwise: calls that are decided otherwise.
    """

    ledger: str
    faults: tuple[Fault, ...]
    witnessed: Witnessed
    calls: int
    ruleless: int
    others: int
    otherwise: tuple[Redecided, ...]


def redecide(folder: Path, packs: Sequence[str] | None = None, date: str | None = None) -> Redecision:
    """Decide the calls of a record again.

    Args:
        folder: the record's, or the ledger's own.
        packs: names of packs to decide by, in place of those that each call was decided by.
        date: the day to decide by, YYYY-MM-DD.

    Raises:
        FactError: the date is none.
        RecordError: there is no ledger, or a line of it is no entry.
        PackError: a pack cannot be loaded.
    """
    date = date and str(check_fact("date", date))
    verified = verify(folder)
    again = _Again(None if packs is None else load_packs(packs), date)
    witness = Witness()
    for number, entry in entries(ledger_of(folder)[0]):
        witness.add(entry)
        again.take(number, entry)
    return Redecision(
        ledger=verified.ledger,
        faults=verified.faults,
        witnessed=witness.answer(),
        calls=again.calls,
        ruleless=again.ruleless,
        others=again.others,
        otherwise=tuple(again.otherwise),
    )


class _Again:
    def __init__(self, packs: tuple[Pack, ...] | None, date: str | None) -> None:
        self._packs, self._date = packs, date
        self._loaded: dict[tuple[object, ...], tuple[Pack, ...]] = {}
        self.calls = self.ruleless = self.others = 0
        self.otherwise: list[Redecided] = []

    def take(self, number: int, entry: Entry) -> None:
        if not isinstance(entry, Decided):
            return
        if not entry.packs:
            self.ruleless += 1
            return
        self.calls += 1
        packs = self._packs or self._those_of(entry)
        facts: dict[str, Any] = {**entry.known, **({"date": self._date} if self._date else {})}
        decision = decide(facts, packs)
        if decision.effect != entry.effect:
            self.otherwise.append(Redecided(number, entry.source, entry.effect, decision.effect, decision.deciding))

    def _those_of(self, entry: Decided) -> tuple[Pack, ...]:
        """The packs of the names that decided it; they may have changed since, which is counted."""
        packs = tuple(load_pack(name) for name in entry.packs)
        self.others += any(pack.sha256 != entry.packs[pack.name] for pack in packs)
        key = (*entry.packs, entry.off)
        if key not in self._loaded:
            self._loaded[key] = load_packs(entry.packs, entry.off)
        return self._loaded[key]
