import os
from pathlib import Path

import numpy as np

from facewarden.detector.clock import ManualClock
from facewarden.detector.records import Entry, Event, Looked, Verdict
from facewarden.detector.sight.account import Account, Sums, Verdicts
from facewarden.detector.sight.state import Coverage, SourceState
from facewarden.streams.push import PushSource
from facewarden.streams.synthetic import SyntheticSource


class Kept(list[Entry]):
    """Entries, in their order."""

    def of(self, kind: type[Entry]) -> list[Entry]:
        return [entry for entry in self if isinstance(entry, kind)]


def show(account: Account, state: SourceState, clock: ManualClock, seconds: float, rate: int = 10) -> None:
    """Pictures of a street for so long, as they come."""
    source = PushSource(state.name, now=clock.now)
    for number in range(round(seconds * rate)):
        clock.advance(1 / rate)
        picture = np.full((48, 64), number % 7, np.uint8)
        frame = source.frame(picture, at=clock.seconds, layout="gray")
        state.observe(frame)
        account.seen(frame, state)


def test_every_second_of_a_source_is_told_once_by_what_became_of_it() -> None:
    kept, clock = Kept(), ManualClock(100.0)
    account, state = Account(kept.append, clock), SourceState("lobby")
    show(account, state, clock, 5)
    account.tell()
    clock.advance(20)
    account.tell()
    show(account, state, clock, 3)
    account.tell()

    told = [entry.seconds for entry in kept if isinstance(entry, Looked)]
    assert sum(one["absent"] for one in told) == 19  # there was a picture in the one in which they begin
    assert sum(sum(one.values()) for one in told) == 27  # the second that is under way is in the next
    pictures = [entry.pictures for entry in kept if isinstance(entry, Looked)]
    assert sum(one["analysed"] + one["skipped"] for one in pictures) == 80


def test_where_nothing_is_new_nothing_is_told_and_what_has_begun_anew_is_told_from_its_beginning() -> None:
    kept = Kept()
    sums = Sums(kept.append)
    for seconds, frames in ((10, 100), (10, 100), (12, 120), (3, 30)):
        sums.tell("lobby", {"seen": seconds}, Coverage(frames, frames, 0, 0, 0, float(seconds)))

    assert [entry.seconds["seen"] for entry in kept if isinstance(entry, Looked)] == [10, 2, 3]
    assert [entry.pictures["analysed"] for entry in kept if isinstance(entry, Looked)] == [100, 20, 30]


def test_what_contradicts_what_was_believed_is_told_once_with_its_moment() -> None:
    kept, state = Kept(), SourceState("lobby")
    verdicts = Verdicts(kept.append)
    for number in range(3):
        state.events.append(Event("camera", float(number), "moves", "lobby"))
        verdicts.look(state)
        verdicts.look(state)

    assert [(entry.at, entry.source) for entry in kept if isinstance(entry, Event)] == [
        (0.0, "lobby"),
        (1.0, "lobby"),
        (2.0, "lobby"),
    ]


def test_verdicts_are_told_when_they_turn() -> None:
    kept, clock = Kept(), ManualClock()
    account, state = Account(kept.append, clock), SourceState("patrol")
    for frame in SyntheticSource("body", seed=17, seconds=4, fps=10, size=(320, 180)):
        state.observe(frame)
        account.seen(frame, state)

    assert next(entry.mobility.value for entry in kept if isinstance(entry, Verdict)) == "mobile"


def test_a_forked_child_accounts_for_what_it_has_seen_itself(tmp_path: Path) -> None:
    kept, clock = Kept(), ManualClock()
    account, state = Account(kept.append, clock), SourceState("lobby")
    show(account, state, clock, 2)
    child = os.fork()
    if not child:
        account.tell()
        (tmp_path / "child").write_text(str(len(kept.of(Looked))))
        os._exit(0)
    os.waitpid(child, 0)
    account.tell()

    assert (tmp_path / "child").read_text() == "0"
    assert len(kept.of(Looked)) == 1
