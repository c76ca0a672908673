from collections.abc import Iterator

import pytest
from helpers.local_server import LocalServer

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.kinds import CLIENTS, HTTP
from facewarden.detector.calls.taps.scripted import ScriptedGate


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer() as server:
        yield server


@pytest.fixture
def gate() -> ScriptedGate:
    return ScriptedGate()


@pytest.fixture
def taps(gate: ScriptedGate) -> Iterator[Taps]:
    """All clients, and the net under them."""
    taps = Taps(gate, (*CLIENTS, *HTTP))
    taps.install()
    yield taps
    taps.remove()
