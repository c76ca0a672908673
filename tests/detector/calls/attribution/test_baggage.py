"""The source that a host declares in W3C baggage."""

# The libraries are there only after make services.
# pyright: reportMissingImports=false, reportMissingModuleSource=false

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.calls.attribution import Attribution, Declared
from facewarden.detector.calls.attribution.baggage import source_in


@pytest.mark.parametrize(
    ("header", "source"),
    [
        ("facewarden.source=unit-17", "unit-17"),
        ("a=1, facewarden.source = unit%2017 ;ttl=1,b=2", "unit 17"),
        ("facewarden.source=Z%C3%BCrich", "Zürich"),
        ("facewarden.source=a%2Cb", "a,b"),
        ("", None),
        ("facewarden.source", None),
        ("facewarden.source=", None),
        ("facewarden.source=%FF", None),
        ("other=unit-17", None),
        ("facewarden.source=unit-17" + "," * 8192, None),
    ],
)
def test_the_source_is_read_and_what_is_malformed_is_ignored(header: str, source: str | None) -> None:
    assert source_in(header) == source


@given(st.text())
def test_no_header_breaks_the_hosts_request(header: str) -> None:
    source_in(header)


def test_the_header_of_a_request_declares_the_source_of_its_call() -> None:
    assert Declared().source("facewarden.source=unit-17") == Attribution("unit-17", "baggage", 0.9)


def test_a_block_goes_before_a_header_and_a_header_before_what_is_being_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEWARDEN_SOURCE", "door")
    declared = Declared()
    with declared.block("desk"):
        assert declared.source("facewarden.source=street") == Attribution("desk", "block", 1.0)
    assert declared.source("facewarden.source=street") == Attribution("street", "baggage", 0.9)
    assert declared.source("") == Attribution("door", "environment", 0.9)


def test_the_baggage_of_opentelemetry_declares_it_as_well() -> None:
    pytest.importorskip("opentelemetry.baggage", reason="opentelemetry-api is not here: make services installs it")
    from opentelemetry import baggage, context

    token = context.attach(baggage.set_baggage("facewarden.source", "unit-17"))
    try:
        assert Declared().source() == Attribution("unit-17", "baggage", 0.9)
    finally:
        context.detach(token)
