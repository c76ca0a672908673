"""The source that a host declares in W3C baggage."""

# The libraries are there only after make services.
# pyright: reportMissingImports=false, reportMissingModuleSource=false

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.calls.services import Request
from facewarden.detector.calls.services.baggage import source_in
from facewarden.detector.calls.services.understand import understand

IDENTIFY = "https://x.cognitiveservices.azure.com/face/v1.0/identify"


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
    call = understand(Request("POST", IDENTIFY, {"Baggage": "facewarden.source=unit-17"}), "test")
    assert call is not None
    assert call.source == "unit-17"


def test_the_baggage_of_opentelemetry_declares_it_as_well() -> None:
    pytest.importorskip("opentelemetry.baggage", reason="opentelemetry-api is not here: make services installs it")
    from opentelemetry import baggage, context

    token = context.attach(baggage.set_baggage("facewarden.source", "unit-17"))
    try:
        call = understand(Request("POST", IDENTIFY), "test")
    finally:
        context.detach(token)
    assert call is not None
    assert call.source == "unit-17"
