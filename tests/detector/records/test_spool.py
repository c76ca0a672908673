# pyright: standard
import os
import signal
from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Any

import pytest

from facewarden.detector.calls import Call
from facewarden.detector.calls.attribution import Attribution
from facewarden.detector.ledger import open_record
from facewarden.detector.policy import decide, load_packs
from facewarden.detector.records import Decided, JsonLines, Judged, read_entries, write
from facewarden.detector.records import spool as spools
from facewarden.detector.records.here import event
from facewarden.detector.records.jsonl import CALLS
from facewarden.detector.records.lines import Kind, Lines, own_of
from facewarden.detector.records.spool import SLOTS, Spool, finish_all, spool_of

FACTS = {"service": "azure_openai", "operator": "us_police"}
DECISION = decide(FACTS, load_packs(["microsoft"]))
FOUND = Attribution("lobby", "content", 0.87654, 2.5)


def judged(name: str, refused: bool = False) -> Judged:
    return Judged(time(), Call(service="local", model="m", id=name), FOUND, DECISION, refused, FACTS)


def kind_of(call: Judged) -> Kind:
    lines = Lines()
    return lines.kind(call) or lines.kind(call)  # pyright: ignore[reportReturnType]


def noting(spool: Spool) -> Callable[[str], bool]:
    kind = kind_of(judged("the first"))
    spool.add(kind)

    def note(name: str) -> bool:
        own = own_of(judged(name))
        return own is not None and spool.note(kind, own)

    return note


def names(folder: Path) -> list[str | None]:
    return [entry.id for entry in read_entries(folder / CALLS) if isinstance(entry, Decided)]


def left(folder: Path) -> list[Path]:
    return sorted(folder.glob(".noted-*"))


def appender(folder: Path) -> Callable[[bytes], None]:
    def add(lines: bytes) -> None:
        with (folder / CALLS).open("ab") as file:
            file.write(lines)

    return add


def test_what_is_noted_is_written_as_it_would_have_been_at_once(tmp_path: Path) -> None:
    calls = [judged(f"r-{number}") for number in range(5)]
    sink = JsonLines(tmp_path)
    for call in calls:
        sink.put(call)
    sink.close()

    assert (tmp_path / CALLS).read_bytes() == b"".join(write(call.as_entry()) + b"\n" for call in calls)
    assert left(tmp_path) == []


def test_what_is_refused_and_what_else_happens_comes_behind_what_was_noted_before(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path)
    for number in range(3):
        sink.put(judged(f"r-{number}"))
    sink.put(judged("refused", refused=True))

    assert names(tmp_path) == ["r-0", "r-1", "r-2", "refused"]
    sink.close()


@pytest.mark.parametrize("reopen", [JsonLines, open_record])
def test_what_a_killed_process_has_noted_is_written_by_who_opens_the_record_next(
    tmp_path: Path, reopen: Callable[[Path], JsonLines]
) -> None:
    child = os.fork()
    if not child:
        sink = JsonLines(tmp_path)
        for number in range(2000):
            sink.put(judged(f"r-{number}"))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert left(tmp_path)
    reopen(tmp_path).close()

    assert names(tmp_path) == [f"r-{number}" for number in range(2000)]
    assert left(tmp_path) == []


def test_what_a_process_that_runs_has_noted_is_left_to_it(tmp_path: Path) -> None:
    spool = spool_of(tmp_path)
    note = noting(spool)
    assert note("one")
    finish_all(tmp_path, tmp_path / CALLS, appender(tmp_path))
    assert left(tmp_path) == [spool.path]
    spool.write(tmp_path / CALLS, appender(tmp_path))
    spool.close()

    assert names(tmp_path) == ["one"]


@pytest.mark.parametrize("written", [0, 1, 2, 3])
def test_what_was_written_before_a_process_was_killed_is_not_written_again(tmp_path: Path, written: int) -> None:
    child = os.fork()
    if not child:
        note = noting(spool := spool_of(tmp_path))
        for number in range(3):
            note(f"r-{number}")

        def killed_half_way(lines: bytes) -> None:
            appender(tmp_path)(b"".join(lines.splitlines(keepends=True)[:written]))
            os.kill(os.getpid(), signal.SIGKILL)

        appender(tmp_path)(write(judged("of another").as_entry()) + b"\n")
        spool.write(tmp_path / CALLS, killed_half_way)
    os.waitpid(child, 0)
    finish_all(tmp_path, tmp_path / CALLS, appender(tmp_path))

    assert names(tmp_path) == ["of another", "r-0", "r-1", "r-2"]


def test_there_is_no_more_room_than_slots_and_what_is_written_makes_room(tmp_path: Path) -> None:
    note = noting(spool := spool_of(tmp_path))
    noted = 0
    while note(f"r-{noted}"):
        noted += 1
    assert SLOTS // 2 < noted < SLOTS
    spool.write(tmp_path / CALLS, appender(tmp_path))
    assert note(f"r-{noted}")
    spool.write(tmp_path / CALLS, appender(tmp_path))
    spool.close()

    assert names(tmp_path) == [f"r-{number}" for number in range(noted + 1)]


def test_a_thread_that_never_comes_to_note_its_call_does_not_hold_up_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = noting(spool := spool_of(tmp_path))
    note("one")
    pack, late = spools._PACK, list[tuple[Any, ...]]()
    monkeypatch.setattr(spools, "_PACK", lambda *args: late.append(args))
    note("interrupted")
    monkeypatch.setattr(spools, "_PACK", pack)
    note("three")
    add = appender(tmp_path)
    spool.write(tmp_path / CALLS, add)
    assert names(tmp_path) == ["one"]
    spool.write(tmp_path / CALLS, add)
    assert names(tmp_path) == ["one", "three"]

    pack(*late[0])
    assert spool._is_late(2), "its thread is told, and writes it otherwise"
    spool.close()


def test_a_forked_child_has_notes_of_its_own(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path)
    for number in range(3):
        sink.put(judged(f"parent {number}"))
    child = os.fork()
    if not child:
        for number in range(3):
            sink.put(judged(f"child {number}"))
        os._exit(0)
    os.waitpid(child, 0)
    sink.close()

    expected = [f"{who} {number}" for who in ("child", "parent") for number in range(3)]
    assert sorted(filter(None, names(tmp_path))) == expected


def test_calls_of_more_kinds_than_are_remembered_lose_nothing(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path)
    for number in range(1200):
        call = Call(service="local", model=f"model {number // 2}", id=str(number))
        sink.put(Judged(time(), call, FOUND, DECISION, False, FACTS))
    sink.close()

    assert names(tmp_path) == [*map(str, range(1200))]
    assert left(tmp_path) == []


def test_where_nothing_can_be_noted_each_call_is_written_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    sink = JsonLines(tmp_path)
    for number in range(5):
        sink.put(judged(f"r-{number}"))
    assert names(tmp_path) == [f"r-{number}" for number in range(5)]
    assert sink.failed is None
    sink.put(event("end", "over"))
    sink.close()


def test_a_program_that_closes_all_its_files_goes_on_and_loses_nothing(tmp_path: Path) -> None:
    child = os.fork()
    if not child:
        sink = JsonLines(tmp_path)
        for number in range(3):
            sink.put(judged(f"r-{number}"))
        os.closerange(3, 2000)
        for number in range(3, 50):
            sink.put(judged(f"r-{number}"))
        sink.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    JsonLines(tmp_path).close()

    assert names(tmp_path) == [f"r-{number}" for number in range(50)]


def test_a_call_of_a_longer_name_than_fits_is_written_at_once(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path)
    long = ["n" * length for length in (1, 41, 42, 300)]
    for name in long:
        sink.put(judged(name))
    assert names(tmp_path) == long
    sink.close()
