"""Each line of a record stands in its ledger once, whoever wrote it and however that one ended."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from facewarden.detector.ledger import follower, open_record
from facewarden.detector.ledger.follower import POSITION, Follower
from facewarden.detector.ledger.journal import Journal
from facewarden.detector.ledger.place import LEDGER, make_ledger
from facewarden.detector.ledger.reading import kept
from facewarden.detector.ledger.verify import verify
from facewarden.detector.records import JsonLines, read
from facewarden.detector.records.entry import Event
from facewarden.detector.records.here import event

KILLED = """
import os, sys
from pathlib import Path
from facewarden.detector.records import JsonLines
from facewarden.detector.records.here import event
sink = JsonLines(Path(sys.argv[1]))
for number in range(100):
    sink.put(event("tap", str(number)))
os.kill(os.getpid(), 9)
"""


class Crash(Exception):
    """The process ends here."""


@pytest.fixture
def record(tmp_path: Path) -> Path:
    make_ledger(tmp_path / LEDGER)
    return tmp_path


def written(record: Path, *texts: str) -> None:
    sink = JsonLines(record)
    for text in texts:
        sink.put(event("tap", text))
    sink.close()


def texts(record: Path) -> list[str]:
    found = (read(entry.line) for entry in kept(record / LEDGER) if entry.line)
    return [entry.text for entry in found if isinstance(entry, Event)]


def follow(record: Path) -> int:
    return Follower(record, record / LEDGER).follow([])


def test_a_line_is_taken_over_once_whoever_follows(record: Path) -> None:
    written(record, "first", "second")
    assert (follow(record), follow(record)) == (2, 0)
    written(record, "third")

    assert follow(record) == 1
    assert texts(record) == ["first", "second", "third"]


def crash(record: Path, done: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Follow it, and end once so many entries are in the journal."""
    whole: Callable[..., None] = Journal.append

    def torn(journal: Journal, entries: list[bytes], before: Callable[[int], None]) -> None:
        whole(journal, entries[:done], before)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", torn)
        with pytest.raises(Crash):
            follow(record)


@pytest.mark.parametrize("done", [0, 1, 2, 3])
def test_after_a_crash_in_the_middle_the_rest_is_taken_over_and_nothing_twice(
    record: Path, done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(record, "before")
    follow(record)
    written(record, "first", "second", "third")
    crash(record, done, monkeypatch)
    written(record, "after")

    follow(record)
    assert texts(record) == ["before", "first", "second", "third", "after"]


def test_a_crash_before_the_place_was_written_down_loses_nothing(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(record, "first")

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(follower, "write_durably", crash)
        with pytest.raises(Crash):
            follow(record)

    follow(record)
    assert texts(record) == ["first"]


def test_half_a_line_waits_for_its_other_half(record: Path) -> None:
    written(record, "first")
    with (record / "events.jsonl").open("ab") as file:
        whole = b'{"schema":"facewarden.event/1","kind":"tap","at":null,"text":"second"}\n'
        file.write(whole[:20])
        file.flush()
        follow(record)
        assert texts(record) == ["first"]
        file.write(whole[20:])

    follow(record)
    assert texts(record) == ["first", "second"]


def test_a_line_that_is_no_json_is_in_the_ledger_as_such(record: Path) -> None:
    written(record, "first")
    with (record / "events.jsonl").open("ab") as file:
        file.write(b"\xff not JSON\n")

    follow(record)
    assert "is no JSON (sha256 " in texts(record)[1]


def test_a_file_that_was_begun_anew_is_followed_from_its_beginning(record: Path) -> None:
    written(record, "first", "second")
    follow(record)
    (record / "events.jsonl").rename(record / "events.1")
    written(record, "third")

    follow(record)
    assert texts(record) == ["first", "second", "third"]


def copied(record: Path) -> Path:
    """The record as a backup brings it back: the same bytes in other inodes."""
    copy = record / "copy"
    copy.mkdir()
    for name in ("events.jsonl", POSITION):
        shutil.copy(record / name, copy)
    return Path(shutil.copytree(record / LEDGER, copy / LEDGER)).parent


def test_a_record_that_was_copied_goes_on_where_it_was(record: Path) -> None:
    written(record, *(f"line {number}" for number in range(20)))
    follow(record)
    copy = copied(record)
    written(copy, "after")

    assert follow(copy) == 1
    assert texts(copy) == [*texts(record), "after"]


@pytest.mark.parametrize("done", [0, 1, 2])
def test_a_copy_made_in_the_middle_of_it_takes_over_the_rest(
    record: Path, done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(record, "before")
    follow(record)
    written(record, "first", "second")
    crash(record, done, monkeypatch)
    copy = copied(record)
    written(copy, "after")

    follow(copy)
    assert texts(copy) == ["before", "first", "second", "after"]


@pytest.mark.parametrize("erased", [0, 3, 18, 19])
def test_a_line_that_was_erased_brings_none_of_the_others_twice(record: Path, erased: int) -> None:
    lines = [b'{"time":"2026-11-28T00:00:%02dZ"}\n' % number for number in range(20)]
    (record / "calls.jsonl").write_bytes(b"".join(lines))
    follow(record)
    del lines[erased]
    (record / "aside").write_bytes(b"".join([*lines, b'{"after":1}\n']))
    (record / "aside").rename(record / "calls.jsonl")

    assert follow(record) == 1


def test_lines_that_anybody_may_write_again_do_not_hide_those_before_them_in_a_new_file(record: Path) -> None:
    written(record, "first", "again")
    follow(record)
    (record / "events.jsonl").unlink()
    written(record, "new", "again")

    follow(record)
    assert texts(record) == ["first", "again", "new", "again"]


def test_a_file_that_was_cut_to_nothing_and_goes_on_is_followed_from_its_beginning(record: Path) -> None:
    written(record, "first", "second")
    follow(record)
    os.truncate(record / "events.jsonl", 0)
    written(record, "third")
    follow(record)
    written(record, "fourth, so that it is longer than it was")

    follow(record)
    assert texts(record) == ["first", "second", "third", "fourth, so that it is longer than it was"]


def test_a_place_of_an_earlier_version_is_known_by_its_inode(record: Path) -> None:
    written(record, "first")
    follow(record)
    there = (record / "events.jsonl").stat()
    end = f'{{"events.jsonl":{{"inode":{there.st_ino},"offset":{there.st_size}}}}}'
    (record / POSITION).write_text(f'{{"begin":{end},"end":{end},"entries":1}}')
    written(record, "second")

    assert follow(record) == 1
    assert texts(record) == ["first", "second"]


def test_a_record_that_was_copied_and_gone_on_with_holds(tmp_path: Path) -> None:
    for name in ("one", "other"):
        record = open_record(tmp_path / name)
        record.put(event("tap", name))
        record.close()
        if name == "one":
            shutil.copytree(tmp_path / "one", tmp_path / "other")

    assert texts(tmp_path / "other") == ["one", "other"]
    assert verify(tmp_path / "other").holds


def test_what_a_killed_process_had_written_is_in_the_ledger(tmp_path: Path) -> None:
    record = open_record(tmp_path)
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    record.close()

    assert ended.returncode == -signal.SIGKILL
    assert texts(tmp_path) == [str(number) for number in range(100)]
    assert verify(tmp_path).holds


def test_two_who_have_it_open_keep_one_ledger(tmp_path: Path) -> None:
    one, other = open_record(tmp_path), open_record(tmp_path)
    one.put(event("tap", "one"))
    other.put(event("tap", "other"))
    one.close()
    other.put(event("tap", "again"))
    other.close()

    assert sorted(texts(tmp_path)) == ["again", "one", "other"]
    assert verify(tmp_path).holds


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_writes_lines_and_leaves_the_ledger_to_its_parent(tmp_path: Path) -> None:
    record = open_record(tmp_path)
    record.put(event("tap", "parent"))
    child = os.fork()
    if not child:
        record.put(event("tap", "child"))
        os._exit(0)
    os.waitpid(child, 0)
    record.close()

    assert sorted(texts(tmp_path)) == ["child", "parent"]


def test_a_place_that_cannot_be_read_is_told(record: Path) -> None:
    written(record, "first")
    (record / POSITION).write_text("{")

    with pytest.raises(OSError, match="cannot be read"):
        follow(record)
