"""What files of weights alone have in common: where the network that they are of is known, it is put together."""

from collections.abc import Iterable, Mapping, Sequence
from math import prod

import numpy as np

from ...model import Array, Layer, Run, Slot, Unrunnable
from ...shapes import Shape
from .known import Built, built, may_be_known

_REST = "what it was put together to may not be all of it, or not as it was meant"
_SHARED = 2  # times what is stored that tensors may come to, which may lie over one another


class WeightsModel:
    """Weights, and what is built from them; see `Model`."""

    inputs: tuple[Slot, ...] = ()
    outputs: tuple[Layer, ...] = ()
    notes: tuple[str, ...] = ()
    rest = ""
    unread = 0
    _model = None
    _refusal = (
        "it holds weights and no graph, of no network that is known here; export the network to ONNX or TorchScript to "
        "have it tried"
    )

    def named(self) -> Iterable[tuple[str, Array]]:
        """All tensors of real numbers that have a name, with it."""
        return ()

    def build(self, shapes: Mapping[str, Shape], stored: int, others: int = 0) -> None:
        """Put the network together that the weights are of, if it is a known one.

        Args:
            shapes: of the tensors that have a name.
            stored: how many numbers the file holds.
            others: how many tensors it holds that are not among these.
        """
        try:
            if not may_be_known(shapes):
                return
            if sum(map(prod, shapes.values())) > _SHARED * stored:
                raise Unrunnable("its tensors lie over one another")
            tensors = {name: np.asarray(one, np.float32) for name, one in self.named()}
            self._take(built(tensors), others + len(shapes) - len(tensors))
        except Unrunnable as reason:
            self._refusal = str(reason)

    def _take(self, found: Built | None, others: int) -> None:
        if found:
            left = len(found.left) + others
            self._model = found.model
            self.inputs, self.outputs = found.model.inputs, found.model.outputs
            beside = (f"{left} tensors beside it are not tried",) if left else ()
            self.notes = (*self.notes, f"put together as {', and as '.join(found.names)}", *beside)
            self.rest = "" if found.exact and not others else _REST

    def runner(self, inputs: Sequence[Slot]) -> Run:
        if self._model is None:
            raise Unrunnable(self._refusal)
        return self._model.runner(inputs)
