"""Requests and jobs that the program serves: what was read for one says nothing of the next, and the source that a
request declares in its baggage is that of the calls made for it."""

from collections.abc import Callable, Mapping
from inspect import iscoroutinefunction
from types import ModuleType
from typing import Any, cast

from ..attribution.declared import begin_job
from .patch import Function, Patches
from .tap import Tap

# From the arguments of what serves a request: its `baggage` header.
_Header = Callable[..., str]


def _none(*_: object, **__: object) -> str:
    return ""


def _wsgi(_: object, environ: Mapping[str, Any], *__: object, **___: object) -> str:
    return str(environ.get("HTTP_BAGGAGE") or "")


def _asgi(_: object, scope: Mapping[str, Any], *__: object, **___: object) -> str:
    return _of_scope(scope)


def _cycle(cycle: Any, *_: object, **__: object) -> str:
    return _of_scope(cycle.scope)


def _of_scope(scope: Mapping[str, Any]) -> str:
    headers = cast(list[tuple[bytes, bytes]], scope.get("headers") or [])
    return ",".join(value.decode("latin-1") for name, value in headers if name.lower() == b"baggage")


def _request(_: object, request: Any, *__: object, **___: object) -> str:
    return request.headers.get("baggage") or ""


def _tornado(handler: Any, *_: object, **__: object) -> str:
    return handler.request.headers.get("baggage") or ""


# By module: a class of it, the method that serves one request or job, and how the baggage is found. Servers go first
# and frameworks after, which know more of the request; a request that comes by both is begun twice.
_SERVES: dict[str, tuple[str, str, _Header]] = {
    "wsgiref.handlers": ("BaseHandler", "run", _none),
    "werkzeug.serving": ("WSGIRequestHandler", "run_wsgi", _none),
    "gunicorn.workers.sync": ("SyncWorker", "handle_request", _none),
    "gunicorn.workers.gthread": ("ThreadWorker", "handle_request", _none),
    "gunicorn.workers.base_async": ("AsyncWorker", "handle_request", _none),
    "waitress.task": ("WSGITask", "execute", _none),
    "uvicorn.protocols.http.h11_impl": ("RequestResponseCycle", "run_asgi", _cycle),
    "uvicorn.protocols.http.httptools_impl": ("RequestResponseCycle", "run_asgi", _cycle),
    "flask.app": ("Flask", "__call__", _wsgi),
    "django.core.handlers.wsgi": ("WSGIHandler", "__call__", _wsgi),
    "bottle": ("Bottle", "__call__", _wsgi),
    "pyramid.router": ("Router", "__call__", _wsgi),
    "starlette.applications": ("Starlette", "__call__", _asgi),
    "django.core.handlers.asgi": ("ASGIHandler", "__call__", _asgi),
    "quart.app": ("Quart", "__call__", _asgi),
    "aiohttp.web_app": ("Application", "_handle", _request),
    "tornado.web": ("RequestHandler", "_execute", _tornado),
    "rq.job": ("Job", "perform", _none),
    "huey.api": ("Huey", "_execute", _none),
    "dramatiq.worker": ("_WorkerThread", "process_message", _none),
}


class ServedTap(Tap):
    """One request of a WSGI or ASGI server, one job of Celery, RQ, Huey or Dramatiq, one piece of work for anyio's
    threads: each begins with nothing read."""

    runtime = "requests"
    modules = (*_SERVES, "celery.app.trace", "anyio.to_thread")

    def patch(self, module: ModuleType, patches: Patches) -> None:
        if module.__name__ == "celery.app.trace":
            patches.wrap(module, "build_tracer", self._tracing)
        elif module.__name__ == "anyio.to_thread":
            patches.wrap(module, "run_sync", self._handing)
        else:
            owner, name, header = _SERVES[module.__name__]
            patches.wrap(getattr(module, owner), name, lambda original: self._serving(original, header))

    def _serving(self, original: Function, header: _Header) -> Function:
        def begin(args: tuple[object, ...], kwargs: dict[str, object]) -> None:
            if self.armed:
                try:
                    begin_job(header(*args, **kwargs))
                except Exception:  # noqa: BLE001 - a request of a kind that we do not know is begun all the same
                    begin_job()

        def serve(*args: object, **kwargs: object) -> object:
            begin(args, kwargs)
            return original(*args, **kwargs)

        async def serve_async(*args: object, **kwargs: object) -> object:
            begin(args, kwargs)
            return await cast(Any, original)(*args, **kwargs)

        return serve_async if iscoroutinefunction(original) else serve

    def _tracing(self, original: Function) -> Function:
        """What Celery builds for each task, to run it."""

        def build(*args: object, **kwargs: object) -> object:
            return self._serving(cast(Function, original(*args, **kwargs)), _none)

        return build

    def _handing(self, original: Function) -> Function:
        """What is handed to a thread of anyio's runs in a copy of the context of who hands it over."""

        async def run(func: Callable[..., object], *args: object, **kwargs: object) -> object:
            return await cast(Any, original)(self._as_a_job(func) if self.armed else func, *args, **kwargs)

        return run

    def _as_a_job(self, func: Callable[..., object]) -> Callable[..., object]:
        def work(*args: object) -> object:
            begin_job(None)
            return func(*args)

        return work
