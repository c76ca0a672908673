import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from helpers import disks
from helpers.second import checkpoint, leaves, path, tree_hash
from msgspec.structs import replace

from facewarden.bench.truth.evidence.flaws import Flaws, flaws, make
from facewarden.bench.truth.evidence.kills import kill, texts
from facewarden.bench.truth.evidence.speed import CALL
from facewarden.detector.errors import InputError, RecordError
from facewarden.detector.ledger import open_record
from facewarden.detector.ledger.changes import erase, rotate
from facewarden.detector.ledger.note import NoteError
from facewarden.detector.ledger.proof import prove, proven
from facewarden.detector.ledger.public_keys import read_verifier
from facewarden.detector.ledger.reading import FORMATS, kept
from facewarden.detector.ledger.verify import Verification, verify
from facewarden.detector.records import read, read_entries
from facewarden.detector.records.here import event


def until(true: object) -> None:
    end = monotonic() + 30
    while not true():  # type: ignore[operator]
        assert monotonic() < end, "it never came about"
        sleep(0.01)


def places(found: Verification) -> list[str]:
    return [f"{fault.part} {fault.place.split()[0]}" for fault in found.faults]


def test_every_entry_of_the_lines_is_in_the_ledger_as_well(tmp_path: Path) -> None:
    sink = open_record(tmp_path)
    sink.put(CALL)
    sink.put(event("tap", "on"))
    sink.close()

    ledger = [read(entry.line) for entry in kept(tmp_path / "ledger")]
    assert ledger == [*read_entries(tmp_path / "calls.jsonl"), *read_entries(tmp_path / "events.jsonl")]
    found = verify(tmp_path)
    assert (found.holds, found.entries, found.waiting) == (True, 2, 0)


def test_a_second_reading_agrees(tmp_path: Path) -> None:
    make(tmp_path, 900)
    ledger = tmp_path / "ledger"
    size, root = checkpoint(ledger)
    entries = leaves(ledger, size)

    assert (size, len(entries), tree_hash(entries)) == (900, 900, root)
    lines = prove(ledger, 700).split("\n\n")[0].split("\n")
    import base64

    assert [base64.b64decode(line) for line in lines[3:]] == path(700, entries)


def test_a_proof_holds_without_the_ledger_and_for_no_other_entry(tmp_path: Path) -> None:
    make(tmp_path, 300)
    known = [read_verifier((tmp_path / "ledger" / "keys.txt").read_text())]
    text = prove(tmp_path / "ledger", 42)

    index, entry = proven(text, known)
    assert (index, b"number 42" in entry) == (42, True)
    with pytest.raises(NoteError, match="does not hold"):
        proven(text.replace("index 42", "index 43"), known)
    with pytest.raises(RecordError, match="cannot be proven"):
        prove(tmp_path / "ledger", 300)


@pytest.mark.slow
def test_every_flaw_is_found_where_it_is() -> None:
    for flaw in flaws(150):
        assert flaw.placed is (flaw.kind != "none"), flaw
        assert flaw.kind != "none" or not flaw.places


def test_an_older_ledger_that_was_brought_back_is_found_by_what_was_signed_last(tmp_path: Path) -> None:
    make(tmp_path, 30)
    ledger, kept_ = tmp_path / "ledger", tmp_path / "kept"
    subprocess.run(["cp", "-r", ledger, kept_], check=True)
    make(tmp_path, 30)
    ledger.rename(tmp_path / "gone")
    kept_.rename(ledger)

    assert places(verify(tmp_path)) == ["signature checkpoint"]


def test_a_ledger_is_the_one_that_an_earlier_head_was_of_or_it_is_not(tmp_path: Path) -> None:
    heads = make(tmp_path / "one", 30)
    make(tmp_path / "other", 30)
    head = heads[0][tmp_path / "one" / "ledger" / "checkpoint"]
    assert verify(tmp_path / "one", head).holds
    assert places(verify(tmp_path / "other", head)) == ["signature earlier"]


def test_an_erased_entry_leaves_its_proof_and_the_order(tmp_path: Path) -> None:
    make(tmp_path, 300)
    ledger, keys = tmp_path / "ledger", tmp_path / "keys"
    erase(ledger, keys, 7, "court of Lyon, 26/1234")

    found = verify(tmp_path)
    assert (found.holds, found.erased, found.entries) == (True, 1, 301)
    assert b"number 7" not in (ledger / "payload" / "000.jsonl").read_bytes().splitlines()[7]
    with pytest.raises(RecordError, match="erased already"):
        erase(ledger, keys, 7, "again")


def test_a_record_goes_on_after_an_entry_was_erased_under_its_hands(tmp_path: Path) -> None:
    sink = open_record(tmp_path)
    sink.put(event("tap", "first"))
    until(lambda: len(texts(tmp_path)) == 1)
    erase(tmp_path / "ledger", tmp_path / "keys", 0, "an order")
    sink.put(event("tap", "second"))
    sink.close()

    assert (sink.failed, verify(tmp_path).entries, verify(tmp_path).holds) == (None, 3, True)


def test_an_entry_that_was_taken_out_without_an_order_is_found(tmp_path: Path) -> None:
    make(tmp_path, 30)
    path = tmp_path / "ledger" / "payload" / "000.jsonl"
    lines = path.read_bytes().splitlines()
    lines[3] = b'{"erased":{"kind":"erased","text":"entry 3 was erased: nobody"}}'
    path.write_bytes(b"".join(line + b"\n" for line in lines))

    assert places(verify(tmp_path)) == ["content payload/000.jsonl"]


def test_a_new_key_signs_what_comes_and_the_old_one_stays_known(tmp_path: Path) -> None:
    heads = make(tmp_path, 30)
    rotate(tmp_path / "ledger", tmp_path / "keys")
    assert len((tmp_path / "ledger" / "keys.txt").read_text().splitlines()) == 2
    assert verify(tmp_path, heads[-1][tmp_path / "ledger" / "checkpoint"]).holds


def test_keys_are_for_their_owner_alone_and_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEWARDEN_KEYS", str(tmp_path / "safe"))
    make(tmp_path / "record", 3)
    keys = list((tmp_path / "safe").iterdir())
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}
    assert not (tmp_path / "record" / "keys").exists()


def test_a_tree_that_is_not_what_was_signed_is_never_signed_again(tmp_path: Path) -> None:
    heads = make(tmp_path, 300)
    flaw = tmp_path / "ledger" / "tile" / "0" / "001.p" / "44"
    content = flaw.read_bytes()
    flaw.write_bytes(bytes(32) + content[32:])
    sink = open_record(tmp_path)
    sink.put(event("tap", "more"))
    sink.close()

    assert "nothing more is signed" in (sink.failed or "")
    assert (tmp_path / "ledger" / "checkpoint").read_bytes() == heads[-1][tmp_path / "ledger" / "checkpoint"]
    flaw.write_bytes(content)
    open_record(tmp_path).close()
    assert (verify(tmp_path).entries, verify(tmp_path).holds) == (301, True)


@pytest.mark.parametrize("cut", range(0, 140, 13))
def test_a_crash_at_any_byte_leaves_whole_entries_alone(tmp_path: Path, cut: int) -> None:
    make(tmp_path, 30)
    path = tmp_path / "ledger" / "payload" / "000.jsonl"
    with path.open("ab") as file:
        file.write(path.read_bytes().splitlines(keepends=True)[0][:cut])
    assert verify(tmp_path).holds
    sink = open_record(tmp_path)
    sink.put(event("tap", "after"))
    sink.close()

    assert (texts(tmp_path)[29:], verify(tmp_path).holds) == (["number 9", "after"], True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disks.small_disk(tmp_path / "small") as folder:
        yield folder


def test_a_disk_that_is_full_for_a_while_loses_nothing(small_disk: Path) -> None:
    sink = open_record(small_disk)
    sink.put(event("tap", "before"))
    until(lambda: texts(small_disk) == ["before"])
    with disks.SmallDisk(small_disk).full():
        for number in range(300):
            sink.put(event("tap", f"during {number}"))
        until(lambda: "o space" in (sink.failed or ""))
    until(lambda: sink.failed is None)
    sink.close()

    assert texts(small_disk) == ["before", *(f"during {number}" for number in range(300))]
    assert verify(small_disk).holds


def test_a_disk_that_is_read_only_for_a_while_loses_nothing(small_disk: Path) -> None:
    sink = open_record(small_disk)
    sink.put(event("tap", "before"))
    sink.close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(InputError, match="Read-only file system"):
        open_record(small_disk)
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    sink = open_record(small_disk)
    sink.put(event("tap", "after"))
    sink.close()

    assert (texts(small_disk), sink.failed, verify(small_disk).holds) == (["before", "after"], None, True)


def test_what_is_refused_by_the_disk_while_a_record_is_open_is_kept_until_it_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink, write = open_record(tmp_path), os.write
    sink.put(event("tap", "before"))

    def refuse(*_: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("os.write", refuse)
    for number in range(300):
        sink.put(event("tap", f"during {number}"))
    assert "Read-only file system" in (sink.failed or "")
    monkeypatch.setattr("os.write", write)
    until(lambda: sink.failed is None)
    sink.close()

    assert texts(tmp_path) == ["before", *(f"during {number}" for number in range(300))]
    assert verify(tmp_path).holds


def test_a_folder_that_goes_and_comes_back_loses_nothing(tmp_path: Path) -> None:
    sink = open_record(tmp_path / "record")
    sink.put(event("tap", "before"))
    until(lambda: texts(tmp_path / "record") == ["before"])
    (tmp_path / "record").rename(tmp_path / "away")
    sink.put(event("tap", "during"))
    until(lambda: sink.failed)
    (tmp_path / "away").rename(tmp_path / "record")
    until(lambda: sink.failed is None)
    sink.close()

    assert (texts(tmp_path / "record"), verify(tmp_path / "record").holds) == (["before", "during"], True)


def test_a_clock_that_is_set_back_closes_the_record_until_it_has_caught_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = {"now": 1_790_000_000.0}
    monkeypatch.setattr("facewarden.detector.ledger.sink.time", lambda: clock["now"])
    sink = open_record(tmp_path)
    sleep(0.2)
    clock["now"] -= 100
    until(lambda: "the clock was set back by 100 s" in (sink.failed or ""))
    clock["now"] += 101
    until(lambda: sink.failed is None)
    sink.close()


def test_silence_is_on_record_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facewarden.detector.ledger.sink._HEARTBEAT", 0.1)
    sink = open_record(tmp_path)
    until(lambda: len(list(kept(tmp_path / "ledger"))) >= 2)
    sink.close()

    assert {entry.fields["kind"] for entry in kept(tmp_path / "ledger")} == {"heartbeat"}


@pytest.mark.slow
def test_processes_that_are_killed_leave_a_ledger_that_holds(tmp_path: Path) -> None:
    for round_ in range(2):
        killed = kill(tmp_path / str(round_), 0.1 + round_ / 3)
        assert killed.whole, killed
        assert killed.put > 100


def test_opening_a_record_loads_no_cryptography_and_no_hashes() -> None:
    code = "import sys; before = {*sys.modules}; import facewarden.detector.ledger; print(*{*sys.modules} - before)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"cryptography", "hashlib", "json", "secrets"} & {*loaded}


def test_a_folder_that_cannot_be_made_is_an_error_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written to"):
        open_record(tmp_path / "file")


@pytest.mark.parametrize("form", FORMATS)
def test_every_entry_is_handed_on_in_every_form(tmp_path: Path, form: str) -> None:
    sink = open_record(tmp_path)
    sink.put(CALL)
    sink.put(event("tap", 'a "quoted" ] text'))
    sink.close()

    lines = list(FORMATS[form](kept(tmp_path / "ledger")))
    assert len(lines) == 2 + (form == "csv")
    assert form == "syslog" or "unknown" in "".join(lines)


def test_the_dice_of_the_flaws_reach_every_kind(tmp_path: Path) -> None:
    import random

    flaw = Flaws(tmp_path, make(tmp_path, 300), random.Random(3))
    for kind in flaw.kinds:
        flaw.make(kind)
        assert not verify(tmp_path).holds, kind
        flaw.mend()
    assert verify(tmp_path).holds


def test_a_table_of_parquet_has_every_entry(tmp_path: Path, facewarden: Callable[..., Any]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    sink = open_record(tmp_path / "record")
    sink.put(CALL)
    sink.put(event("tap", "on"))
    sink.close()
    out = tmp_path / "a.parquet"

    assert facewarden("ledger", "export", tmp_path / "record", "--format", "parquet", "--out", out).returncode == 0
    call, tap = parquet.read_table(out).to_pylist()
    assert (call["index"], call["effect"], call["art12_3_b_reference_database"]) == (0, "hold", "unknown")
    assert (tap["index"], tap["effect"], json.loads(tap["entry"])["text"]) == (1, None, "on")
    assert facewarden("ledger", "export", tmp_path / "record", "--format", "parquet").returncode == 2


# RFC 5424, 6: the header, one element of structured data, the message.
SYSLOG = re.compile(
    r"<(\d{1,3})>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) "
    r"([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) "
    r'\[([!-<>-\\^-~]{1,32})((?: [!-<>-\\^-~]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\] (.*)',
    re.DOTALL,
)


def test_every_message_of_syslog_is_one(tmp_path: Path) -> None:
    sink = open_record(tmp_path)
    sink.put(replace(CALL, source='a "b" ]c\\', refused=True))
    sink.put(event("lost", "a text"))
    sink.close()

    found = [SYSLOG.fullmatch(line) for line in FORMATS["syslog"](kept(tmp_path / "ledger"))]
    assert [int(message[1]) // 8 for message in found if message] == [13, 13]
    assert 'source="a \\"b\\" \\]c\\\\"' in (found[0] or [""] * 9)[8]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A record of three calls and an event."""
    sink = open_record(tmp_path)
    for number in range(3):
        sink.put(replace(CALL, id=f"call-{number}"))
    sink.put(event("tap", "on"))
    sink.close()
    assert verify(tmp_path).holds
    return tmp_path


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda lines: [lines[0].replace("call-0", "call-9"), *lines[1:]], "line 1: is not what entry 0 has"),
        (lambda lines: [*lines[:2], lines[2].replace("call-2", "call-9")], "line 3: is not what entry 2 has"),
        (lambda lines: lines[:2], "calls.jsonl: the calls of entries 2 to 2 are not there"),
        (lambda lines: [lines[0], lines[2]], "line 2: is not what entry 1 has"),
        (lambda lines: [lines[1], lines[0], lines[2]], "line 2: is not what entry 2 has"),
    ],
)
def test_a_plain_line_that_is_not_what_was_recorded_is_found(copied: Path, change: Any, text: str) -> None:
    lines = (copied / "calls.jsonl").read_text().splitlines(keepends=True)
    (copied / "calls.jsonl").write_text("".join(change(lines)))
    (fault,) = verify(copied).faults

    assert fault.part == "content"
    assert text in str(fault)


def test_a_file_of_calls_that_was_begun_anew_or_is_not_yet_taken_over_is_no_fault(copied: Path) -> None:
    path = copied / "calls.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    for some in (lines[1:], [], [*lines, lines[2].replace("call-2", "call-3")]):
        path.write_text("".join(some))
        assert verify(copied).holds


def test_an_event_that_no_entry_has_is_found(copied: Path) -> None:
    path = copied / "events.jsonl"
    path.write_text(path.read_text().replace('"on"', '"off"') + path.read_text())
    assert [str(fault) for fault in verify(copied).faults] == ["events.jsonl line 1: is no entry of the ledger"]


def test_a_call_that_was_erased_may_still_stand_in_the_plain_lines_or_be_gone(copied: Path) -> None:
    erase(copied / "ledger", copied / "keys", 1, "an order")
    assert verify(copied).holds
    path = copied / "calls.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[2])
    assert verify(copied).holds


def test_a_tile_that_was_replaced_by_a_larger_one_is_looked_at_too(tmp_path: Path) -> None:
    for number in (2, 3):
        sink = open_record(tmp_path)
        for _ in range(number):
            sink.put(CALL)
        sink.close()
    old = next((tmp_path / "ledger" / "tile" / "entries").rglob("000.p/2"))
    content = bytearray(old.read_bytes())
    content[20] ^= 1
    old.write_bytes(content)

    assert [fault.place for fault in verify(tmp_path).faults] == ["tile/entries/000.p/2"]
