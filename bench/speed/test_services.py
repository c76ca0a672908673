# pyright: standard
"""What the net under the clients adds to an HTTP request that concerns no face service."""

import tomllib
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from time import process_time_ns
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.clients.http import HttpClientTap, HttpxTap, Urllib3Tap
from facewarden.detector.calls.taps.scripted import ScriptedGate

BUDGETS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())["tests"]["services"]
URL, CALLS, ROUNDS = "https://api.example.com/v1/orders/1723/lines?page=2", 500, 60
SMALL, LARGE = b"x" * 100, b"x" * 50_000_000


@pytest.fixture
def taps() -> Iterator[Taps]:
    taps = Taps(ScriptedGate(), (HttpxTap, Urllib3Tap, HttpClientTap))
    taps.install()
    yield taps
    taps.remove()


class Nothing(HTTPConnection):
    """A connection that sends nothing, so that only what we add is measured."""

    def _send_request(self, *_: object) -> None:
        pass


def sender(library: str, body: bytes) -> tuple[Callable[[], object], Callable[[], object]]:
    """A request through a library's function that we watch, and the same through the function beneath."""
    if library == "http.client":
        connection = Nothing("api.example.com")
        given, function = (connection, "POST", URL, body), HTTPConnection.request
    else:
        httpx = pytest.importorskip("httpx", reason="httpx is not here: make services installs it")
        transport: Any = SimpleNamespace(_pool=None)
        given, function = (transport, httpx.Request("POST", URL, content=body)), httpx.HTTPTransport.handle_request
    beneath: Any = vars(function)["__wrapped__"]
    return (lambda: _quietly(function, given)), (lambda: _quietly(beneath, given))


def _quietly(function: Any, given: Any) -> None:
    try:  # noqa: SIM105 - suppress() would be measured as well
        function(*given)
    except AttributeError:
        pass  # httpx has no pool to send it through


def cost(send: Callable[[], object]) -> float:
    """Microseconds of the processor a call."""
    started = process_time_ns()
    for _ in range(CALLS):
        send()
    return (process_time_ns() - started) / CALLS / 1000


@pytest.mark.usefixtures("taps")
@pytest.mark.parametrize("library", ["http.client", "httpx"])
@pytest.mark.parametrize("size", ["small", "large"])
def test_a_request_of_no_concern_costs_no_more_than_its_budget(
    benchmark: BenchmarkFixture, library: str, size: str, slower: Callable[[], float]
) -> None:
    watched, beneath = sender(library, SMALL if size == "small" else LARGE)
    with_us, without = zip(*((cost(watched), cost(beneath)) for _ in range(ROUNDS)), strict=True)
    added = min(with_us) - min(without)  # the machine's other work only ever adds
    benchmark.extra_info["added_us"] = added
    benchmark.pedantic(watched, rounds=ROUNDS, iterations=10)

    assert added <= BUDGETS["added_us"] * slower()
