import errno
import os
from multiprocessing import get_context
from pathlib import Path

import pytest

from facewarden.detector.records.appending import append


def test_lines_go_to_the_end_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    append(path, [b"one", b"two"])
    append(path, [b"three"])
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_a_line_that_a_crash_has_torn_stays_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntw")
    append(path, [b"three"])
    assert path.read_bytes() == b"one\ntw\nthree\n"


def test_what_did_not_fit_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lines"
    append(path, [b"one"])
    write = os.write

    def full(file: int, text: bytes) -> int:
        if len(text) <= 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, text[:4])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        append(path, [b"two", b"three"])
    monkeypatch.undo()
    append(path, [b"two", b"three"])

    assert path.read_bytes() == b"one\ntwo\nthree\n"


def write_many(path: Path, name: bytes) -> None:
    for number in range(200):
        append(path, [name + b"-%d-" % number + name * 50] * 3)


def test_lines_of_several_processes_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    context = get_context("fork")
    writers = [context.Process(target=write_many, args=(path, name)) for name in (b"a", b"b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    lines = path.read_bytes().splitlines()
    assert len(lines) == 1200
    assert all(len(set(line.replace(b"-", b"").translate(None, b"0123456789"))) == 1 for line in lines)
