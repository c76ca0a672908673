"""A gate that answers as it is told: the fake for tests of taps, and for those of programs that embed them."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..aside import is_aside
from ..call import Call
from .handle import Handle
from .interface import Runnable

if TYPE_CHECKING:
    from ....streams.frame import Pixels


class ScriptedGate:
    """Watches every model, notes what it is told, and raises `refusal` at each call while there is one.

    Attributes:
        models: the models opened, in order.
        opened_with: the content, the runnable and the task that came with each.
        admitted: the model and the inputs of each call watched.
        requests: the calls to services.
        pictures: of each picture read, where from, its size and its stamp.
        read_from: of each reading, where from.
        refusal: what to raise.
        watching: whether models opened from now on are watched.
        learning: whether models opened from now on are learned.
        answers: each learned model, what it was given and what it answered.
    """

    def __init__(self) -> None:
        self.models: list[Handle] = []
        self.opened_with: list[tuple[bytes | Path | None, Runnable | None, str | None]] = []
        self.admitted: list[tuple[Handle, list[object]]] = []
        self.requests: list[tuple[Call, list[bytes]]] = []
        self.baggage: list[str] = []
        self.answers: list[tuple[Handle, list[object], list[object]]] = []
        self.pictures: list[tuple[str, tuple[int, int], float]] = []
        self.read_from: list[str] = []
        self.refusal: Exception | None = None
        self.watching = True
        self.learning = False

    def opened(
        self,
        runtime: str,
        name: str,
        content: bytes | Path | None = None,
        run: Runnable | None = None,
        task: str | None = None,
    ) -> Handle:
        model = Handle(runtime, name, self.watching and not is_aside(), self.learning)
        if not is_aside():
            self.models.append(model)
            self.opened_with.append((content, run, task))
        return model

    def admit(self, model: Handle, inputs: Iterable[object] = ()) -> None:
        self.admitted.append((model, list(inputs)))
        self._refuse()

    def answered(self, model: Handle, inputs: Iterable[object], outputs: Iterable[object]) -> None:
        self.answers.append((model, list(inputs), list(outputs)))

    def picture(self, url: str, pixels: "Pixels", at: float, reader: object = None) -> None:  # noqa: ARG002
        self.pictures.append((url, pixels.size, at))

    def read(self, url: str) -> None:
        self.read_from.append(url)

    def still(self, path: str, pixels: "Pixels", at: float) -> None:
        self.pictures.append((path, pixels.size, at))

    def request(self, call: Call, pictures: Iterable[bytes] = (), baggage: str = "") -> None:
        self.requests.append((call, list(pictures)))
        self.baggage.append(baggage)
        self._refuse()

    def _refuse(self) -> None:
        if self.refusal:
            raise self.refusal
