"""The gate of a running program: what its taps report becomes a decision, and a decision a refusal."""

from collections.abc import Iterable

from ...streams.address import redacted
from ...streams.frame import Pixels
from ..admission import Admission
from ..calls import Call
from ..guard import Guard
from ..records import Recorder
from .cameras import Cameras
from .models import ModelGate, Refusal


class CallGate(ModelGate):
    """What the taps of a program report to (see `Gate`).

    Args:
        guard: looks at the cameras, and decides.
        cameras: the sources whose pictures the program reads.
        recorder: keeps what was decided.

    Attributes:
        admission: what rules on its calls.
    """

    def __init__(self, guard: Guard, cameras: Cameras, recorder: Recorder) -> None:
        # A program whose local models serve a hosted service says so in its site file.
        super().__init__(recorder, None if "service" in guard.site.declared(None).facts else "local")
        self.guard, self._cameras = guard, cameras
        self.admission = Admission(cameras.attribute, guard.judge_on, guard.site.enforcement, recorder)

    def close(self, reason: str | None) -> None:
        self.admission.closed = reason

    def end(self) -> None:
        self.guard.close()

    def refusal(self, call: Call, pictures: Iterable[object], baggage: str) -> Refusal | None:
        ruling = self.admission.admit(call, pictures, baggage)
        return Refusal(ruling.decision, self._cameras.whose(ruling.found)) if ruling.refused else None

    def picture(self, url: str, pixels: Pixels, at: float, reader: object = None) -> None:
        for other in self.beside:
            other.picture(url, pixels, at, reader)
        try:
            self._cameras.picture(url, pixels, at, reader)
        except Exception as error:  # noqa: BLE001 - the program's own reading goes on, whatever becomes of our watching
            self._failed(f"a picture of {redacted(url)} could not be looked at", error)

    def read(self, url: str) -> None:
        for other in self.beside:
            other.read(url)
        try:
            self._cameras.read(url)
        except Exception as error:  # noqa: BLE001 - as above
            self._failed(f"whose {redacted(url)} is could not be found", error)

    def still(self, path: str, pixels: Pixels, at: float) -> None:
        for other in self.beside:
            other.still(path, pixels, at)
        folder = self._cameras.folder_of(path)
        if folder is not None:
            self.picture(folder, pixels, at)
