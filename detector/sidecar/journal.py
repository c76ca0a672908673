"""Everything that happens, told to whoever wants to know: the record, the numbers, those who listen."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..records import Entry, Judged, Recorder
from ..records.entry import Event
from ..records.here import event
from .events import Hub
from .metrics import Metrics

if TYPE_CHECKING:
    from ..recording import Recording
    from .telemetry import Telemetry


class Journal:
    """A `Record` that others read along. Never waits, never raises.

    Args:
        recorder: keeps it.
        metrics: counts it.
        hub: passes it on to those who listen.
        log: writes events down, a line each.
        recording: is told of events, where the session is recorded.
        telemetry: is told of calls, where a collector is named.
    """

    def __init__(
        self,
        recorder: Recorder,
        metrics: Metrics,
        hub: Hub,
        log: Callable[[Entry], None],
        recording: "Recording | None" = None,
        telemetry: "Telemetry | None" = None,
    ) -> None:
        self._recorder, self._metrics, self._hub, self._log = recorder, metrics, hub, log
        self._recording, self._telemetry = recording, telemetry

    @property
    def failed(self) -> str | None:
        """Why nothing more can be kept at present; None while it can."""
        return self._recorder.failed

    def call(self, judged: Judged) -> None:
        """A call was decided on."""
        self._recorder.call(judged)
        self._metrics.decided(judged)
        self._hub.put(judged.as_entry)
        if self._telemetry is not None:
            self._telemetry.decided(judged)

    def event(self, kind: str, text: str) -> None:
        """Something happened; see `EVENTS` for its kinds."""
        self.put(event(kind, text))

    def note(self, event: Event) -> None:
        """Something happened to a source."""
        self.put(event)

    def put(self, entry: Entry) -> None:
        """Any other entry."""
        self._recorder.put(entry)
        self._hub.put(entry)
        self._log(entry)
        if self._recording is not None and isinstance(entry, Event):
            self._recording.note(entry)

    def close(self) -> None:
        """Keep what was said to the last entry, and let the listeners go."""
        self._hub.close()
        self._recorder.close()
        if self._telemetry is not None:
            self._telemetry.close()
