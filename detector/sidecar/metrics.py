"""What Prometheus is told."""

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ..policy import Decision
from ..records import Judged
from ..sight.thrift import LOOKINGS
from .onvif.analytics import OnvifAnswer
from .picture import STATES, Picture, SourceAnswer

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
# Seconds; the gate is to answer within 5 ms.
_GATE: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1)
_MOBILITY: Final = ("mobile", "fixed", "unknown")
# A rule name for what no rule decided, so that effects add up.
_NONE: Final = "none"


class Metrics:
    """Numbers of the service, each counted as it happens; those of sources are read from the last picture of them.

    Args:
        picture: the last picture of all sources.
    """

    def __init__(self, picture: Callable[[], Picture]) -> None:
        self.registry = CollectorRegistry()
        seconds = "From a question to its answer."
        self._gate = Histogram("facewarden_gate_seconds", seconds, ["door"], buckets=_GATE, registry=self.registry)
        self._effects = self._counter("decisions", "Calls decided on, by effect.", "effect")
        self._rules = self._counter("rule_decisions", "Calls by the rule that decided.", "rule", "effect")
        self._held = self._counter("held", "Calls held for want of a fact, by fact.", "fact")
        self._refused = self._counter("refused", "Calls that were refused.")
        self._open = self._counter("let_through", "Closed calls that the site lets through.", "rule")
        self._answers = self._counter("requests", "Requests by door and status.", "door", "status")
        self.reloads = self._counter("reloads", "Times that the site file was read again.", "result")
        self.sessions = self._counter("mediamtx_sessions", "Sessions that MediaMTX asked about.", "answer")
        self.kicks = self._counter("mediamtx_kicks", "Sessions ended because a verdict turned.", "result")
        self.registry.register(_Sources(picture))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._counted: dict[tuple[int, bool], tuple[Decision, list[Callable[[], None]]]] = {}
        self._took: dict[str, Callable[[float], None]] = {}
        self._by_door: dict[tuple[str, int], Callable[[], None]] = {}

    def took(self, door: str, seconds: float) -> None:
        """The gate has found an answer."""
        observe = self._took.get(door)
        if observe is None:
            observe = self._took[door] = self._gate.labels(door).observe
        observe(seconds)

    def answered(self, door: str, status: int) -> None:
        """A request was answered."""
        count = self._by_door.get((door, status))
        if count is None:
            count = self._by_door[door, status] = self._answers.labels(door, str(status)).inc
        count()

    def decided(self, judged: Judged) -> None:
        """A call was decided on."""
        key = (id(judged.decision), judged.refused)
        counted = self._counted.get(key)
        if counted is None or counted[0] is not judged.decision:
            counted = self._remember(key, judged)
        for count in counted[1]:
            count()

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self.registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"facewarden_{name}", about, labels, registry=self.registry)

    def _remember(self, key: tuple[int, bool], judged: Judged) -> tuple[Decision, list[Callable[[], None]]]:
        """What a decision counts for, found once: the same ones come again and again."""
        if len(self._counted) > 1000:
            self._counted.clear()
        counted = (judged.decision, list(self._counters(judged.decision, judged.refused)))
        self._counted[key] = counted
        return counted

    def _counters(self, decision: Decision, refused: bool) -> Iterator[Callable[[], None]]:
        yield self._effects.labels(decision.effect).inc
        for rule in decision.deciding or (_NONE,):
            yield self._rules.labels(rule, decision.effect).inc
        for fact in decision.unknown:
            yield self._held.labels(fact).inc
        if refused:
            yield self._refused.inc
        elif not decision.opens:
            for rule in decision.deciding or (_NONE,):
                yield self._open.labels(rule).inc


class _Sources(Collector):
    """What is known of each source, read when it is asked for."""

    def __init__(self, picture: Callable[[], Picture]) -> None:
        self._picture = picture

    def collect(self) -> Iterator[Metric]:
        picture = self._picture()
        yield GaugeMetricFamily("facewarden_ready", "Whether calls are decided on.", picture.readiness.ready)
        yield GaugeMetricFamily(
            "facewarden_record_ok", "Whether the record can be written.", picture.readiness.record is None
        )
        for name, about, value in _GAUGES:
            yield _family(GaugeMetricFamily(name, about, labels=["source"]), picture, value)
        for name, about, value in _COUNTERS:
            yield _family(CounterMetricFamily(name, about, labels=["source"]), picture, value)
        yield _by(picture, "facewarden_source_state", "1 for the state it is in.", "state", STATES, _state)
        yield _by(picture, "facewarden_source_mobility", "1 for the verdict on it.", "mobility", _MOBILITY, _mobility)
        pictures = CounterMetricFamily("facewarden_pictures", "By what became of them.", labels=["source", "fate"])
        seconds = CounterMetricFamily("facewarden_source_seconds", "By what became of them.", labels=["source", "fate"])
        reconnects = CounterMetricFamily("facewarden_reconnects", "And why.", labels=["source", "reason"])
        looking = GaugeMetricFamily("facewarden_source_looking", "1 for how.", labels=["source", "how"])
        looked = CounterMetricFamily("facewarden_looked_seconds", "By how closely.", labels=["source", "how"])
        for source in picture.sources.values():
            for fate in ("analysed", "skipped", "dropped", "unreadable"):
                pictures.add_metric([source.source, fate], getattr(source.coverage, fate))
            for fate, value in source.seconds.items():
                seconds.add_metric([source.source, fate], value)
            for reason, times in source.reconnects.items():
                reconnects.add_metric([source.source, reason], times)
            for how in LOOKINGS:
                looking.add_metric([source.source, how], how == source.looking)
            for how, seconds_so in source.looked.items():
                looked.add_metric([source.source, how], seconds_so)
        yield from (pictures, seconds, reconnects, looking, looked)


def _family(
    family: GaugeMetricFamily | CounterMetricFamily,
    picture: Picture,
    value: Callable[[SourceAnswer], float | None],
) -> Metric:
    for source in picture.sources.values():
        if (number := value(source)) is not None:
            family.add_metric([source.source], number)
    return family


def _by(
    picture: Picture, name: str, about: str, label: str, words: tuple[str, ...], word: Callable[[SourceAnswer], str]
) -> Metric:
    family = GaugeMetricFamily(name, about, labels=["source", label])
    for source in picture.sources.values():
        for one in words:
            family.add_metric([source.source, one], word(source) == one)
    return family


def _state(source: SourceAnswer) -> str:
    return source.state


def _mobility(source: SourceAnswer) -> str:
    return source.mobility.value


def _uncontrolled(source: SourceAnswer) -> float:
    return source.environment.value == "uncontrolled"


def _of_itself(read: Callable[[OnvifAnswer], float | None]) -> Callable[[SourceAnswer], float | None]:
    """What a camera does by itself, where it is asked that."""
    return lambda source: None if source.onvif is None else read(source.onvif)


def _p99(source: SourceAnswer) -> float:
    return source.cost_ms.p99 / 1000


_GAUGES: Final[tuple[tuple[str, str, Callable[[SourceAnswer], float | None]], ...]] = (
    ("facewarden_last_picture_seconds", "Since the last picture.", lambda source: source.last_picture),
    ("facewarden_late_seconds", "By which the last picture came later than the promptest.", lambda source: source.late),
    (
        "facewarden_clock_offset_seconds",
        "By which the camera's clock is behind ours.",
        lambda source: source.clock_offset,
    ),
    ("facewarden_source_uncontrolled", "Whether its environment is.", _uncontrolled),
    ("facewarden_mobility_confidence", "Of the verdict, 0..1.", lambda source: source.mobility.confidence),
    ("facewarden_picture_cost_p99_seconds", "Of processor time for a picture, 99 %.", _p99),
    ("facewarden_onvif_ok", "Whether it can be asked by ONVIF.", _of_itself(lambda said: said.problem is None)),
    ("facewarden_onvif_recognises", "Whether it recognises faces by itself.", _of_itself(lambda said: said.recognises)),
)
_COUNTERS: Final[tuple[tuple[str, str, Callable[[SourceAnswer], float | None]], ...]] = (
    ("facewarden_covered_seconds", "Of media time covered.", lambda source: source.coverage.seconds),
    ("facewarden_onvif_recognitions", "That it made by itself.", _of_itself(lambda said: said.recognitions)),
    ("facewarden_onvif_rules_removed", "That recognised faces.", _of_itself(lambda said: said.removed)),
)
