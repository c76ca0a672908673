"""The models that a program has open: what each of them does, and which of their calls have to be decided on."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import tee
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Pixels
from ..calls import Call
from ..calls.aside import aside, is_aside
from ..calls.attribution.pictures import looks_like_pictures, shows_nobody
from ..calls.taps import Handle, Runnable
from ..errors import FacewardenError
from ..identity import Identity, Passive, Slot, identify, identify_bytes, identify_runnable
from ..policy import Decision, ProhibitedInference
from ..records import Recorder
from .learning import learn

_UNKNOWN = Call(task=None)
# Where a picture has more pixels it is no face cut out: what takes it is tried with smaller ones first.
_A_FACE = 256 * 256
_RECOGNITION = frozenset({"identification", "verification", "gallery_building"})


@dataclass(slots=True, eq=False)
class OpenModel(Handle):
    """A model that a program has open, as the gate knows it.

    Attributes:
        call: what each of its calls is.
        passive: what its own traffic has shown, while it is being learned.
        run: runs it, while nobody has tried what it does: that is done when it is first given a picture, and then with
            pictures of that shape.
        warming: nothing was shown to it yet but blank pictures, as programs warm networks up.
        tried: what it is was found by showing it pictures, so that calls without any are of its parts.
    """

    call: Call = _UNKNOWN
    passive: Passive | None = None
    run: Runnable | None = None
    warming: bool = True
    tried: bool = False


class Refusal(NamedTuple):
    """Why a call may not be made.

    Attributes:
        decision: what was decided.
        whose: whose picture it was taken to be on, in words.
    """

    decision: Decision
    whose: str = ""


class ModelGate(ABC):
    """Identifies the models of a program, and has the calls of those decided on that may recognise faces.

    Args:
        recorder: keeps what was found.
        local: the service that models are called on here; None where the site says which.

    Attributes:
        beside: the gates of other watches of this process, which rule on its calls as well.
    """

    def __init__(self, recorder: Recorder, local: str | None) -> None:
        self._recorder, self._local = recorder, local
        self.beside: tuple[ModelGate, ...] = ()

    def join(self, other: "ModelGate") -> None:
        """The gate of another watch rules on every call as well, and the strictest decision counts."""
        self.beside = (*self.beside, other)

    @abstractmethod
    def close(self, reason: str | None) -> None:
        """Hold every call from here on, for this reason; None for no longer."""

    def end(self) -> None:
        """The process is no longer watched: say what there is still to say."""

    @abstractmethod
    def refusal(self, call: Call, pictures: Iterable[object], baggage: str) -> Refusal | None:
        """Why a call may not be made; None where it may. Never raises."""

    @abstractmethod
    def picture(self, url: str, pixels: Pixels, at: float, reader: object = None) -> None:
        """See `Gate`, as the next two."""

    @abstractmethod
    def read(self, url: str) -> None: ...

    @abstractmethod
    def still(self, path: str, pixels: Pixels, at: float) -> None: ...

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
        call = Call(service=self._local, task=task, model=name, runtime=runtime)
        model = OpenModel(runtime, name, True, call=call)
        if task is not None:
            model.watched = task in _RECOGNITION
        elif content is None and run is not None:
            model.run, model.tried = run, True
        else:
            self._settle(model, self._identify(name, partial(_identified, name, content)))
        return model

    def admit(self, model: Handle, inputs: Iterable[object] = ()) -> None:
        if not isinstance(model, OpenModel) or is_aside():
            return
        if model.call.task is None or model.warming or model.tried:
            inputs = list(inputs)
            if self._recognises_nobody(model, inputs):
                return
        refused = self._ruled(model.call, inputs, "")
        if refused is not None:
            raise ProhibitedInference(*refused)

    def request(self, call: Call, pictures: Iterable[bytes] = (), baggage: str = "") -> None:
        refused = None if is_aside() else self._ruled(call, pictures, baggage)
        if refused is not None:
            raise ProhibitedInference(*refused)

    def _ruled(self, call: Call, pictures: Iterable[object], baggage: str) -> Refusal | None:
        """Why a call may not be made, by all watches."""
        if not self.beside:
            return self.refusal(call, pictures, baggage)
        gates = (self, *self.beside)
        given = tee(pictures, len(gates))
        ruled = [(gate, gate.refusal(call, one, baggage)) for gate, one in zip(gates, given, strict=True)]
        refusals = [refusal for _, refusal in ruled if refusal is not None]
        if not refusals:
            return None
        strictest = max(refusals, key=lambda refusal: refusal.decision.strictness)
        for gate, refusal in ruled:
            if refusal is None:
                gate.refused_beside(call, strictest)
        return strictest

    def refused_beside(self, call: Call, refusal: Refusal) -> None:
        """What was let through here did not run, for another watch has refused it: that is put on record."""
        self._recorder.event(
            "nested",
            f"{call.model or call.service or 'a call'}: refused by another watch: {refusal.decision.explanation}",
        )

    def answered(self, model: Handle, inputs: Iterable[object], outputs: Iterable[object]) -> None:
        if isinstance(model, OpenModel) and model.passive is not None:
            try:
                self._learn(model, model.passive, inputs, outputs)
            except Exception as error:  # noqa: BLE001 - as above
                self._failed(f"{model.name} could not be learned from what it answered", error)

    def _recognises_nobody(self, model: OpenModel, inputs: list[object]) -> bool:
        if model.warming and shows_nobody(inputs):
            return True
        model.warming = False  # for good: another thread that warms it up meanwhile does not set it again
        if model.call.task is None:
            return not self._may_recognise(model, inputs)
        seen = inputs and not any(map(_is_opaque, inputs))
        return bool(model.tried and seen and all(looks_like_pictures(one) is None for one in inputs))

    def _may_recognise(self, model: OpenModel, inputs: list[object]) -> bool:
        """Whether a call of a model that is not known may be face recognition: not without pictures, nor with pictures
        of several sizes, as trackers have it. One that was not tried yet is tried now."""
        if model.run is None and (not inputs or any(map(_is_opaque, inputs))):
            return True  # what goes in lies where it cannot be seen
        given = [array for value in inputs if (array := looks_like_pictures(value)) is not None]
        if not given or len({_size(array) for array in given}) > 1:
            return False
        run, model.run = model.run, None
        if run is not None:
            self._settle(model, self._identify(model.name, partial(_tried, model.name, run, given[0])))
        return model.watched

    def _settle(self, model: OpenModel, identity: Identity | None) -> None:
        """What is known of a model from here on."""
        recognises = identity and identity.recogniser
        if recognises:
            model.call = msgspec.structs.replace(model.call, task="identification")
        model.watched, model.learning = recognises is not False, recognises is None
        model.passive = Passive() if recognises is None else None

    def _identify(self, name: str, identified: Callable[[], Identity | None]) -> Identity | None:
        try:
            with aside():
                identity = identified()
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


def _identified(name: str, content: bytes | Path | None) -> Identity | None:
    if isinstance(content, bytes):
        return identify_bytes(content, name, here=True)
    return identify(content, here=True) if content is not None else None


def _tried(name: str, run: Runnable, given: NDArray[Any] | bytes) -> Identity | None:
    """What a model does of which only a callable is known, and a picture that it was given."""
    if isinstance(given, bytes):
        return None
    given = _for_one(run, given)
    shape = (None, *given.shape[1:]) if given.ndim in (2, 4) else given.shape
    slots = [Slot(shape, "float32" if given.dtype.kind == "f" else str(given.dtype))]
    if given.ndim == 4 and given.shape[1] in (1, 3, 4) and math.prod(given.shape[2:]) > _A_FACE:
        slots.insert(0, Slot((None, given.shape[1], None, None)))
    outputs = [Slot(one.shape, str(one.dtype)) for one in run(given)]
    answer = None
    for slot in slots:
        answer = identify_runnable(lambda arrays: run(arrays[0]), (slot,), outputs, name)
        if answer.recogniser is not None:
            break
    return answer


def _for_one(run: Runnable, given: NDArray[Any]) -> NDArray[Any]:
    """What a model was given, for one picture; one without a batch that is not taken as it is was one of a list, for
    which a batch is as good."""
    if given.ndim != 3:
        return given[:1]
    try:
        run(given)
    except Exception:  # noqa: BLE001 - the host's model can refuse as it likes
        return given[np.newaxis]
    return given


def _is_opaque(value: object) -> bool:
    """Whether this may hold pictures that are not in our reach, such as what lies on a device."""
    return not hasattr(value, "__array__") and not isinstance(value, bytes | bytearray | str | int | float | None)


def _size(given: NDArray[Any] | bytes) -> tuple[int, ...]:
    return given.shape[1:] if isinstance(given, np.ndarray) and given.ndim == 4 else ()
