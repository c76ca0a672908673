"""What the taps of clients and of HTTP libraries have in common: each request is judged once, before it is sent."""

from abc import abstractmethod
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from inspect import iscoroutinefunction
from typing import Any

from ...aside import is_aside
from ...services import Request, candidates
from ..patch import Function, Patches
from ..tap import Tap

# From the arguments of a call: the method and the URL, which most calls need no more than; and the whole request.
Address = Callable[..., tuple[str, str]]
Reading = Callable[..., Request]

# Unlike `aside`, this hides nothing but requests: a model that runs while a request is made is a call of its own.
_judged: ContextVar[bool] = ContextVar("facewarden_judged", default=False)
_proving: ContextVar[bool] = ContextVar("facewarden_proving", default=False)

# Where a request of our own goes that is stopped before it is sent: nowhere, by a path that concerns a face service.
NOWHERE = "http://127.0.0.1:0/v1/vision/face"


class _Seen(BaseException):
    """A request of our own has come by; no host catches it."""


class ServiceTap(Tap):
    """The requests that one client or HTTP library sends."""

    @abstractmethod
    def probes(self) -> Iterable[Callable[[], object]]:
        """For each function that is watched, one that calls it to send a request to `NOWHERE`."""

    def prove(self) -> bool:
        token = _proving.set(True)
        try:
            return all(_is_seen(probe) for probe in self.probes())
        finally:
            _proving.reset(token)

    def watch_requests(self, patches: Patches, owner: Any, name: str, address: Address, reading: Reading) -> None:
        """Replace the function that sends a request.

        Args:
            patches: where to note it.
            owner, name: the class and its method, which may be a coroutine function.
            address: from its arguments, the method and the URL.
            reading: from its arguments, all of the request; asked only where the address calls for it.
        """

        def concerns(args: Any, kwargs: Any) -> bool:
            if not self.armed or _judged.get() or not candidates(*address(*args, **kwargs)):
                return False
            return self._judge(reading(*args, **kwargs))

        def wrapper(original: Function) -> Function:
            def send(*args: Any, **kwargs: Any) -> object:
                if not concerns(args, kwargs):
                    return original(*args, **kwargs)
                with _judging():
                    return original(*args, **kwargs)

            async def send_async(*args: Any, **kwargs: Any) -> object:
                asynchronous: Any = original
                if not concerns(args, kwargs):
                    return await asynchronous(*args, **kwargs)
                with _judging():
                    return await asynchronous(*args, **kwargs)

            return send_async if iscoroutinefunction(original) else send

        patches.wrap(owner, name, wrapper)

    def _judge(self, request: Request) -> bool:
        from ...services.understand import understand

        call = understand(request, self.runtime)
        if call is None:
            return False
        if _proving.get():
            raise _Seen
        if not is_aside():
            self.gate.request(call, request.pictures(), request.header("baggage"))
        return True


@contextmanager
def _judging() -> Generator[None]:
    _judged.set(True)
    try:
        yield
    finally:
        _judged.set(False)  # without a token: an abandoned coroutine may be closed in another context


def _is_seen(probe: Callable[[], object]) -> bool:
    try:
        sent: Any = probe()
        if hasattr(sent, "send"):
            sent.send(None)  # a coroutine does not begin by itself
    except _Seen:
        return True
    return False
