"""PyTorch: the outermost call of a module, TorchScript included."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from inspect import unwrap
from types import CodeType
from typing import Any, cast
from weakref import ref

from numpy.typing import NDArray

from ..arguments import Look, content_of, name_of
from ..handle import Handle
from ..patch import Patches
from ..tap import Tap

# So far from a module's call one is sought whose `forward` was called by itself.
_FRAMES = 8


class PyTorchTap(Tap):
    """`nn.Module.__call__`, where no other module has called it, the methods of TorchScript, and `torch.jit.load`. A
    module whose `forward` was called by itself is seen by the first of its own that is called with a picture.

    What goes unseen are functions that call no module. Steps of training are let through; and while `torch.jit.trace`
    records, when a look at a tensor would be recorded too, so is every call.
    """

    runtime = "pytorch"
    modules = ("torch",)

    def patch(self, module: Any, patches: Patches) -> None:
        view = Look(self._fed, self._answered)
        patches.wrap(
            module.nn.Module, "__call__", lambda original: self.outermost(original, view, self._passes, self._of)
        )
        patches.wrap(module._C.ScriptMethod, "__call__", lambda original: self.outermost(original, view, self._passes))
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
        model = self.remember(holder, self.gate.opened(self.runtime, name_of(content), content, run))
        self.remember(holder.forward, model)  # an object of its own, that the module keeps

    def _passes(self, module: Any, *args: Any) -> bool:
        """Whether a call is recorded, or a step of training on several pictures at once."""
        if self.module._C._get_tracing_state():
            return True
        is_trained = getattr(module, "training", False) and self.module.is_grad_enabled()
        return bool(is_trained and args and getattr(args[0], "ndim", 0) == 4 and len(args[0]) > 1)

    def _of(self, module: object) -> object:
        """The module whose `forward`, or a part of it (timm's `forward_features`), was called by itself and has called
        this one; else this one."""
        found, frame = module, sys._getframe(3)  # pyright: ignore[reportPrivateUsage]
        for _ in range(_FRAMES):
            code = frame.f_code
            if code.co_name.startswith("forward") and code.co_argcount:
                owner = frame.f_locals.get(code.co_varnames[0])  # whatever it is called there
                found = owner if isinstance(owner, self.module.nn.Module) and _is_forward(code, owner) else found
            if frame.f_back is None:
                break
            frame = frame.f_back
        return found

    def _fed(self, _: object, *args: object, **kwargs: object) -> Iterable[object]:
        return map(_array, _tensors(self.module, (*args, *kwargs.values())))

    def _answered(self, result: object, *_: object, **__: object) -> Iterable[object]:
        return map(_array, _tensors(self.module, result))


def _run(torch: Any, held: ref[Any], batch: NDArray[Any]) -> list[NDArray[Any]]:
    """Run a module on a batch as the host has it, which must not be training it: that would change its statistics."""
    module = held()
    if module is None or getattr(module, "training", False):
        raise RuntimeError("the module is gone" if module is None else "the module is in training mode")
    like = next(module.parameters(), torch.empty(0)) if hasattr(module, "parameters") else torch.empty(0)
    with torch.no_grad():
        answer = module(torch.from_numpy(batch).to(like.device, like.dtype))
    return [_array(tensor.float()) for tensor in _tensors(torch, answer)]


def _is_forward(code: CodeType, owner: object) -> bool:
    """Whether this is a module's `forward`, or what that calls by this name. What else is called so may run another
    model than `forward` does: a recogniser, where that is a detector."""
    held = [vars(one).get("forward") for one in (owner, *type(owner).__mro__)]
    forwards = [getattr(unwrap(one), "__code__", None) for one in held if one is not None]
    return code in forwards or any(one and code.co_name in one.co_names for one in forwards)


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
