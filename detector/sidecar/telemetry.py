"""Traces and numbers for a collector of OpenTelemetry, by OTLP over HTTP, where one is named: the extra `otel`.

A span for each decision, a child of the span in whose `traceparent` the question came; and the gauges and counters that
`/metrics` has. Both are sent by threads of the SDK: where the collector is gone they are lost, and nobody waits.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, Final

from prometheus_client import CollectorRegistry
from starlette.types import Scope

from ..errors import MissingLibrary
from ..records import Judged
from ..release import release

# Seconds that a collector has to take what it is sent, tries together: a service that ends waits so long, twice.
_PATIENCE_S: Final = 3.0
# The `traceparent` of the question that is being answered.
_parent: ContextVar[str] = ContextVar("traceparent", default="")


def of_trace(traceparent: str) -> None:
    """Decisions from here on, in this context, are of the trace that a question names; of none where it is empty."""
    _parent.set(traceparent)


class Telemetry:
    """Sends them.

    Args:
        url: of the collector: `http(s)://HOST:PORT`, below which it has `/v1/traces` and `/v1/metrics`.

    Raises:
        MissingLibrary: OpenTelemetry is not installed.
    """

    def __init__(self, url: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.metrics import MeterProvider
            from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ImportError as error:
            raise MissingLibrary("--otlp needs OpenTelemetry; pip install 'facewarden[otel]'") from error
        about = Resource.create({"service.name": "facewarden", "service.version": release()})
        self._traces: Any = TracerProvider(resource=about, shutdown_on_exit=False)
        self._traces.add_span_processor(BatchSpanProcessor(_to(OTLPSpanExporter, f"{url}/v1/traces")))
        self._tracer: Any = self._traces.get_tracer("facewarden")
        self._context: Any = TraceContextTextMapPropagator()
        reader = PeriodicExportingMetricReader(_to(OTLPMetricExporter, f"{url}/v1/metrics"))
        self._numbers: Any = MeterProvider([reader], about, shutdown_on_exit=False)

    def offer(self, registry: CollectorRegistry) -> None:
        """All gauges and counters of a registry, as they stand whenever they are sent."""
        meter = self._numbers.get_meter("facewarden")
        makers = {"gauge": meter.create_observable_gauge, "counter": meter.create_observable_counter}
        for family in list(registry.collect()):
            if family.type in makers:
                makers[family.type](family.name, [_observed(registry, family.name)], description=family.documentation)

    def heard(self, scope: Scope) -> None:
        """A question has come: decisions from here on, in this context, are of its trace."""
        of_trace(next((value.decode("latin-1") for key, value in scope["headers"] if key == b"traceparent"), ""))

    def decided(self, judged: Judged) -> None:
        """A call was decided on."""
        call, decision = judged.call, judged.decision
        said = {
            "effect": decision.effect, "rules": list(decision.deciding), "refused": judged.refused, "id": call.id,
            "source": judged.found.source if judged.found else call.source, "service": call.service, "task": call.task,
        }  # fmt: skip
        attributes = {f"facewarden.{key}": value for key, value in said.items() if value is not None}
        above = self._context.extract({"traceparent": _parent.get()})
        self._tracer.start_span("facewarden decision", above, attributes=attributes).end()

    def close(self) -> None:
        """Send what there is; waits for a collector that is slow, a few seconds."""
        self._traces.shutdown()
        self._numbers.shutdown(timeout_millis=5000)


def _to(exporter: Callable[..., Any], url: str) -> Any:
    return exporter(endpoint=url, timeout=_PATIENCE_S)


def _observed(registry: CollectorRegistry, name: str) -> Callable[[Any], Iterable[Any]]:
    from opentelemetry.metrics import Observation

    def observe(_: Any) -> Iterable[Any]:
        for family in registry.collect():
            if family.name == name:
                found = (one for one in family.samples if not one.name.endswith("_created"))
                return [Observation(float(one.value), one.labels) for one in found]
        return []

    return observe
