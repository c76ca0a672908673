import asyncio
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import accumulate, permutations, product
from pathlib import Path
from threading import Barrier, Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from facewarden.detector import Call, Guard, InputError, ProhibitedInference, Site
from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.runtimes.onnx_runtime import OnnxRuntimeTap
from facewarden.detector.calls.taps.scripted import ScriptedGate
from facewarden.detector.environment.faces.network import SHIPPED, Network, NetworkFaces
from facewarden.detector.errors import FactError
from facewarden.detector.ledger.reading import entries
from facewarden.detector.ledger.verify import verify
from facewarden.detector.records import Decided, Heartbeat, Recorder
from facewarden.detector.records.sink import Failed
from facewarden.detector.sight.state import STALE_S, STOOD_FOR_S, Coverage, SourceState
from facewarden.detector.site.site import Grant
from facewarden.streams.frame import Frame
from facewarden.streams.push import PushSource
from facewarden.streams.source import Counters, open_source
from facewarden.streams.synthetic import SyntheticSource

GREY = np.zeros((36, 64), np.uint8)
IDENTIFY = Call(service="azure_openai", task="identification")
POLICE: dict[str, object] = {
    "operator": "non_us_le",
    "on_behalf_of": "nobody",
    "timing": "real_time",
    "surveillance": False,
    "limited_access_approved": True,
}
SITE = Site(
    operator=POLICE,
    places={
        "street": {"environment": "uncontrolled", "consent": "none", "city": "Street"},
        "desk": {"environment": "controlled", "consent": "valid", "camera": "fixed", "city": "Desk"},
    },
    cameras={"street": {"place": "street"}, "desk": {"place": "desk"}, "claimed": {"place": "street", "mount": "wall"}},
)


def pictures(stamps: Iterable[float], source: str = "cam") -> Iterator[Frame]:
    host = PushSource(source)
    return (host.frame(GREY, at, "gray") for at in stamps)


def watched(guard: Guard, stamps: Iterable[float]) -> SourceState:
    for frame in pictures(stamps):
        guard.observe(frame)
    return guard.watch("cam")


# --- coverage ---------------------------------------------------------------------------------------------------------


@given(
    steps=st.lists(st.one_of(st.floats(0, 0.2), st.floats(-30, 30)), max_size=60),
    live=st.booleans(),
    counters=st.builds(Counters, unreadable=st.integers(0, 9), dropped=st.integers(0, 9)),
)
def test_every_picture_is_counted_once_whatever_its_time(steps: list[float], live: bool, counters: Counters) -> None:
    coverage = watched(Guard(live=live), accumulate(steps)).coverage(counters)

    assert coverage.frames == len(steps) + counters.unreadable + counters.dropped
    assert coverage.frames == coverage.analysed + coverage.skipped + coverage.dropped + coverage.unreadable
    assert coverage.seconds >= 0


@pytest.mark.parametrize("rate", [10, 12, 15, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60, 120])
def test_about_ten_pictures_a_second_are_analysed_whatever_the_rate(rate: float) -> None:
    coverage = watched(Guard(live=False), (n / rate for n in range(int(20 * rate)))).coverage()

    assert coverage.analysed == pytest.approx(200, abs=3)
    assert coverage.seconds == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize("rate", [0.5, 1, 5, 9])
def test_every_picture_of_a_slow_stream_is_analysed(rate: float) -> None:
    coverage = watched(Guard(live=False), (n / rate for n in range(30))).coverage()
    assert (coverage.analysed, coverage.skipped) == (30, 0)


def test_pictures_that_a_host_pushed_too_fast_are_counted_as_dropped() -> None:
    guard = Guard(live=False)
    with PushSource("cam", depth=2) as host:
        for position in range(10):
            host.push(GREY, position / 10, "gray")
    for frame in host:
        guard.observe(frame)

    assert guard.watch("cam").coverage(host.counters) == Coverage(10, 2, 0, 8, 0, 1.0)


def test_a_source_that_was_never_seen_is_covered_by_nothing() -> None:
    assert Guard().watch("cam").coverage() == Coverage(0, 0, 0, 0, 0, 0.0)


def test_sources_are_counted_apart() -> None:
    guard = Guard(live=False)
    for frame in (*pictures([0.0, 0.1], "one"), *pictures([0.0], "other")):
        guard.observe(frame)

    assert [guard.watch(name).coverage().frames for name in ("one", "other")] == [2, 1]


def test_each_picture_that_is_handed_over_is_measured() -> None:
    watch = watched(Guard(live=False), (n / 30 for n in range(30)))
    cost = watch.cost.summary()

    assert watch.cost.count == 30
    assert 0 < cost.p50 <= cost.p99 <= cost.max


# --- budget -----------------------------------------------------------------------------------------------------------


def test_a_live_guard_over_its_budget_drops_pictures_and_counts_them() -> None:
    coverage = watched(Guard(budget_ms=0.0), (n / 10 for n in range(20))).coverage()

    assert (coverage.analysed, coverage.dropped) == (1, 19)


def test_a_replay_drops_nothing_however_slow_it_is() -> None:
    coverage = watched(Guard(live=False, budget_ms=0.0), (n / 10 for n in range(20))).coverage()

    assert (coverage.analysed, coverage.dropped) == (20, 0)


# --- to whom a call belongs -------------------------------------------------------------------------------------------


def city(guard: Guard, call: Call = IDENTIFY) -> object:
    return guard.judge(call).facts.facts.get("city")


def test_a_call_belongs_to_the_source_it_names() -> None:
    guard = Guard(SITE)
    with guard.source("street"):
        assert city(guard, Call(source="desk")) == "Desk"


def test_a_call_without_a_source_belongs_to_that_of_the_block_it_is_made_in() -> None:
    guard = Guard(SITE)
    with guard.source("street"):
        with guard.source("desk"):
            assert city(guard) == "Desk"
        assert city(guard) == "Street"


def test_a_block_leaves_nothing_behind() -> None:
    guard = Guard(SITE)
    with pytest.raises(ZeroDivisionError), guard.source("desk"):
        _ = 1 / 0
    assert city(guard) == city(Guard(SITE)) != "Desk"


def test_threads_attribute_their_calls_apart() -> None:
    guard, together = Guard(SITE), Barrier(2)

    def made_on(source: str) -> object:
        with guard.source(source):
            together.wait(timeout=10)
            return city(guard)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(made_on, ["street", "desk"])) == ["Street", "Desk"]


def test_a_block_does_not_reach_into_other_threads() -> None:
    guard, seen = Guard(SITE), list[object]()
    other = Thread(target=lambda: seen.append(city(guard)))
    with guard.source("desk"):
        other.start()
        other.join()
    assert seen == [city(Guard(SITE))] != ["Desk"]


def test_tasks_attribute_their_calls_apart() -> None:
    guard = Guard(SITE)

    async def made_on(source: str, together: asyncio.Barrier) -> object:
        with guard.source(source):
            await together.wait()
            return city(guard)

    async def both() -> tuple[object, object]:
        together = asyncio.Barrier(2)
        street, desk = await asyncio.gather(made_on("street", together), made_on("desk", together))
        return street, desk

    assert asyncio.run(both()) == ("Street", "Desk")


def test_a_task_begun_in_a_block_belongs_to_its_source() -> None:
    guard = Guard(SITE)

    async def made() -> object:
        return city(guard)

    async def begun_in_a_block() -> object:
        with guard.source("desk"):
            task = asyncio.create_task(made())
        return await task

    assert asyncio.run(begun_in_a_block()) == "Desk"


@pytest.mark.parametrize("order", list(permutations(["desk", "street", "garden"])))
def test_a_call_of_no_known_source_is_judged_by_the_strictest_of_all(order: tuple[str, ...]) -> None:
    guard = Guard(SITE)
    for name in order:
        guard.watch(name)

    facts, decision = guard.judge(IDENTIFY)
    assert (decision.effect, facts.facts["city"]) == ("prohibited", "Street")


def test_a_call_of_no_known_source_where_none_is_watched_is_judged_by_what_holds_for_the_site() -> None:
    assert Guard(Site(operator=POLICE)).authorise(IDENTIFY).effect == "hold"


# --- what a call brings -----------------------------------------------------------------------------------------------


def test_facts_of_the_call_prevail_over_those_declared_and_say_where_they_come_from() -> None:
    judged = Guard(SITE).judge(Call(source="desk", service="azure_openai", facts={"consent": "none"}))

    assert judged.decision.effect == "prohibited"
    assert [judged.facts.origins[name] for name in ("consent", "service", "operator")] == ["call", "call", "declared"]


def test_a_call_that_brings_what_is_no_fact_is_an_error() -> None:
    with pytest.raises(FactError, match="did you mean 'consent'"):
        Guard().authorise(Call(facts={"consnt": "valid"}))


def test_without_any_declaration_a_call_that_one_could_settle_is_held() -> None:
    decision = Guard().authorise(Call(source="cam", service="azure_openai"))
    assert (decision.effect, decision.opens) == ("hold", False)


# --- dates ------------------------------------------------------------------------------------------------------------


def test_the_day_is_todays_where_no_one_names_one() -> None:
    before = datetime.now(UTC).date().isoformat()
    judged = Guard().judge(IDENTIFY)
    after = datetime.now(UTC).date().isoformat()

    assert judged.facts.facts["date"] in (before, after)
    assert judged.facts.origins["date"] == "clock"


def test_a_day_given_to_the_guard_stands_in_for_the_clock() -> None:
    judged = Guard(date="2024-04-30").judge(IDENTIFY)
    assert (judged.facts.facts["date"], judged.facts.origins["date"]) == ("2024-04-30", "declared")


def test_a_day_that_the_call_names_prevails() -> None:
    judged = Guard(date="2024-04-30").judge(Call(facts={"date": "2026-11-22"}))
    assert (judged.facts.facts["date"], judged.facts.origins["date"]) == ("2026-11-22", "call")


@pytest.mark.parametrize("day", ["soon", "01.05.2024", "2024-5-1", ""])
def test_a_guard_refuses_a_day_that_is_none(day: str) -> None:
    """Compared as text it may lie outside every rule's dates, and open the gate."""
    with pytest.raises(InputError, match="YYYY-MM-DD"):
        Guard(date=day)


# --- to refuse --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "words"), [("street", "policy: Prohibited by"), ("elsewhere", "policy: Held: ")])
def test_a_closed_gate_raises_and_carries_the_decision(source: str, words: str) -> None:
    guard = Guard(SITE)
    call = Call(source=source, service="azure_openai")
    with pytest.raises(ProhibitedInference, match=words) as refused:
        guard.require(call)
    assert refused.value.decision == guard.authorise(call)


def test_an_open_gate_lets_the_call_pass() -> None:
    Guard(SITE).require(Call(source="desk", service="azure_openai"))


# --- authorisations, and judgements that are remembered ---------------------------------------------------------------


def test_an_authorisation_of_the_site_counts_for_the_calls_that_it_covers_until_its_last_day() -> None:
    grant = Grant({"limited_access_approved": True}, end=date(2026, 11, 22), tasks=("identification",))
    site = Site(facts={**POLICE, "consent": "valid", "camera": "fixed"}, authorisations={"approval": grant})
    site = structs.replace(site, facts={k: v for k, v in site.facts.items() if k != "limited_access_approved"})
    guard = Guard(site, live=False, date="2026-11-22")

    assert guard.judge(IDENTIFY).facts.origins["limited_access_approved"] == "authorisations.approval"
    assert guard.authorise(IDENTIFY).effect == "allow"
    assert guard.authorise(structs.replace(IDENTIFY, facts={"date": "2026-11-23"})).unknown == (
        "limited_access_approved",
    )
    assert guard.authorise(structs.replace(IDENTIFY, task="verification")).effect == "hold"


def test_a_rule_that_the_site_switches_off_is_off() -> None:
    site = structs.replace(SITE, off=("MS-AOAI-4",))
    call = Call(source="desk", service="azure_openai", facts={"consent": "none"})

    assert Guard(SITE, live=False).authorise(call).deciding == ("MS-AOAI-4",)
    assert Guard(site, live=False).authorise(call).packs[0].off == ("MS-AOAI-4",)


def test_a_call_of_the_same_kind_has_the_same_judgement_and_another_its_own() -> None:
    guard = Guard(SITE, live=False)
    first = guard.judge(Call(source="desk", service="azure_openai", at=1.0))

    assert guard.judge(Call(source="desk", service="azure_openai", at=2.0)) is first
    assert guard.judge(Call(source="street", service="azure_openai")) is not first
    assert guard.judge(Call(source="desk", service="azure_openai", facts={"consent": "none"})) is not first


def test_a_value_that_only_resembles_one_seen_before_is_an_error_all_the_same() -> None:
    guard = Guard(SITE, live=False)
    guard.judge(Call(source="desk", facts={"warrant": True}))
    with pytest.raises(FactError, match="'warrant' cannot be 1"):
        guard.judge(Call(source="desk", facts={"warrant": 1}))


# --- what is seen -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def patrol() -> Guard:
    """Has watched one worn camera, under the name of each declaration, and one that stands."""
    guard = Guard(SITE, live=False)
    for frame in open_source("synthetic:body?seed=1&seconds=8&fps=10", "street"):
        guard.observe(frame)
        guard.observe(replace(frame, source="claimed"))
    for frame in open_source("synthetic:fixed?seed=1&seconds=8&fps=10", "desk"):
        guard.observe(frame)
    return guard


def test_a_worn_camera_is_seen_to_be_mobile(patrol: Guard) -> None:
    mobility, _ = patrol.watch("street").beliefs

    assert mobility.value == "mobile"
    assert mobility.decided_at is not None
    assert 0 < mobility.decided_at < 8


def test_a_camera_on_a_wall_is_not_seen_to_be_mobile(patrol: Guard) -> None:
    mobility, _ = patrol.watch("desk").beliefs
    assert mobility.value != "mobile"


def test_what_is_seen_of_the_camera_prohibits_the_call(patrol: Guard) -> None:
    facts, decision = patrol.judge(Call(source="street", service="azure_openai", facts={"consent": "valid"}))

    assert (decision.effect, decision.deciding) == ("prohibited", ("MS-AOAI-2",))
    assert facts.origins["camera"] == "seen"


def test_before_the_camera_was_judged_the_call_is_held(patrol: Guard) -> None:
    call = Call(source="street", service="azure_openai", facts={"consent": "valid"})
    facts, decision = patrol.judge(call, at=0.0)

    assert (decision.effect, decision.unknown) == ("hold", ("camera",))
    assert "camera" not in facts.facts


def test_what_was_believed_counts_from_the_moment_it_was_decided(patrol: Guard) -> None:
    watch = patrol.watch("street")
    decided_at = watch.beliefs[0].decided_at or 0.0
    values = [watch.history.at(at).camera for at in (decided_at - 0.01, decided_at, 1e9)]

    assert values == ["unknown", "mobile", "mobile"]


def test_what_was_believed_at_any_time_is_remembered_as_it_was() -> None:
    """A camera that stands, is taken off its tripod, and travels."""
    watch, then = Guard(live=False).watch("cam"), list[tuple[float, str]]()
    for start, scene in ((0.0, "fixed"), (4.0, "body")):
        for frame in open_source(f"synthetic:{scene}?seed=1&seconds=4&fps=10", "cam"):
            watch.observe(replace(frame, media_time=start + frame.media_time))
            then.append((start + frame.media_time, watch.last.camera))

    assert [(at, watch.history.at(at).camera) for at, _ in then] == then
    assert len({value for _, value in then}) > 1


def handed(scene: str, seconds: float) -> list[Frame]:
    """Frames of a scene, as a host hands them over."""
    source = PushSource("cam")
    pictures = open_source(f"synthetic:{scene}?seed=1&seconds={seconds}&fps=10&size=320x180")
    return [source.frame(frame.luma, frame.media_time, "gray") for frame in pictures]


def test_a_camera_that_has_only_just_stood_still_settles_no_fact() -> None:
    """It may be a car that waits at a light when its recording begins."""
    watch = Guard(live=False).watch("cam")
    (parked,) = handed("dash", 0.1)
    for step in range(130):
        watch.observe(replace(parked, index=step, media_time=step / 10))
        decided_at = watch.beliefs[0].decided_at
        stood = decided_at is not None and step / 10 - decided_at >= STOOD_FOR_S
        assert watch.last.camera == ("fixed" if stood else "unknown")


def test_a_source_that_begins_anew_is_watched_anew() -> None:
    """The host closed its camera and opened it again, or another one in its place: the stamps begin at 0 again."""
    watch = Guard(live=False).watch("cam")
    for frame in [*handed("fixed", 12), *handed("body", 5)]:
        watch.observe(frame)

    assert watch.beliefs[0].value == "mobile"
    assert watch.coverage().seconds == pytest.approx(17.0, abs=0.2)


def test_what_stood_before_a_cut_says_nothing_of_what_comes_after_it() -> None:
    watch = Guard(live=False).watch("cam")
    frames = handed("fixed", 12)
    for frame in frames:
        watch.observe(frame)
    assert watch.last.camera == "fixed"

    watch.observe(replace(frames[-1], media_time=12.0, discontinuity="time stamps jumped ahead"))
    assert watch.last.camera == "unknown"


def test_a_live_camera_that_stood_and_went_silent_may_be_anywhere() -> None:
    watch, frames = Guard(live=True).watch("cam"), handed("fixed", 12)
    for frame in frames:
        watch.observe(frame)
    received = frames[-1].received_at

    assert watch.last.on(received + STALE_S - 0.1).camera == "fixed"
    assert watch.last.on(received + STALE_S + 0.1).camera == "unknown"


def test_a_call_of_no_known_source_is_judged_by_cameras_that_are_declared_and_not_yet_seen() -> None:
    site = Site(
        operator={"operator": "non_us_le", "on_behalf_of": "nobody"},
        facts={"timing": "real_time", "consent": "valid", "surveillance": False, "environment": "uncontrolled"},
        cameras={"lobby": {"mount": "wall"}, "unit-17": {"mount": "body"}},
    )
    guard = Guard(site, live=False)
    guard.watch("lobby")

    assert guard.authorise(Call(service="azure_openai")).effect == "prohibited"


def test_a_call_to_no_known_service_is_held() -> None:
    assert Guard(Site(operator={"operator": "us_police"})).authorise(Call(model="gpt-4o")).effect == "hold"


def test_a_camera_declared_fixed_and_seen_mobile_is_a_contradiction_and_prohibited(patrol: Guard) -> None:
    facts, decision = patrol.judge(Call(source="claimed", service="azure_openai", facts={"consent": "valid"}))

    assert (decision.effect, facts.contradictions) == ("prohibited", ("camera: declared fixed, seen mobile",))
    assert "mount" not in facts.facts


@pytest.mark.parametrize(("source", "task"), list(product(["street", "desk"], ["detection", "speech"])))
def test_what_is_no_recognition_passes_on_every_camera(patrol: Guard, source: str, task: str) -> None:
    assert patrol.authorise(Call(source=source, service="azure_openai", task=task)).opens


def test_the_guards_own_face_detector_is_no_model_of_the_host() -> None:
    gate, host = ScriptedGate(), PushSource("cam")
    taps = Taps(gate, [OnnxRuntimeTap])
    taps.install()
    try:
        guard = Guard(find_faces=lambda: NetworkFaces(Network(SHIPPED.read_bytes(), "models/faces.onnx")))
        guard.observe(host.frame(GREY, 0.0, "gray"))
    finally:
        taps.remove()

    assert guard.watch("cam").faces.looked_at == 1
    assert (gate.models, gate.admitted) == ([], [])


def test_a_guard_with_a_record_keeps_by_what_it_rules_what_it_sees_and_every_call(tmp_path: Path) -> None:
    guard = Guard(Site(facts={"operator": "us_police"}, packs=("eu-ai-act",)), record=tmp_path)
    for frame in SyntheticSource("body", seed=17, seconds=4, fps=10, size=(320, 180), name="unit-17"):
        guard.observe(frame)
    decision = guard.authorise(Call(service="local", task="identification"), source="unit-17")
    with guard.source("unit-17"):
        guard.authorise(Call(service="local", task="speech"))
    guard.close()
    guard.close()

    assert verify(tmp_path).holds
    told = [entry for _, entry in entries(tmp_path / "ledger")]
    calls = [entry for entry in told if isinstance(entry, Decided)]
    assert [(call.source, call.attributed_by) for call in calls] == [("unit-17", "call"), ("unit-17", "block")]
    assert calls[0].effect == decision.effect
    assert (calls[0].known["camera"], calls[0].origins["camera"]) == ("mobile", "seen")
    kinds = [type(entry).__name__ for entry in told if not isinstance(entry, Decided | Heartbeat)]
    assert (kinds[:2], kinds[-2:]) == (["Started", "Terms"], ["Looked", "Ended"])
    assert "Verdict" in kinds


def test_a_guard_whose_record_cannot_be_kept_holds_every_call() -> None:
    guard = Guard(Site(packs=("eu-ai-act",)), record=Recorder(Failed("no room")))
    assert guard.authorise(Call(task="speech")).effect == "hold"
    guard.close()
