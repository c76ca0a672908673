from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.calls import Call
from facewarden.detector.calls.attribution import Attribution
from facewarden.detector.policy import decide, held, load_packs
from facewarden.detector.records import Event, Judged, write
from facewarden.detector.records.lines import Lines

FACTS = {"service": "azure_openai", "operator": "us_police"}
DECISION = decide(FACTS, load_packs(["microsoft"]))
TEXTS = st.text(min_size=1) | st.sampled_from([',"at":null', '"time":', ',"attribution":null', '\\"'])
FOUND = st.builds(
    Attribution,
    TEXTS,
    st.sampled_from(["block", "content"]),
    st.floats(0, 1),
    st.none() | st.floats(0, 1e9, allow_nan=False),
)


NAMES = st.none() | st.text() | st.sampled_from([',"id":null', '"', "caf\u00e9"])


OWN = st.dictionaries(TEXTS, TEXTS, max_size=2)


@given(
    TEXTS,
    OWN,
    OWN,
    st.lists(st.tuples(st.none() | FOUND, st.floats(0, 2e9), st.booleans(), NAMES), min_size=1, max_size=4),
)
def test_a_call_s_line_is_its_entry_s_however_it_is_made(
    model: str,
    own: dict[str, object],
    facts: dict[str, object],
    calls: list[tuple[Attribution | None, float, bool, str | None]],
) -> None:
    lines = Lines()
    for found, time, refused, name in calls:
        call = Call(service="local", model=model, at=2.5, id=name, own=own, facts=facts)
        judged = Judged(time, call, found, DECISION, refused, FACTS)
        assert lines.line(judged) == (write(judged.as_entry()) + b"\n", True)


def test_what_a_call_brings_of_its_own_is_in_its_line() -> None:
    for call in (Call(own={"a": 1}), Call(facts={"camera": "fixed"}), Call(id="r-1"), Call(made_at=1.5)):
        judged = Judged(1e9, call, None, DECISION, False, FACTS)
        lines = Lines()
        assert [lines.line(judged) for _ in range(2)] == [(write(judged.as_entry()) + b"\n", True)] * 2


def test_calls_of_other_names_are_alike() -> None:
    lines = Lines()
    for number in range(9):
        judged = Judged(1e9, Call(id=f"r-{number}"), None, DECISION, False, FACTS)
        assert lines.line(judged)[0] == write(judged.as_entry()) + b"\n"
    assert len(lines._kinds) == 1


def test_calls_that_say_the_same_of_their_own_are_alike_and_others_are_not() -> None:
    lines = Lines()
    for own in ({"request": "GET /a"}, {"request": "GET /b"}):
        for number in range(3):
            judged = Judged(1e9, Call(id=f"r-{number}", own=dict(own)), None, DECISION, False, FACTS)
            assert lines.line(judged)[0] == write(judged.as_entry()) + b"\n"
    assert len(lines._kinds) == 2


def test_no_more_kinds_of_calls_are_remembered_than_fit() -> None:
    lines = Lines()
    for number in range(1200):
        judged = Judged(1e9, Call(model=str(number)), None, DECISION, False, FACTS)
        assert lines.line(judged)[0] == write(judged.as_entry()) + b"\n"
    assert len(lines._kinds) <= 500


def test_what_a_kind_is_known_by_outlives_a_call_that_is_held_after_all() -> None:
    lines, judged = Lines(), Judged(1e9, Call(), None, DECISION, False, FACTS)
    lines.line(judged)
    judged.hold(held("no room"), refused=True)
    [kind] = lines._kinds.values()
    assert kind.held[0] is DECISION
    assert kind.held[1] is FACTS


def test_another_entry_is_no_call() -> None:
    event = Event("tap", None, "on")
    assert Lines().line(lambda: event) == (write(event) + b"\n", False)
