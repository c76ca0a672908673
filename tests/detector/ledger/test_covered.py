from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from facewarden.bench.truth.evidence.speed import CALL
from facewarden.detector.belief import EnvironmentBelief, MobilityBelief
from facewarden.detector.ledger.covered import Witness
from facewarden.detector.records import Ended, Entry, Event, Heartbeat, Looked, Started, Terms, Verdict

BEGAN = datetime(2026, 11, 26, 10, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def witnessed(*entries: Entry) -> Witness:
    witness = Witness()
    for entry in entries:
        witness.add(entry)
    return witness


def started(pid: int, seconds: float) -> Started:
    return Started(pid=pid, time=at(seconds), python="3.11", executable="python", text="")


def test_a_record_says_how_long_it_was_silent_and_who_did_not_end() -> None:
    found = witnessed(
        started(1, 0),
        started(2, 1),
        Heartbeat(pid=1, time=at(10), entries=1, running=10.0),
        Ended(pid=1, time=at(70)),
    ).answer()
    assert (found.seconds, found.silent, found.processes, found.unended) == (70.0, 60.0, 2, (2,))
    assert next(found.lines()) == (
        "2026-11-26 10:00:00 to 2026-11-26 10:01:10 UTC: 70 s, of which nobody said anything for 60 s; 2 processes "
        "watched, 1 of them without an end"
    )


def test_calls_are_counted_by_how_it_is_known_whose_picture_was_in_them() -> None:
    call = replace(CALL, time=at(0), attributed_by="content")
    found = witnessed(call, call, replace(call, attributed_by=None, packs={"azure-face": "9" * 64})).answer()
    assert found.calls == {"content": 2, "nobody's": 1}
    assert found.attributed == 2
    assert found.packs["azure-face"] == (CALL.packs["azure-face"], "9" * 64)
    assert [*found.lines()][-2] == "3 calls, 2 of them of a known source (content 2, nobody's 1)"


def test_what_was_lost_or_not_watched_is_counted_by_kind() -> None:
    found = witnessed(
        *(Event(kind, None, "gone", time=at(0)) for kind in ("lost", "stream", "stream", "model"))
    ).answer()
    assert found.gaps == {"lost": 1, "stream": 2}
    assert "what may not have been seen: lost 1, stream 2" in found.lines()


def test_a_record_of_nothing_says_so() -> None:
    assert [*Witness().answer().lines()] == ["nothing was recorded"]


def test_of_each_source_it_says_since_when_it_was_judged_and_what_was_asked_before_that() -> None:
    call = replace(CALL, source="lobby", time=at(0))

    def verdict(seconds: float, camera: Literal["fixed", "unknown"]) -> Verdict:
        believed = MobilityBelief(value=camera)
        return Verdict(source="lobby", at=seconds, mobility=believed, environment=EnvironmentBelief(), time=at(seconds))

    lost = Event("stream", 6.0, "is lost", source="lobby", time=at(6))
    entries = call, verdict(1, "unknown"), call, verdict(4.2, "fixed"), call, verdict(5, "unknown"), lost
    found = witnessed(*entries, replace(call, source="yard")).answer()

    assert (
        str(found.sources["lobby"])
        == "judged from 4.2 s on; 3 calls, 2 of them before, stream 1; what became of its seconds was not recorded"
    )
    assert [*found.lines()][
        -1
    ] == "yard: never judged; 1 calls, 1 of them before; what became of its seconds was not recorded"


def test_the_seconds_of_a_source_are_added_up_by_what_became_of_them() -> None:
    def looked(pid: int, **seconds: float) -> Looked:
        pictures = {"analysed": 5, "skipped": 2}
        return Looked(source="lobby", seconds=seconds, pictures=pictures, time=at(0), pid=pid)

    found = witnessed(looked(1, seen=58, absent=2), looked(2, seen=3, skipped=4, dropped=1.5, unreadable=2)).answer()

    assert found.sources["lobby"].seconds == {"seen": 61, "absent": 2, "skipped": 4, "dropped": 1.5, "unreadable": 2}
    assert found.sources["lobby"].pictures == {"analysed": 10, "skipped": 4}
    assert str(found.sources["lobby"]).endswith(
        "looked at 61 s, skipped on purpose 4 s, shed 2 s, unreadable 2 s, not there 2 s"
    )


def test_it_says_by_which_software_and_packs_and_where_what_was_declared_has_changed() -> None:
    def terms(release: str, site: str) -> Terms:
        return Terms(release=release, site=site, packs={"eu-ai-act": "1" * 64}, off=(), mode="enforce", time=at(0))

    found = witnessed(terms("0.1.0", "a" * 64), terms("0.1.0", "b" * 64)).answer()

    assert (found.software, found.declared) == (("0.1.0",), ("a" * 64, "b" * 64))
    assert [*found.lines()][1] == (
        "by facewarden 0.1.0; packs: eu-ai-act 111111111111; declared: aaaaaaaaaaaa, bbbbbbbbbbbb"
    )
