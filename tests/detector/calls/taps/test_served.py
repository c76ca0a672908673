"""A request or a job begins with nothing read, whatever its thread has read before, and in the baggage it brings."""

import asyncio
import contextvars
import importlib
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from wsgiref.handlers import SimpleHandler

import pytest

from facewarden.detector.calls.attribution import Declared, Reading
from facewarden.detector.calls.attribution.declared import Request, served
from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.kinds import SERVED
from facewarden.detector.calls.taps.scripted import ScriptedGate
from facewarden.detector.calls.taps.served import _SERVES, ServedTap

BAGGAGE = "facewarden.source=desk"


@pytest.fixture(autouse=True)
def tapped() -> Iterator[None]:
    taps = Taps(ScriptedGate(), SERVED)
    taps.install()
    yield
    taps.remove()


@pytest.fixture
def reading() -> Reading:
    return Reading()


class Seen:
    """What is known of the source inside each request: as read, and as declared; then it reads a camera."""

    def __init__(self, reading: Reading) -> None:
        self.reading, self.declared, self.seen = reading, Declared(), list[tuple[str | None, str | None]]()

    def look(self) -> None:
        read, said = self.reading.source(), self.declared.source()
        self.seen.append((read and read.source, said and said.source))
        self.reading.read("cam")
        assert self.reading.source() is not None


def serve_wsgi(app: Any, headers: dict[str, str]) -> None:
    app({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "x", "SERVER_PORT": "1", **headers,
         "wsgi.url_scheme": "http"}, lambda *_: None)  # fmt: skip


def flask_app(seen: Seen) -> Callable[[str], None]:
    flask = pytest.importorskip("flask")
    app = flask.Flask("app")
    app.add_url_rule("/", view_func=lambda: seen.look() or "")
    return lambda baggage: serve_wsgi(app, {"HTTP_BAGGAGE": baggage})


def plain_wsgi(seen: Seen) -> Callable[[str], None]:
    import io

    def app(_: object, start: Any) -> list[bytes]:
        seen.look()
        start("200 OK", [])
        return []

    return lambda _: SimpleHandler(io.BytesIO(), io.BytesIO(), io.StringIO(), {}).run(app)


def scope(baggage: str) -> dict[str, Any]:
    headers = [(b"baggage", baggage.encode())] if baggage else []
    return {"type": "http", "method": "GET", "path": "/", "headers": headers, "query_string": b"", "root_path": ""}


async def nothing(*_: object) -> dict[str, Any]:
    return {"type": "http.request", "body": b""}


_LOOPS: list[asyncio.AbstractEventLoop] = []


def new_loop() -> asyncio.AbstractEventLoop:
    _LOOPS.append(asyncio.new_event_loop())
    return _LOOPS[-1]


@pytest.fixture(autouse=True)
def loops_end() -> Iterator[None]:
    yield
    while _LOOPS:
        _LOOPS.pop().close()


def starlette_app(in_a_thread: bool) -> Callable[[Seen], Callable[[str], None]]:
    def made(seen: Seen) -> Callable[[str], None]:
        pytest.importorskip("starlette")
        responses, routing = (
            importlib.import_module("starlette.responses"),
            importlib.import_module("starlette.routing"),
        )

        def endpoint(_: object) -> Any:
            seen.look()
            return responses.PlainTextResponse("")

        async def endpoint_async(request: object) -> Any:
            return endpoint(request)

        route = routing.Route("/", endpoint if in_a_thread else endpoint_async)
        app = importlib.import_module("starlette.applications").Starlette(routes=[route])
        loop = new_loop()
        return lambda baggage: loop.run_until_complete(app(scope(baggage), nothing, nothing))

    return made


def aiohttp_app(seen: Seen) -> Callable[[str], None]:
    web = pytest.importorskip("aiohttp.web")
    make = importlib.import_module("aiohttp.test_utils").make_mocked_request

    async def handler(_: object) -> Any:
        seen.look()
        return web.Response()

    app, loop = web.Application(), new_loop()
    app.router.add_get("/", handler)
    app.freeze()

    async def one(baggage: str) -> None:
        await app._handle(make("GET", "/", headers={"baggage": baggage} if baggage else {}))

    return lambda baggage: loop.run_until_complete(one(baggage))


def celery_task(seen: Seen) -> Callable[[str], None]:
    celery = pytest.importorskip("celery")
    task = celery.Celery("app", broker="memory://", backend="cache+memory://").task(seen.look, name="look")
    return lambda _: task.apply(throw=True) and None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("serves", "has_baggage"),
    [
        (flask_app, True),
        (plain_wsgi, False),
        (starlette_app(in_a_thread=False), True),
        (starlette_app(in_a_thread=True), True),
        (aiohttp_app, True),
        (celery_task, False),
    ],
)
def test_each_request_begins_anew(reading: Reading, serves: Callable[[Seen], Any], has_baggage: bool) -> None:
    def in_a_context_of_its_own() -> None:
        seen = Seen(reading)
        request = serves(seen)
        reading.read("before")
        for baggage in ("", BAGGAGE, ""):
            request(baggage)
        assert [read for read, _ in seen.seen] == [None] * 3
        assert [said for _, said in seen.seen] == ([None, "desk", None] if has_baggage else [None] * 3)

    contextvars.Context().run(in_a_context_of_its_own)


def test_work_that_a_request_hands_to_a_pool_is_done_for_its_source(reading: Reading) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from facewarden.detector.calls.attribution.declared import Request, begin_job
    from facewarden.detector.calls.taps.patch import Patches
    from facewarden.detector.calls.taps.threads import carry

    patches, declared = Patches(), Declared()
    carry(patches)

    def request() -> str | None:
        begin_job(Request("/", {"baggage": BAGGAGE}))
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(declared.source).result()
        return found and found.source

    try:
        assert contextvars.Context().run(request) == "desk"
        assert threading.Thread(target=reading.source).start() is None
    finally:
        patches.undo()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("serves", [flask_app, starlette_app(in_a_thread=True), aiohttp_app])
def test_the_path_and_the_headers_of_a_request_are_known_in_it(serves: Callable[..., Callable[[str], None]]) -> None:
    class Asked(Seen):
        def look(self) -> None:
            self.seen.append((served().path, served().headers.get("baggage")))

    asked = Asked(Reading())
    request = serves(asked)
    contextvars.Context().run(request, "a=b")
    assert asked.seen == [("/", "a=b")]


def test_a_server_s_own_request_has_a_path_without_its_query() -> None:
    for modules, arguments in (
        ("gunicorn.workers.sync", (None, None, SimpleNamespace(path="/in?a=b", headers=[("X-DEVICE", "7")]))),
        ("gunicorn.workers.gthread", (None, SimpleNamespace(path="/in?a=b", headers=[("X-DEVICE", "7")]))),
        ("werkzeug.serving", (SimpleNamespace(path="/in?a=b", headers={"X-Device": "7"}),)),
        ("waitress.task", (SimpleNamespace(request=SimpleNamespace(path="/in", headers={"X_DEVICE": "7"})),)),
    ):
        assert _SERVES[modules][2](*arguments) == Request("/in", {"x-device": "7"})


def test_its_modules_are_those_that_it_is_loaded_for() -> None:
    assert SERVED[0].modules == ServedTap.modules
