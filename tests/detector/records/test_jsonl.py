import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import msgspec
import pytest

from facewarden.detector.calls.wall import moment
from facewarden.detector.errors import InputError
from facewarden.detector.records import Decided, Event, JsonLines, read_entries, write
from facewarden.detector.records.here import event

CALL = Decided(
    source="unit-17", at=3.2, service="local", task="identification", time=moment(1_793_872_800), effect="hold"
)


def call(name: str) -> Decided:
    return msgspec.structs.replace(CALL, id=name)


def written(folder: Path, name: str = "events") -> list[str | None]:
    """The texts of the events, or the ids of the calls, in the order in which they stand in their file."""
    entries = read_entries(folder / f"{name}.jsonl")
    return [entry.text if isinstance(entry, Event) else getattr(entry, "id", None) for entry in entries]


def until(true: Callable[[], object]) -> None:
    end = monotonic() + 30
    while not true():
        assert monotonic() < end, "it never came about"
        sleep(0.01)


def fill_the_disk(folder: Path, name: str) -> Callable[[], None]:
    """Take away the room for a file, as a full disk does; gives what makes it well again."""
    sleep(0.06)  # until it looks again at where its file is
    path, kept, full = folder / name, folder / "kept", Path("/dev/full")
    path.rename(kept)
    path.symlink_to(full) if full.exists() else path.mkdir()

    def heal() -> None:
        path.unlink() if path.is_symlink() else path.rmdir()
        kept.rename(path)

    return heal


def test_calls_and_events_have_a_file_each(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path)
    sink.put(call("one"))
    sink.put(event("tap", "on"))
    sink.close()

    assert (written(tmp_path, "calls"), written(tmp_path)) == (["one"], ["on"])


@pytest.mark.parametrize("broken", ["calls.jsonl", "events.jsonl"])
def test_what_cannot_be_written_is_kept_and_tried_again(tmp_path: Path, broken: str) -> None:
    sink = JsonLines(tmp_path)
    sink.put(call("first"))
    until(lambda: written(tmp_path, "calls"))
    heal = fill_the_disk(tmp_path, broken)
    sink.put(call("second"))
    sink.put(event("failure", "of the second"))
    until(lambda: sink.failed)
    assert "cannot be written" in (sink.failed or "")
    heal()
    sink.put(call("third"))
    until(lambda: not sink.failed)
    sink.close()

    assert sink.failed is None
    assert written(tmp_path, "calls") == ["first", "second", "third"]
    assert written(tmp_path) == ["of the second"]


def test_what_was_kept_while_it_failed_is_written_when_it_is_closed(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path)
    heal = fill_the_disk(tmp_path, "calls.jsonl")
    for number in range(3):
        sink.put(call(str(number)))
        until(lambda: sink.failed)
    heal()
    sink.close()

    assert written(tmp_path, "calls") == ["0", "1", "2"]


def test_more_than_may_wait_are_lost_and_counted(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path, most=10)
    heal = fill_the_disk(tmp_path, "calls.jsonl")
    for number in range(2000):
        sink.put(call(str(number)))
    assert "cannot be written" in (sink.failed or "")
    assert sink.unwritten == 2000
    heal()
    until(lambda: sink.failed is None)
    sink.close()

    assert written(tmp_path, "calls") == [*map(str, range(10))]
    assert written(tmp_path) == ["1990 entries were lost: there was no room for them"]


def test_what_cannot_be_written_at_the_end_is_counted(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path)
    fill_the_disk(tmp_path, "calls.jsonl")
    for number in range(3):
        sink.put(call(str(number)))
        sink.put(event("tap", str(number)))
    sink.close()

    assert written(tmp_path) == ["0", "1", "2", "3 entries were lost: there was no room for them"]


def test_what_was_put_in_is_in_the_kernel_s_hands_at_once(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path)
    child = os.fork()
    if not child:
        sink.put(call("one"))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

    assert written(tmp_path, "calls") == ["one"]


def test_an_entry_that_cannot_be_written_does_not_keep_the_others_from_it(tmp_path: Path) -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    sink = JsonLines(tmp_path)
    sink.put(msgspec.structs.replace(CALL, own={"broken": Broken()}))
    sink.put(call("good"))
    sink.close()

    assert written(tmp_path, "calls") == ["good"]
    assert written(tmp_path) == ["an entry was lost, for it cannot be written: RuntimeError"]


def test_closing_twice_is_closing_once_and_nothing_is_kept_afterwards(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path)
    sink.close()
    sink.close()
    assert sink.failed is None
    sink.put(call("late"))

    assert "closed" in (sink.failed or "")
    assert written(tmp_path, "calls") == []


def test_a_forked_child_writes_its_own_and_nothing_of_its_parent_twice(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path)
    sink.put(event("failure", "of the parent"))
    child = os.fork()
    if not child:
        sink.put(event("failure", "of the child"))
        sink.close()
        os._exit(0)
    os.waitpid(child, 0)
    sink.close()

    entries = [entry for entry in read_entries(tmp_path / "events.jsonl") if isinstance(entry, Event)]
    assert sorted((entry.pid == os.getpid(), entry.text) for entry in entries) == [
        (False, "of the child"),
        (True, "of the parent"),
    ]


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_a_worker_of_multiprocessing_loses_nothing_at_its_end(tmp_path: Path, method: str) -> None:
    sink = JsonLines(tmp_path)
    context: Any = multiprocessing.get_context(method)
    worker = context.Process(
        target=put if method == "fork" else put_anew, args=(sink if method == "fork" else tmp_path,)
    )
    worker.start()
    worker.join()
    sink.close()

    assert (worker.exitcode, written(tmp_path)) == (0, ["of the worker"])


def put(sink: JsonLines) -> None:
    sink.put(event("failure", "of the worker"))


def put_anew(folder: Path) -> None:
    put(JsonLines(folder))


def test_a_program_that_forgets_to_close_loses_nothing_when_it_ends(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from facewarden.detector.records import JsonLines\n"
        "from facewarden.detector.records.here import event\n"
        "JsonLines(Path(sys.argv[1])).put(event('failure', 'at the end'))"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True)
    assert written(tmp_path) == ["at the end"]


def test_a_folder_that_cannot_be_made_is_an_error_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written to"):
        JsonLines(tmp_path / "file")


def test_a_record_goes_on_after_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(write(event("tap", "before")) + b"\n" + b'{"torn')
    sink = JsonLines(tmp_path)
    sink.put(event("tap", "after"))
    sink.close()

    lines = (tmp_path / "events.jsonl").read_bytes().splitlines()
    assert [b"before" in lines[0], lines[1], b"after" in lines[2]] == [True, b'{"torn', True]
