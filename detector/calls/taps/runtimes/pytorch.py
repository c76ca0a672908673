"""PyTorch: the outermost call of a module, TorchScript included."""

import inspect
import random
import re
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import chain
from types import CodeType, FrameType
from typing import Any, Final, cast
from weakref import WeakKeyDictionary, ref

import numpy as np
from numpy.typing import NDArray

from ..arguments import Look, content_of, name_of
from ..handle import Handle
from ..interface import Gate
from ..patch import Patches
from ..tap import Tap

# So far from a module's call one is sought whose method was called by itself, and what such methods are called: trying
# what they do must do nothing else.
_FRAMES = 8
_OF_ANY_NUMBER: Final = (inspect.CO_VARARGS, inspect.CO_VARKEYWORDS)
_METHODS: Final = re.compile("forward|embed|encode|extract|feature|represent")
# Kinds of devices with random numbers of their own, as `torch.random.fork_rng` keeps them.
_WITH_CHANCE: Final = ("cuda", "xpu")


class PyTorchTap(Tap):
    """`nn.Module.__call__`, where no other module has called it with a tensor, the methods of TorchScript, and
    `torch.jit.load`. A module whose `forward` was called by itself, or a method like `embed` or timm's
    `forward_features`, is seen by the first of its own that is called with a picture; what the method does is what is
    tried.

    What goes unseen are functions that call no module; methods of other names are seen layer by layer. Steps of
    training are let through; and while `torch.jit.trace` records, when a look at a tensor would be recorded too, so is
    every call.
    """

    runtime = "pytorch"
    modules = ("torch",)

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self._methods: WeakKeyDictionary[Any, dict[str, _Method]] = WeakKeyDictionary()

    def patch(self, module: Any, patches: Patches) -> None:
        view = Look(self._fed, self._answered)
        patches.wrap(
            module.nn.Module,
            "__call__",
            lambda original: self.outermost(original, view, self._passes, self._of, self._has_none),
        )
        patches.wrap(module._C.ScriptMethod, "__call__", lambda original: self.outermost(original, view, self._passes))
        self.watch_opening(patches, module.jit, "load", self._loaded)

    def prove(self) -> bool:
        own = self.module.nn.Identity()
        model = self.model_of(own)
        own(self.module.empty(0))
        return model.counted == 1

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
        several = args and getattr(args[0], "ndim", 0) == 4 and len(args[0]) > 1
        return bool(several and self.module.is_grad_enabled() and _is_trained(module))

    def _has_none(self, *args: object, **kwargs: object) -> bool:
        """Whether a call is given no tensor, such as a picture as PIL or numpy have it."""
        if args and isinstance(args[0], self.module.Tensor):  # nearly all are
            return False
        return next(_tensors(self.module, (*args, *kwargs.values())), None) is None

    def _of(self, module: object) -> object:
        """What was called by itself and has called this module: another's `forward`, or a method of it; else this."""
        try:
            return self._caller_of(module, sys._getframe(3))  # pyright: ignore[reportPrivateUsage]
        except Exception:  # noqa: BLE001 - whatever the host's own methods were given
            return module

    def _caller_of(self, module: object, frame: FrameType) -> object:
        found = module
        for _ in range(_FRAMES):
            code = frame.f_code
            if code.co_argcount and _METHODS.search(code.co_name):
                owner, *given = _given(frame)  # whatever it is called there
                if isinstance(owner, self.module.nn.Module) and _is_own(code, owner) and not self._has_none(*given):
                    found = owner if code.co_name == "forward" else self._method(owner, frame, module) or found
            if frame.f_back is None:
                break
            frame = frame.f_back
        return found

    def _method(self, owner: object, frame: FrameType, module: object) -> "_Method | None":
        """A method; None for one that cannot be tried, where what it has called is more than a layer."""
        known, name = self._methods.setdefault(owner, {}), frame.f_code.co_name
        if name not in known:
            known[name] = _Method(owner, name, module, *_beside(self.module, frame))
        return None if known[name].fails and _has_parts(module) else known[name]

    def _fed(self, _: object, *args: object, **kwargs: object) -> Iterable[object]:
        return map(_array, _tensors(self.module, (*args, *kwargs.values())))

    def _answered(self, result: object, *_: object, **__: object) -> Iterable[object]:
        return map(_array, _tensors(self.module, result))


def _run(torch: Any, held: ref[Any], batch: NDArray[Any]) -> list[NDArray[Any]]:
    """Run a module on a batch as the host has it, which must not be training it: that would change its statistics."""
    module = held()
    if module is None:
        raise RuntimeError("the module is gone")
    if _is_trained(module):
        raise RuntimeError("the module is in training mode")
    weights = next(module.parameters(), None) if hasattr(module, "parameters") else None
    like = torch.empty(0) if weights is None else weights
    with torch.no_grad(), _unchanged(torch, module, like.device):
        answer = module(torch.from_numpy(batch).to(like.device, like.dtype))
    return [_array(tensor.float()) for tensor in _tensors(torch, answer)]


@contextmanager
def _unchanged(torch: Any, module: Any, device: Any) -> Generator[None]:
    """The host's random numbers go on afterwards as without us, and a module remembers what it did: what is exported in
    training mode, or cannot be told to leave it, learns from every picture. Whoever draws lots draws the same each
    time."""
    devices = [device] if device.type in _WITH_CHANCE else []
    buffers = [(one, one.clone()) for one in module.buffers()] if hasattr(module, "buffers") else []
    python, numpys = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices, device_type=device.type if devices else "cuda"):
        try:
            torch.default_generator.manual_seed(0)
            random.seed(0)
            np.random.seed(0)
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpys)
            for one, before in buffers:
                if not torch.equal(one, before):
                    one.copy_(before)


def _is_trained(module: Any) -> bool:
    """Whether a module is in training mode, and not what it is wrapped in alone; what `torch.export` made says so
    whatever it does, and has no other."""
    says_so = getattr(module, "training", False) and "train" not in getattr(module, "__dict__", ())
    return says_so and any(map(_would_learn, module.modules()))


def _would_learn(part: Any) -> bool:
    """Whether a part is in training mode, and has weights of its own."""
    own = chain(part.parameters(recurse=False), part.buffers(recurse=False))
    return part.training and next(own, None) is not None


def _is_own(code: CodeType, owner: object) -> bool:
    """Whether this is the code of a method of it, wrapped, inherited or put in its place."""
    held = (vars(one).get(code.co_name) for one in (owner, *type(owner).__mro__))
    return any(getattr(inspect.unwrap(one), "__code__", None) is code for one in held if callable(one))


def _given(frame: FrameType) -> list[object]:
    """What a function was given, its object first."""
    code = frame.f_code
    names = code.co_argcount + code.co_kwonlyargcount + sum(bool(code.co_flags & one) for one in _OF_ANY_NUMBER)
    return [frame.f_locals.get(name) for name in code.co_varnames[:names]]


def _beside(torch: Any, frame: FrameType) -> tuple[str, dict[str, object]]:
    """Of what a method was given the name of the picture, empty where that is no argument of its own, and the rest by
    name: plain values, and of tensors only what they are like, for one picture where there is something for each."""
    code = frame.f_code
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    given = dict(zip(names, _given(frame)[1:], strict=False))
    tensors: dict[str, Any] = {name: one for name, one in given.items() if isinstance(one, torch.Tensor)}
    picture = max(tensors, key=lambda name: tensors[name].ndim, default="")
    beside = {name: one for name, one in given.items() if _is_plain(one)}
    for name, one in tensors.items():
        of_each = one.ndim and tensors[picture].ndim and len(one) == len(tensors[picture])
        beside[name] = torch.ones_like(one[:1] if of_each else one)
    return picture, beside


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, cast(Iterable[object], value)))
    return isinstance(value, int | float | str | None)


def _for_each(value: Any, size: int) -> object:
    """What was given for one picture, for so many."""
    return value.expand(size, *value.shape[1:]) if getattr(value, "ndim", 0) and len(value) == 1 else value


def _has_parts(module: Any) -> bool:
    return next(module.children(), None) is not None


class _Method:
    """A module's method, as a module; where it cannot be tried, the module that it has called first, if that is more
    than a layer, of which any network may have one. What has taken one picture is not to be judged by its first module
    because it does not take another.

    Attributes:
        fails: whether it cannot be tried.
    """

    def __init__(self, owner: object, method: str, first: Any, picture: str, beside: dict[str, object]) -> None:
        self._owner, self._first, self._method = ref(owner), ref(first), method
        self._picture, self._beside = picture, beside
        self.name = f"{type(owner).__name__}.{method}"
        self.fails = self._worked = False

    @property
    def training(self) -> bool:
        return getattr(self._owner(), "training", True)

    def parameters(self) -> Iterator[Any]:
        return cast(Any, self._owner()).parameters()

    def modules(self) -> Iterator[Any]:
        return cast(Any, self._owner()).modules()

    def buffers(self) -> Iterator[Any]:
        return cast(Any, self._owner()).buffers()

    def __call__(self, batch: Any) -> object:
        beside = {name: _for_each(one, len(batch)) for name, one in self._beside.items()}
        method = getattr(self._owner(), self._method)
        try:
            answer = method(**{**beside, self._picture: batch}) if self._picture else method(batch, **beside)
        except Exception:
            if self._worked:
                raise
            self.fails, first = True, self._first()
            if first is None or not _has_parts(first):
                raise
            return first(batch)
        self._worked, self.fails = True, False
        return answer


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
