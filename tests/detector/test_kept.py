"""What is ruled is on record as it was ruled, in that order, however the disk under the record comes and goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facewarden.detector.admission import Admission
from facewarden.detector.calls import Call
from facewarden.detector.calls.attribution import Attribution
from facewarden.detector.enforcement import Enforcement
from facewarden.detector.facts import Settled
from facewarden.detector.judge import Judgement
from facewarden.detector.policy import Decision, held
from facewarden.detector.records import Decided, JsonLines, Recorder, read_entries
from facewarden.detector.records.appending import Appended
from facewarden.detector.records.jsonl import CALLS

FACTS = Settled({"task": "identification"}, {"task": "call"}, (), ())
RULED = {
    "open": Decision(effect="allow", rules=(), deciding=(), unknown=(), packs=(), explanation="No rule."),
    "closed": held("Nobody knows."),
}


@contextmanager
def breakable(folder: Path) -> Iterator[tuple[Recorder, list[bool]]]:
    """A record whose disk is full for as long as something is in the list."""
    full, add = list[bool](), Appended.add

    def added(file: Appended, line: bytes) -> None:
        if full:
            raise OSError(28, "No space left on device")
        add(file, line)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Appended, "add", added)
        yield Recorder(JsonLines(folder)), full


def on_record(folder: Path) -> list[tuple[str | None, bool]]:
    return [(entry.id, entry.refused) for entry in read_entries(folder / CALLS) if isinstance(entry, Decided)]


def gate(recorder: Recorder) -> Admission:
    return Admission(
        lambda call, pictures, baggage="": Attribution("desk", "call", 1.0),  # noqa: ARG005
        lambda call, source: Judgement(FACTS, RULED[str(call.task)]),  # noqa: ARG005
        Enforcement(),
        recorder,
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["open", "closed", "open", "closed", "full", "well", "wait"]), max_size=40))
def test_every_call_is_on_record_as_it_was_ruled_in_order_and_none_opens_once_the_record_has_failed(
    steps: list[str],
) -> None:
    ruled = list[tuple[str | None, bool]]()
    with TemporaryDirectory() as folder, breakable(Path(folder)) as (recorder, full):
        admission = gate(recorder)
        for number, step in enumerate(steps):
            if step in RULED:
                failed = recorder.failed
                refused = admission.admit(Call(task=step, id=str(number))).refused
                assert refused or (step == "open" and not (failed and recorder.failed))
                ruled.append((str(number), refused))
            elif step == "wait":
                sleep(0.03)  # in which what was noted is written, or cannot be
            else:
                full[:] = [True] * (step == "full")
        full.clear()
        recorder.close()
        assert on_record(Path(folder)) == ruled


def test_once_what_was_noted_cannot_be_written_calls_are_held_and_say_why_until_it_is(tmp_path: Path) -> None:
    with breakable(tmp_path) as (recorder, full):
        admission = gate(recorder)
        for number in range(3):  # all but the first of them are noted
            admission.admit(Call(task="closed", id=str(number)))
        full.append(True)
        admission.admit(Call(task="closed", id="3"))
        until(recorder, failed=True)
        ruling = admission.admit(Call(task="open", id="4"))
        full.clear()
        until(recorder, failed=False)
        assert not admission.admit(Call(task="open", id="5")).refused
        recorder.close()

    assert ruling.refused
    assert "cannot be written" in ruling.decision.explanation
    assert on_record(tmp_path) == [(str(number), number < 5) for number in range(6)]


def until(recorder: Recorder, failed: bool) -> None:
    end = monotonic() + 30
    while (recorder.failed is not None) is not failed:
        assert monotonic() < end, "it never came about"
        sleep(0.01)
