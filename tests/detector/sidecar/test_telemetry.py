"""What a collector of OpenTelemetry gets."""

import time
from contextvars import copy_context
from pathlib import Path

import httpx
import pytest
from helpers.local_server import LocalServer
from helpers.services import CALL, SITE, running

from facewarden.detector.errors import InputError
from facewarden.detector.sidecar import telemetry
from facewarden.detector.sidecar.settings import Options, settle
from facewarden.detector.site import Site

pytest.importorskip("opentelemetry.sdk")
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def test_decisions_come_as_spans_of_the_callers_trace_and_numbers_as_they_stand(tmp_path: Path) -> None:
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    (tmp_path / "site.toml").write_text(SITE)
    with LocalServer() as collector:
        with running(tmp_path / "site.toml", otlp=collector.url) as service:
            service.cameras.tell("street", clock_offset=1.5)
            service.look()
            service.http.post("/v1/authorize", json=CALL, headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
            service.ask(task="speech")
            assert 'clock_offset_seconds{source="street"} 1.5' in service.http.get("/metrics").text
        told = dict(collector.arrived)

    spans = ExportTraceServiceRequest.FromString(told["/v1/traces"]).resource_spans[0].scope_spans[0].spans
    said = {one.key: one.value.string_value for one in spans[0].attributes}
    assert (spans[0].trace_id.hex(), spans[0].parent_span_id.hex()) == (TRACE, SPAN)
    assert (said["facewarden.effect"], said["facewarden.source"]) == ("prohibited", "street")
    assert spans[1].trace_id.hex() != TRACE
    metrics = ExportMetricsServiceRequest.FromString(told["/v1/metrics"]).resource_metrics[0].scope_metrics[0].metrics
    decisions = next(one for one in metrics if one.name == "facewarden_decisions").sum.data_points
    assert {point.attributes[0].value.string_value: point.as_double for point in decisions} == {
        "prohibited": 1.0, "allow": 1.0,
    }  # fmt: skip


def test_spans_of_the_gateway_and_of_envoy_are_of_the_clients_trace(tmp_path: Path) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    grpc = pytest.importorskip("grpc")
    from facewarden.detector.protobuf import field
    from facewarden.detector.sidecar.doors.envoy_grpc import answer

    with LocalServer() as cloud, LocalServer() as collector:
        upstream = f'[upstreams.face]\nlisten = "127.0.0.1:0"\nkind = "rekognition"\nurl = "{cloud.url}"\n'
        upstream += '[upstreams.triton]\nlisten = "127.0.0.1:0"\nkind = "oip"\nurl = "grpc://127.0.0.1:1"\n'
        (tmp_path / "site.toml").write_text(SITE + upstream)
        with running(tmp_path / "site.toml", otlp=collector.url) as service:
            headers = {"traceparent": f"00-{TRACE}-{SPAN}-01", "x-amz-target": "RekognitionService.SearchFacesByImage"}
            url = f"http://{service.service.gateways.addresses['face']}/"
            assert httpx.post(url, content=b'{"CollectionId":"c"}', headers=headers).status_code == 200
            named = field(1, "traceparent") + field(2, f"00-{TRACE}-{SPAN}-01")
            http = field(2, "GET") + field(3, named) + field(4, "/") + field(5, "host")
            copy_context().run(answer, service.service.gate, field(1, field(4, field(2, http))))
            with grpc.insecure_channel(service.service.gateways.addresses["triton"]) as channel:
                infer = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
                with pytest.raises(grpc.RpcError):
                    infer(field(1, "arcface"), timeout=30, metadata=(("traceparent", headers["traceparent"]),))
        told = dict(collector.arrived)

    spans = ExportTraceServiceRequest.FromString(told["/v1/traces"]).resource_spans[0].scope_spans[0].spans
    assert [(one.trace_id.hex(), one.parent_span_id.hex()) for one in spans] == [(TRACE, SPAN)] * 3


def test_a_collector_that_is_not_there_keeps_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "_PATIENCE_S", 0.2)
    began = time.monotonic()
    (tmp_path / "site.toml").write_text(SITE)
    with running(tmp_path / "site.toml", otlp="http://127.0.0.1:1") as service:
        assert service.ask()["opens"] is False
    assert time.monotonic() - began < 10  # less than each of its two exporters would take by itself


def test_what_is_no_address_of_one_is_told() -> None:
    with pytest.raises(InputError, match="no address of a collector"):
        settle(Options(site=Path("site.toml"), otlp="localhost:4318"), Site())
