"""The gate of a running program: what its taps report becomes a decision, and a decision a refusal."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ...streams.address import redacted
from ...streams.frame import Frame, Pixels
from ..admission import Admission
from ..calls import Call
from ..calls.aside import aside, is_aside
from ..calls.taps import Handle, Runnable
from ..errors import FacewardenError
from ..guard import Guard
from ..identity import Identity, Passive, Slot, identify, identify_bytes, identify_runnable
from ..policy import ProhibitedInference
from ..records import Recorder
from ..records.here import verdict
from ..sight.seen import NOTHING
from .cameras import Cameras
from .learning import learn

_UNKNOWN = Call(task=None)
# What a model takes of which only a callable is known: pictures of any size, channels first.
_A_PICTURE = (Slot((None, 3, None, None)),)
_RECOGNITION = frozenset({"identification", "verification", "gallery_building"})


@dataclass(slots=True, eq=False)
class OpenModel(Handle):
    """A model that a program has open, as the gate knows it.

    Attributes:
        call: what each of its calls is.
        passive: what its own traffic has shown, while it is being learned.
    """

    call: Call = _UNKNOWN
    passive: Passive | None = None


class CallGate:
    """What the taps of a program report to (see `Gate`).

    Args:
        guard: looks at the cameras, and decides.
        cameras: the sources whose pictures the program reads.
        recorder: keeps what was decided.

    Attributes:
        admission: what rules on its calls.
    """

    def __init__(self, guard: Guard, cameras: Cameras, recorder: Recorder) -> None:
        self.guard, self._cameras, self._recorder = guard, cameras, recorder
        self._shown: dict[str, tuple[str, str]] = {}
        self.admission = Admission(cameras.attribute, guard.judge_on, guard.site.enforcement, recorder)
        # A program whose local models serve a hosted service says so in its site file.
        self._local = None if "service" in guard.site.declared(None).facts else "local"

    def opened(
        self,
        runtime: str,
        name: str,
        content: bytes | Path | None = None,
        run: Runnable | None = None,
        task: str | None = None,
    ) -> Handle:
        if is_aside():
            return Handle(runtime, name, watched=False)
        identity = self._identify(name, content, run) if task is None else None
        recognises = task in _RECOGNITION if task else identity and identity.recogniser
        call = Call(
            service=self._local, task=task or ("identification" if recognises else None), model=name, runtime=runtime
        )
        learning = recognises is None
        passive = Passive() if learning else None
        return OpenModel(runtime, name, recognises is not False, learning, call=call, passive=passive)

    def admit(self, model: Handle, inputs: Iterable[object] = ()) -> None:
        if isinstance(model, OpenModel) and not is_aside():
            self._admit(model.call, inputs)

    def request(self, call: Call, pictures: Iterable[bytes] = (), baggage: str = "") -> None:
        if not is_aside():
            self._admit(call, pictures, baggage)

    def picture(self, url: str, pixels: Pixels, at: float, reader: object = None) -> None:
        try:
            frame = self._cameras.picture(url, pixels, at, reader)
            if frame is not None:
                self._note_verdict(frame)
        except Exception as error:  # noqa: BLE001 - the program's own reading goes on, whatever becomes of our watching
            self._failed(f"a picture of {redacted(url)} could not be looked at", error)

    def answered(self, model: Handle, inputs: Iterable[object], outputs: Iterable[object]) -> None:
        if isinstance(model, OpenModel) and model.passive is not None:
            try:
                self._learn(model, model.passive, inputs, outputs)
            except Exception as error:  # noqa: BLE001 - as above
                self._failed(f"{model.name} could not be learned from what it answered", error)

    def _note_verdict(self, frame: Frame) -> None:
        """Put on record what is believed of a source, where that has changed with this picture."""
        state = self.guard.watch(frame.source)
        shown = (state.last.camera, state.last.environment)
        if shown == self._shown.get(frame.source, NOTHING):
            return
        self._shown[frame.source] = shown
        mobility, environment = state.beliefs
        self._recorder.put(verdict(frame.source, frame.media_time, mobility, environment))

    def _admit(self, call: Call, pictures: Iterable[object], baggage: str = "") -> None:
        """Raise `ProhibitedInference` where the call is refused."""
        ruling = self.admission.admit(call, pictures, baggage)
        if ruling.refused:
            raise ProhibitedInference(ruling.decision)

    def _identify(self, name: str, content: bytes | Path | None, run: Runnable | None) -> Identity | None:
        try:
            with aside():
                identity = _identified(name, content, run)
        except FacewardenError as error:
            self._recorder.event("model", f"{name}: could not be identified: {error}")
            return None
        except Exception as error:  # noqa: BLE001 - the model stays unknown, and its calls are judged as such
            self._failed(f"{name} could not be identified", error)
            return None
        if identity is not None:
            self._recorder.event("model", f"{name}: {identity.function} ({identity.confidence:.2f})")
        return identity

    def _learn(self, model: OpenModel, passive: Passive, inputs: Iterable[object], outputs: Iterable[object]) -> None:
        if evidence := learn(passive, inputs, outputs):
            model.learning, model.passive = False, None
            model.call = msgspec.structs.replace(model.call, task="identification")
            self._recorder.event(
                "model", f"{model.name}: face_recogniser by the program's own pictures: {evidence.detail}"
            )

    def _failed(self, what: str, error: Exception) -> None:
        self._recorder.event("failure", f"{what}: {type(error).__name__}: {error}")


def _identified(name: str, content: bytes | Path | None, run: Runnable | None) -> Identity | None:
    if isinstance(content, bytes):
        return identify_bytes(content, name, here=True)
    if content is not None:
        return identify(content, here=True)
    return identify_runnable(lambda arrays: run(arrays[0]), _A_PICTURE, (), name) if run is not None else None
