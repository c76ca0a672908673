"""Keras 3, on whichever backend, and the Keras in TensorFlow, which is the same."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from types import ModuleType
from typing import Any, cast
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from ..arguments import Look
from ..handle import Handle
from ..patch import Patches
from ..tap import Tap


class KerasTap(Tap):
    """A layer or model that is called, where no other has called it, `Model.predict` and `predict_on_batch`. Steps of
    training are let through, and so is the building of a model."""

    runtime = "keras"
    modules = ("keras",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        keras: Any = module
        view = Look(_fed, _answered)
        for owner, name in ((keras.Layer, "__call__"), (keras.Model, "predict"), (keras.Model, "predict_on_batch")):
            patches.wrap(owner, name, lambda original: self.outermost(original, view, self._passes))
        for name in ("fit", "train_on_batch"):
            patches.wrap(keras.Model, name, lambda original: self.outermost(original, view, _always))

    def prove(self) -> bool:
        own = self.module.layers.Identity()
        model = self.remember(own, Handle(self.runtime, "our own call", watched=False))
        own(np.zeros((1, 1), np.float32))
        return model.counted == 1

    def adopt(self, holder: Any) -> Handle:
        """A layer becomes a model when it is first called from outside; there is no other sign of it."""
        return self.gate.opened(self.runtime, str(holder.name), run=partial(_run, ref(holder)))

    def _passes(self, _: object, *args: object) -> bool:
        return any(isinstance(one, self.module.KerasTensor) for one in _flat(args))


def _always(*_: object) -> bool:
    return True


def _run(held: ref[Any], batch: NDArray[Any]) -> list[NDArray[Any]]:
    layer = held()
    if layer is None:
        raise RuntimeError("the model is gone")
    return [*_answered(layer(batch, training=False))]


def _fed(_: object, *args: object, **kwargs: object) -> Iterable[object]:
    given = _flat((*args, *kwargs.values()))
    return (
        _array(one) for one in given if not isinstance(one, bool | int | float | str | None)
    )  # `training`, `verbose`


def _answered(result: object, *_: object, **__: object) -> Iterable[NDArray[Any]]:
    arrays = map(_array, _flat(result))
    return (array for array in arrays if array is not None)


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        value = [*cast(Mapping[object, object], value).values()]
    if isinstance(value, list | tuple):
        for one in cast(Iterable[object], value):
            yield from _flat(one)
    else:
        yield value


def _array(tensor: Any) -> NDArray[Any] | None:
    """A tensor of any backend as an array; None for what is none, such as one that is only being traced."""
    detached = tensor.detach().cpu() if hasattr(tensor, "detach") else tensor
    try:
        return np.asarray(detached) if hasattr(detached, "__array__") else None
    except Exception:  # noqa: BLE001 - a backend can refuse as it likes
        return None
