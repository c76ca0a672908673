"""Requests and jobs that the program serves: what was read for one says nothing of the next, and what a request
says, by its path, its headers and the baggage among them, is said of the calls made for it."""

from collections.abc import Callable, Mapping
from inspect import iscoroutinefunction
from types import ModuleType
from typing import Any, cast

from ..attribution.declared import Request, begin_job
from .patch import Function, Patches
from .tap import Tap

# From the arguments of what serves a request: it.
_Asked = Callable[..., Request]


def _none(*_: object, **__: object) -> Request:
    return Request()


def _wsgi(_: object, environ: Mapping[str, Any], *__: object, **___: object) -> Request:
    headers = {key[5:]: value for key, value in environ.items() if key.startswith("HTTP_")}
    return _request(environ.get("PATH_INFO"), headers)


def _handled(handler: Any, *_: object, **__: object) -> Request:
    return _wsgi(None, getattr(handler, "base_env", {}))


def _asgi(_: object, scope: Mapping[str, Any], *__: object, **___: object) -> Request:
    pairs = cast(list[tuple[bytes, bytes]], scope.get("headers") or [])
    headers: dict[str, str] = {}
    for name, value in ((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs):
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return _request(scope.get("path"), headers)


def _cycle(cycle: Any, *_: object, **__: object) -> Request:
    return _asgi(None, cycle.scope)


def _third(_: object, __: object, request: Any, *___: object, **____: object) -> Request:
    return _request(request.path, dict(request.headers))


def _second(_: object, request: Any, *__: object, **___: object) -> Request:
    return _request(request.path, dict(request.headers))


def _own(handler: Any, *_: object, **__: object) -> Request:
    return _second(None, handler)


def _its(task: Any, *_: object, **__: object) -> Request:
    return _second(None, task.request)


def _request(path: object, headers: Mapping[str, object]) -> Request:
    named = {name.lower().replace("_", "-"): str(value) for name, value in headers.items()}
    return Request(str(path or "").partition("?")[0], named)


# By module: a class of it, the method that serves one request or job, and how the request is found. Servers go first
# and frameworks after, which know more of the request; a request that comes by both is begun twice.
_SERVES: dict[str, tuple[str, str, _Asked]] = {
    "wsgiref.handlers": ("BaseHandler", "run", _handled),
    "werkzeug.serving": ("WSGIRequestHandler", "run_wsgi", _own),
    "gunicorn.workers.sync": ("SyncWorker", "handle_request", _third),
    "gunicorn.workers.gthread": ("ThreadWorker", "handle_request", _second),
    "gunicorn.workers.base_async": ("AsyncWorker", "handle_request", _third),
    "waitress.task": ("WSGITask", "execute", _its),
    "uvicorn.protocols.http.h11_impl": ("RequestResponseCycle", "run_asgi", _cycle),
    "uvicorn.protocols.http.httptools_impl": ("RequestResponseCycle", "run_asgi", _cycle),
    "flask.app": ("Flask", "__call__", _wsgi),
    "django.core.handlers.wsgi": ("WSGIHandler", "__call__", _wsgi),
    "bottle": ("Bottle", "__call__", _wsgi),
    "pyramid.router": ("Router", "__call__", _wsgi),
    "starlette.applications": ("Starlette", "__call__", _asgi),
    "django.core.handlers.asgi": ("ASGIHandler", "__call__", _asgi),
    "quart.app": ("Quart", "__call__", _asgi),
    "aiohttp.web_app": ("Application", "_handle", _second),
    "tornado.web": ("RequestHandler", "_execute", _its),
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
            owner, name, asked = _SERVES[module.__name__]
            patches.wrap(getattr(module, owner), name, lambda original: self._serving(original, asked))

    def _serving(self, original: Function, asked: _Asked) -> Function:
        def begin(args: tuple[object, ...], kwargs: dict[str, object]) -> None:
            if self.armed:
                try:
                    begin_job(asked(*args, **kwargs))
                except Exception:  # noqa: BLE001 - a request of a kind that we do not know is begun all the same
                    begin_job(Request())

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
