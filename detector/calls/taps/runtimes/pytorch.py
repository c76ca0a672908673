"""PyTorch: the outermost call of a module, TorchScript included."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from inspect import unwrap
from types import CodeType
from typing import Any, Final, cast
from weakref import WeakKeyDictionary, ref

from numpy.typing import NDArray

from ..arguments import Look, content_of, name_of
from ..handle import Handle
from ..interface import Gate
from ..patch import Patches
from ..tap import Tap

# So far from a module's call one is sought whose method was called by itself, and what such methods are called: trying
# what they do must do nothing else.
_FRAMES = 8
_METHODS: Final = re.compile("forward|embed|encode|extract|feature|represent")


class PyTorchTap(Tap):
    """`nn.Module.__call__`, where no other module has called it, the methods of TorchScript, and `torch.jit.load`. A
    module whose `forward` was called by itself, or a method like `embed` or timm's `forward_features`, is seen by the
    first of its own that is called with a picture; what the method does is what is tried.

    What goes unseen are functions that call no module; methods of other names are seen layer by layer. Steps of
    training are let through; and while `torch.jit.trace` records, when a look at a tensor would be recorded too, so is
    every call.
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

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self._methods: WeakKeyDictionary[Any, dict[str, _Method]] = WeakKeyDictionary()

    def adopt(self, holder: Any) -> Handle:
        """A module becomes a model when it is first called from outside; there is no other sign of it."""
        name = holder.name if isinstance(holder, _Method) else type(holder).__name__
        return self.gate.opened(self.runtime, name, run=partial(_run, self.module, ref(holder)))

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
        """What was called by itself and has called this module: another's `forward`, or a method of it; else this."""
        found, frame = module, sys._getframe(3)  # pyright: ignore[reportPrivateUsage]
        for _ in range(_FRAMES):
            code = frame.f_code
            if code.co_argcount and _METHODS.search(code.co_name):
                owner = frame.f_locals.get(code.co_varnames[0])  # whatever it is called there
                if isinstance(owner, self.module.nn.Module) and _is_own(code, owner):
                    found = owner if code.co_name == "forward" else self._method(owner, code.co_name, module)
            if frame.f_back is None:
                break
            frame = frame.f_back
        return found

    def _method(self, owner: object, name: str, module: Any) -> "_Method":
        return self._methods.setdefault(owner, {}).setdefault(name, _Method(owner, name, module))

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


def _is_own(code: CodeType, owner: object) -> bool:
    """Whether this is the code of a method of it, wrapped, inherited or put in its place."""
    held = (vars(one).get(code.co_name) for one in (owner, *type(owner).__mro__))
    return any(getattr(unwrap(one), "__code__", None) is code for one in held if callable(one))


class _Method:
    """A module's method, as a module; where it takes more than a picture, the module that it has called.

    Attributes:
        name: of both.
    """

    def __init__(self, owner: object, method: str, module: Any) -> None:
        self._owner, self._method, self._module = ref(owner), method, ref(module)
        self.name = f"{type(owner).__name__}.{method}"

    @property
    def training(self) -> bool:
        return getattr(self._owner(), "training", True)

    def parameters(self) -> Iterator[Any]:
        return cast(Any, self._owner()).parameters()

    def __call__(self, batch: Any) -> object:
        try:
            answer = getattr(self._owner(), self._method)(batch)
        except Exception:  # noqa: BLE001 - whatever the host's method makes of what it was not made for
            answer = None
        return cast(Any, self._module())(batch) if answer is None else answer


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
