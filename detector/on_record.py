"""What a guard has to say, on record: by what it rules, each call, what it sees, and what it does not."""

from collections.abc import Callable, Iterable
from pathlib import Path

from .admission import Admission
from .calls import Call
from .calls.attribution import Attribution
from .calls.attribution.declared import Declared
from .calls.taps.heartbeat import Heartbeat
from .clock import Clock
from .judge import Judgement
from .ledger import open_record
from .policy import Decision, Pack
from .records import Recorder
from .records.here import ended, started, terms
from .sight.account import PERIOD_S, Account
from .site import Site


class OnRecord:
    """Keeps the record of a guard. Every method may be called from any thread.

    Args:
        record: the folder, which is opened and closed here; or what keeps entries already.
        site, packs: by which it rules.
        clock: that of its pictures.
        declared: what the running code has been said to belong to.
        judge: decides on a call, given the source that was found.

    Attributes:
        account: is told what is seen.

    Raises:
        InputError: the folder cannot be written to.
    """

    def __init__(
        self,
        record: Recorder | str | Path,
        site: Site,
        packs: Iterable[Pack],
        clock: Clock,
        declared: Declared,
        judge: Callable[[Call, str | None], Judgement],
    ) -> None:
        self._owned = not isinstance(record, Recorder)
        self._recorder = record if isinstance(record, Recorder) else Recorder(open_record(record))
        self._declared = declared
        self._admission = Admission(self._attribute, judge, site.enforcement, self._recorder)
        if self._owned:
            self._recorder.put(started())
        self._recorder.put(terms(site, packs))
        self.account = Account(self._recorder.put, clock)
        self._beat: Heartbeat | None = Heartbeat(self.account.tell, PERIOD_S)
        self._beat.start()

    def decide(self, call: Call) -> Decision:
        """Decide on a call; it is on record when this returns, or held."""
        return self._admission.admit(call).decision

    def close(self) -> None:
        """Say what there is still to say, and end."""
        if self._beat is None:
            return
        self._beat.stop()
        self._beat = None
        self.account.tell()
        if self._owned:
            self._recorder.put(ended())
            self._recorder.close()

    def _attribute(
        self,
        call: Call,
        pictures: Iterable[object],  # noqa: ARG002 - a guard is told whose they are
        baggage: str = "",  # noqa: ARG002 - and by no header
    ) -> Attribution | None:
        name = call.source
        if name is not None:
            return Attribution(name, "call", 1.0, call.at)
        block = self._declared.in_block()
        return None if block is None else Attribution(block, "block", 1.0, call.at)
