"""What holds for every client of a service, with the real library and a real server."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from helpers.clients import CLIENTS, EACH, PICTURE, SECRET, Client, installed
from helpers.local_server import LocalServer

from facewarden.detector.calls.aside import aside
from facewarden.detector.calls.taps import Taps, kinds
from facewarden.detector.calls.taps.scripted import ScriptedGate

watched = pytest.mark.usefixtures("taps")
every_client = pytest.mark.parametrize("client", EACH)
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the libraries' own, among each other


class Refused(Exception):
    """What the gate raises here."""


@every_client
@watched
def test_a_request_is_reported_once_with_what_it_asks_for(
    client: Client, server: LocalServer, gate: ScriptedGate
) -> None:
    client.ask(server.url)
    (call, pictures) = gate.requests[0]

    assert len(gate.requests) == 1
    assert call == msgspec.structs.replace(client.call, runtime=call.runtime)
    assert client.call.runtime in (None, call.runtime)
    assert pictures == [PICTURE]


@every_client
def test_the_host_gets_the_same_and_the_server_too(client: Client, server: LocalServer, gate: ScriptedGate) -> None:
    without = client.answer(server.url)
    bodies = [arrived.body for arrived in server.arrived]
    server.arrived.clear()
    taps = Taps(gate, (*kinds.CLIENTS, *kinds.HTTP))
    taps.install()
    try:
        assert client.answer(server.url) == without
    finally:
        taps.remove()
    assert [arrived.body for arrived in server.arrived] == bodies


@every_client
@watched
def test_a_refused_request_is_never_sent(client: Client, server: LocalServer, gate: ScriptedGate) -> None:
    gate.refusal = Refused()
    with pytest.raises(Refused):
        client.ask(server.url)
    assert server.arrived == []


@every_client
@watched
def test_after_a_refusal_the_next_request_is_judged_again(
    client: Client, server: LocalServer, gate: ScriptedGate
) -> None:
    gate.refusal = Refused()
    client.answer(server.url)
    gate.refusal = None
    client.ask(server.url)
    assert (len(gate.requests), len(server.arrived)) == (2, 1)


@every_client
def test_an_error_of_the_service_is_the_same(client: Client, server: LocalServer, gate: ScriptedGate) -> None:
    server.status = 500
    without = client.answer(server.url)
    taps = Taps(gate, (*kinds.CLIENTS, *kinds.HTTP))
    taps.install()
    try:
        assert client.answer(server.url) == without
    finally:
        taps.remove()


@every_client
@watched
def test_the_record_of_a_call_holds_no_picture_and_no_credentials(
    client: Client, server: LocalServer, gate: ScriptedGate
) -> None:
    client.ask(server.url)
    record = msgspec.json.encode(gate.requests[0][0])
    assert SECRET.encode() not in record
    assert b"JFIF" not in record
    assert b"/9j/" not in record


@every_client
@watched
def test_what_is_ours_is_not_reported(client: Client, server: LocalServer, gate: ScriptedGate) -> None:
    with aside():
        client.ask(server.url)
    assert gate.requests == []


@every_client
def test_removed_taps_let_everything_through(
    client: Client, server: LocalServer, gate: ScriptedGate, taps: Taps
) -> None:
    taps.remove()
    gate.refusal = Refused()
    client.ask(server.url)
    assert gate.requests == []


@every_client
def test_installed_twice_a_request_is_reported_once(
    client: Client, server: LocalServer, gate: ScriptedGate, taps: Taps
) -> None:
    taps.install()
    client.ask(server.url)
    assert len(gate.requests) == 1


@watched
def test_requests_of_many_threads_are_all_reported(server: LocalServer, gate: ScriptedGate) -> None:
    here = [client for client in CLIENTS if installed(client.library)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda client: client.answer(server.url), here * 4))
    assert len(gate.requests) == len(answers) == len(server.arrived) == 4 * len(here)


def test_every_tap_is_proven_without_anything_being_sent(server: LocalServer, gate: ScriptedGate, taps: Taps) -> None:
    for client in CLIENTS:
        if installed(client.library):
            client.ask(server.url)  # imports it
    gate.requests.clear()

    assert {state.state for state in taps.check()} <= {"on", "waiting"}
    assert gate.requests == []


def test_a_tap_that_somebody_has_taken_away_is_lost(taps: Taps) -> None:
    from http.client import HTTPConnection

    ours, HTTPConnection.request = HTTPConnection.request, vars(HTTPConnection.request)["__wrapped__"]
    states = {state.runtime: state for state in taps.check()}
    HTTPConnection.request = ours

    assert states["http.client"].state == "lost"


def test_nothing_is_left_behind() -> None:
    classes = [
        klass for tap in _armed_and_removed() for klass in list(vars(tap.module).values()) if isinstance(klass, type)
    ]
    ours = [klass for klass in classes for value in list(vars(klass).values()) if "calls/taps/" in str(_home(value))]
    assert ours == []


def _armed_and_removed() -> list[Any]:
    taps = Taps(ScriptedGate(), (*kinds.CLIENTS, *kinds.HTTP))
    for _ in range(100):
        taps.install()
        taps.remove()
    return [tap for tap in taps.taps if hasattr(tap, "module")]


def _home(value: Any) -> str | None:
    return getattr(getattr(value, "__code__", None), "co_filename", None) if callable(value) else None
