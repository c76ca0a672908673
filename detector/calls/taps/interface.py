"""Between a tap and the gate: what a tap reports."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from .handle import Handle

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from ....streams.frame import Pixels
    from ..call import Call

# Runs a model on one batch and gives all of its outputs.
Runnable: TypeAlias = Callable[["NDArray[Any]"], Sequence["NDArray[Any]"]]

# Tasks of interfaces that say what they do. A template is extracted to identify by, until something says otherwise.
EXTRACTION, VERIFICATION, DETECTION = "identification", "verification", "detection"


class Gate(Protocol):
    """What taps report to. Every method may be called from any thread."""

    def opened(
        self,
        runtime: str,
        name: str,
        content: bytes | Path | None = None,
        run: Runnable | None = None,
        task: str | None = None,
    ) -> Handle:
        """The host has opened a model; says whether its calls are to be watched. Never raises.

        Args:
            runtime: what runs it.
            name: its file, or what the host calls it.
            content: its bytes or its file, to identify it by.
            run: runs it on a batch, where there is no content. Raises where it cannot.
            task: a value of the fact `task`, where the API itself says what the model does.
        """
        ...

    def admit(self, model: Handle, inputs: Iterable[object] = ()) -> None:
        """A watched model is about to run on `inputs`; raises `ProhibitedInference` where it may not.

        The inputs are made as they are asked for, and are the host's own: read them now, change nothing.
        """
        ...

    def answered(self, model: Handle, inputs: Iterable[object], outputs: Iterable[object]) -> None:
        """A model that is still being learned has answered `outputs`, arrays, to `inputs`; both as for `admit`."""
        ...

    def picture(self, url: str, pixels: "Pixels", at: float, reader: object = None) -> None:
        """The host has read a picture. Never raises.

        Args:
            url: what it reads from, as the host says it.
            reader: which of the readers of that URL it is, hashable; where it is not known, the thread stands for it.
            pixels: the picture; the host's own memory, for the time of this call.
            at: its time stamp in seconds, on any base.
        """
        ...

    def read(self, url: str) -> None:
        """The host has read from a URL or a file, pictures or not; who runs a model next may run it on them. Never
        raises."""
        ...

    def still(self, path: str, pixels: "Pixels", at: float) -> None:
        """The host has read a picture from a file of its own; arguments as for `picture`. Never raises."""
        ...

    def request(self, call: "Call", pictures: Iterable[bytes] = (), baggage: str = "") -> None:
        """A client is about to ask a service; raises `ProhibitedInference` where it may not.

        Args:
            call: what it asks for.
            pictures: the encoded pictures that it sends.
            baggage: the request's own header of that name; empty where it has none.
        """
        ...
