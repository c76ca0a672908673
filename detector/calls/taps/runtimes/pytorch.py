"""PyTorch: the outermost call of a module, TorchScript included."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, cast
from weakref import ref

from numpy.typing import NDArray

from ..arguments import Look, content_of, name_of
from ..handle import Handle
from ..patch import Function, Patches
from ..tap import Tap


class _Depth(threading.local):
    """Whether this thread is inside a module's call."""

    inside = False


class PyTorchTap(Tap):
    """`nn.Module.__call__`, where no other module has called it, and `torch.jit.load`.

    What calls `forward` by itself, or a function compiled by `torch.compile` that calls modules, goes unseen. While
    `torch.jit.trace` records, a look at a tensor would be recorded too: those calls are let through.
    """

    runtime = "pytorch"
    modules = ("torch",)

    def patch(self, module: Any, patches: Patches) -> None:
        patches.wrap(module.nn.Module, "__call__", self._outermost)
        self.watch_opening(patches, module.jit, "load", self._loaded)

    def prove(self) -> bool:
        own = self.module.nn.Identity()
        model = self.model_of(own)
        own(None)
        return model.counted == 1

    def adopt(self, holder: Any) -> Handle:
        """A module becomes a model when it is first called from outside; there is no other sign of it."""
        return self.gate.opened(self.runtime, type(holder).__name__, run=partial(_run, self.module, ref(holder)))

    def _loaded(self, holder: Any, *args: object, **kwargs: object) -> None:
        content, run = content_of(args, kwargs), partial(_run, self.module, ref(holder))
        self.remember(holder, self.gate.opened(self.runtime, name_of(content), content, run))

    def _outermost(self, original: Function) -> Function:
        watched, depth = self.watched(original, Look(self._fed, self._answered)), _Depth()
        tracing = self.module._C._get_tracing_state

        def call(module: object, *args: object, **kwargs: object) -> object:
            if depth.inside or tracing():
                return original(module, *args, **kwargs) if kwargs else original(module, *args)
            depth.inside = True
            try:
                return watched(module, *args, **kwargs)
            finally:
                depth.inside = False

        return call

    def _fed(self, _: object, *args: object, **kwargs: object) -> Iterable[object]:
        return map(_array, _tensors(self.module, (*args, *kwargs.values())))

    def _answered(self, result: object, *_: object, **__: object) -> Iterable[object]:
        return map(_array, _tensors(self.module, result))


def _run(torch: Any, held: ref[Any], batch: NDArray[Any]) -> list[NDArray[Any]]:
    """Run a module on a batch as the host has it, which must not be training it: that would change its statistics."""
    module = held()
    if module is None or module.training:
        raise RuntimeError("the module is gone" if module is None else "the module is in training mode")
    like = next(module.parameters(), torch.empty(0))
    with torch.no_grad():
        answer = module(torch.from_numpy(batch).to(like.device, like.dtype))
    return [_array(tensor.float()) for tensor in _tensors(torch, answer)]


def _tensors(torch: Any, value: object) -> Iterator[Any]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping):
        yield from _tensors(torch, [*cast(Mapping[object, object], value).values()])
    elif isinstance(value, list | tuple):
        for one in cast(Iterable[object], value):
            yield from _tensors(torch, one)


def _array(tensor: Any) -> NDArray[Any]:
    """The same memory as an array, where it is the CPU's and numpy knows its type; else a copy."""
    tensor = tensor.detach().cpu()
    return (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()
