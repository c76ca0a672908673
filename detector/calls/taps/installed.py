"""All taps together: installed as their runtimes are imported, checked, and taken away."""

from collections.abc import Sequence
from functools import partial

import msgspec

from .aws_client import AwsClientTap
from .azure_client import AzureClientTap
from .google_client import GoogleClientTap
from .http_libraries import AiohttpTap, HttpClientTap, Httpx2Tap, HttpxTap, Urllib3Tap
from .imports import ImportWatch
from .onnx_runtime import OnnxRuntimeTap
from .openai_client import AnthropicTap, OpenAiTap
from .tap import Gate, Tap, aside

# Clients of services, and under them the HTTP libraries as a net.
CLIENTS: tuple[type[Tap], ...] = (AwsClientTap, AzureClientTap, OpenAiTap, AnthropicTap, GoogleClientTap)
HTTP: tuple[type[Tap], ...] = (HttpxTap, Httpx2Tap, Urllib3Tap, AiohttpTap, HttpClientTap)

ALL: tuple[type[Tap], ...] = (OnnxRuntimeTap, *CLIENTS, *HTTP)


class TapState(msgspec.Struct, frozen=True):
    """How one tap is.

    Attributes:
        runtime: what it watches.
        state: `waiting` for its runtime to be imported, `on`, or `lost`: taken away, or a call of ours went unseen.
        detail: what was lost.
    """

    runtime: str
    state: str
    detail: str = ""


class Taps:
    """The taps of this process.

    Args:
        gate: what they report to.
        kinds: which of them; by default all there are.
    """

    def __init__(self, gate: Gate, kinds: Sequence[type[Tap]] = ALL) -> None:
        self.taps = [kind(gate) for kind in kinds]
        self._imports = ImportWatch()

    def install(self) -> None:
        """Watch every runtime: those imported already now, the others when they are."""
        for tap in self.taps:
            for module in tap.modules:
                self._imports.wait(module, partial(Tap.install, tap))

    def remove(self) -> None:
        """Leave every runtime, and the import system, as they were."""
        self._imports.stop()
        for tap in self.taps:
            tap.remove()

    def check(self) -> list[TapState]:
        """Prove each tap by a call of our own, and say how it is."""
        return [_state(tap) for tap in self.taps]


def _state(tap: Tap) -> TapState:
    if not tap.armed:
        return TapState(tap.runtime, "waiting")
    if lost := tap.lost:
        return TapState(tap.runtime, "lost", f"somebody has replaced {', '.join(lost)}")
    try:
        with aside():
            seen = tap.prove()
    except Exception as error:  # noqa: BLE001 - whatever a runtime raises, the tap is not proven
        return TapState(tap.runtime, "lost", f"its own call failed: {error}")
    return TapState(tap.runtime, "on") if seen else TapState(tap.runtime, "lost", "its own call went unseen")
