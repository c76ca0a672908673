"""The measurement of a watched call; its figures are bench's own matter."""

import sys

import pytest

from facewarden.bench.speed import calls


def test_each_gate_is_measured_beside_the_bare_call() -> None:
    with calls.recognising() as gate:
        costs = calls.added({"unwatched": calls.tapped(watching=False), "watched": gate}, rounds=2, calls=20)

    assert {"unwatched", "watched"} <= costs.keys()
    assert "bare" not in costs


def test_without_opentelemetry_its_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    assert not calls.has_opentelemetry()
    assert "| an OpenTelemetry span | not installed |" in calls.report(rounds=1)


def test_the_gate_that_watches_is_asked_at_every_call() -> None:
    gate = calls.tapped(watching=True)
    calls.added({"watched": gate}, rounds=1, calls=10)

    assert len(gate.admitted) == 10 + 1
