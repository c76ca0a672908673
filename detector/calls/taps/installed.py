"""All taps together: installed as their runtimes are imported, checked, and taken away."""

import time
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from ..aside import aside
from .clients.aws import AwsClientTap
from .clients.azure import AzureClientTap
from .clients.google import GoogleClientTap
from .clients.http import AiohttpTap, HttpClientTap, Httpx2Tap, HttpxTap, Urllib3Tap
from .clients.openai import AnthropicTap, OpenAiTap
from .heartbeat import Heartbeat
from .imports import ImportWatch
from .interface import Gate
from .readers.pyav import PyAvTap
from .readers.video_capture import VideoCaptureTap
from .runtimes.dlib import DlibTap
from .runtimes.face_recognition import FaceRecognitionTap
from .runtimes.litert import LiteRTTap
from .runtimes.onnx_runtime import OnnxRuntimeTap
from .runtimes.opencv import OpenCVTap
from .runtimes.openvino import OpenVinoTap
from .runtimes.pytorch import PyTorchTap
from .tap import Tap
from .uncovered import uncovered

# Runtimes of models in this process.
RUNTIMES: tuple[type[Tap], ...] = (
    OnnxRuntimeTap,
    OpenCVTap,
    PyTorchTap,
    LiteRTTap,
    OpenVinoTap,
    DlibTap,
    FaceRecognitionTap,
)
# Clients of services, and under them the HTTP libraries as a net.
CLIENTS: tuple[type[Tap], ...] = (AwsClientTap, AzureClientTap, OpenAiTap, AnthropicTap, GoogleClientTap)
HTTP: tuple[type[Tap], ...] = (HttpxTap, Httpx2Tap, Urllib3Tap, AiohttpTap, HttpClientTap)
# Pictures that the host reads.
PICTURES: tuple[type[Tap], ...] = (VideoCaptureTap, PyAvTap)

ALL: tuple[type[Tap], ...] = (*RUNTIMES, *CLIENTS, *HTTP, *PICTURES)


class TapState(msgspec.Struct, frozen=True):
    """How one tap is.

    Attributes:
        runtime: what it watches.
        state: `waiting` for its runtime to be imported, `on`, or `lost`: taken away, or a call of ours went unseen. Of
            a runtime that has no tap, `uncovered`.
        detail: what was lost, or where the runtime was seen.
        early: models found open that had been opened before the tap. How many calls they had answered by then cannot
            be known, nor of models that are never called again that they were there.
    """

    runtime: str
    state: str
    detail: str = ""
    early: int = 0


class Taps:
    """The taps of this process.

    Args:
        gate: what they report to.
        kinds: which of them; by default all there are.

    Attributes:
        checked_at: when all of them were last checked, on the clock of `time.monotonic`; None before the first time.
    """

    def __init__(self, gate: Gate, kinds: Sequence[type[Tap]] = ALL) -> None:
        self.taps = [kind(gate) for kind in kinds]
        self.checked_at: float | None = None
        self._imports = ImportWatch()
        self._heartbeat: Heartbeat | None = None
        self._told: dict[str, TapState] = {}

    def install(self) -> None:
        """Watch every runtime: those imported already now, the others when they are."""
        for tap in self.taps:
            for module in tap.modules:
                self._imports.wait(module, partial(Tap.install, tap))

    def remove(self) -> None:
        """Leave every runtime, and the import system, as they were; the heart stops."""
        if self._heartbeat:
            self._heartbeat.stop()
            self._heartbeat = None
        self._imports.stop()
        for tap in self.taps:
            tap.remove()

    def check(self) -> list[TapState]:
        """Prove each tap by a call of our own, and say how it is."""
        states = [_state(tap) for tap in self.taps]
        self.checked_at = time.monotonic()
        return states

    def watch(self, on_change: Callable[[TapState], object], seconds: float = 10.0) -> None:
        """Check now, and then every `seconds` from a thread of its own, and tell each change of a state, and each
        runtime that no tap covers.

        A forked child goes on by itself, from the states that its parent knew. A heart that has stopped shows in
        `checked_at`.
        """
        self._heartbeat = Heartbeat(partial(self._beat, on_change), seconds)
        self._heartbeat.start()

    def _beat(self, on_change: Callable[[TapState], object]) -> None:
        for state in (*self.check(), *(TapState(one.runtime, "uncovered", one.seen) for one in uncovered())):
            if self._told.get(state.runtime) != state:
                self._told[state.runtime] = state
                on_change(state)


def _state(tap: Tap) -> TapState:
    tap.catch_up()
    tap.holders.sweep()
    state, detail = _judge(tap)
    return TapState(tap.runtime, state, detail, tap.early)


def _judge(tap: Tap) -> tuple[str, str]:
    if tap.fault:
        return "lost", tap.fault
    if not tap.armed:
        return "waiting", ""
    if lost := tap.lost:
        return "lost", f"somebody has replaced {', '.join(lost)}"
    try:
        with aside():
            seen = tap.prove()
    except Exception as error:  # noqa: BLE001 - whatever a runtime raises, the tap is not proven
        return "lost", f"its own call failed: {error}"
    return ("on", "") if seen else ("lost", "its own call went unseen")
