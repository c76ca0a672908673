import errno
import os
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest

from facewarden.detector.records import appending
from facewarden.detector.records.appending import Appended


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Appended:
    monkeypatch.setattr(appending, "_LOOK", 0.0)
    return Appended(tmp_path / "lines")


def text(tmp_path: Path) -> bytes:
    return (tmp_path / "lines").read_bytes()


def test_lines_go_to_the_end_of_the_file(tmp_path: Path, file: Appended) -> None:
    (tmp_path / "lines").write_bytes(b"before\n")
    file.add(b"one\n")
    file.close()
    file.add(b"two\n")
    assert text(tmp_path) == b"before\none\ntwo\n"


def test_a_line_that_a_crash_has_torn_stays_a_line_of_its_own(tmp_path: Path, file: Appended) -> None:
    (tmp_path / "lines").write_bytes(b"one\ntw")
    file.add(b"three\n")
    assert text(tmp_path) == b"one\ntw\nthree\n"


def in_part(size: int, write: Callable[[int, bytes], int] = os.write) -> Callable[[int, bytes], int]:
    """A disk that has room for a part alone."""
    return lambda file, line: write(file, line[:size])


def test_what_did_not_fit_is_taken_back(tmp_path: Path, file: Appended, monkeypatch: pytest.MonkeyPatch) -> None:
    file.add(b"one\n")
    with monkeypatch.context() as full:
        full.setattr(os, "write", in_part(2))
        with pytest.raises(OSError, match="no space"):
            file.add(b"two\n")
    assert text(tmp_path) == b"one\n"
    file.add(b"two\n")

    assert text(tmp_path) == b"one\ntwo\n"


def test_a_part_after_which_others_have_written_stays_and_is_ended(
    tmp_path: Path, file: Appended, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(number: int, line: bytes) -> int:
        written = in_part(2)(number, line)
        with (tmp_path / "lines").open("ab") as other:
            other.write(b"x")
        return written

    with monkeypatch.context() as full:
        full.setattr(os, "write", torn)
        with pytest.raises(OSError, match="no space"):
            file.add(b"two\n")
    file.add(b"three\n")

    assert text(tmp_path) == b"twx\nthree\n"


def test_an_error_of_the_disk_is_raised_and_the_next_line_is_written(
    tmp_path: Path, file: Appended, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as bad:
        bad.setattr(os, "write", broken)
        with pytest.raises(OSError, match="Input/output"):
            file.add(b"one\n")
    file.add(b"two\n")
    assert text(tmp_path) == b"two\n"


def test_a_renamed_file_keeps_its_lines_and_another_is_begun(tmp_path: Path, file: Appended) -> None:
    file.add(b"one\n")
    (tmp_path / "lines").rename(tmp_path / "lines.1")
    file.add(b"two\n")

    assert (text(tmp_path), (tmp_path / "lines.1").read_bytes()) == (b"two\n", b"one\n")


def test_what_went_into_a_deleted_file_before_anybody_looked_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "_LOOK", 1000.0)
    file = Appended(tmp_path / "lines")
    file.add(b"one\n")
    (tmp_path / "lines").unlink()
    file.add(b"two\n")
    assert not (tmp_path / "lines").exists()
    file._look_at = 0.0
    file.add(b"three\n")

    assert text(tmp_path) == b"one\ntwo\nthree\n"


def test_a_program_that_closes_files_that_are_not_its_own_loses_nothing(tmp_path: Path, file: Appended) -> None:
    file.add(b"one\n")
    assert file._file is not None
    os.close(file._file)
    file.add(b"two\n")

    assert text(tmp_path) == b"one\ntwo\n"


def write_many(path: Path, name: bytes) -> None:
    file = Appended(path)
    for number in range(200):
        file.add(name + b"-%d-" % number + name * 500 + b"\n")


def test_lines_of_several_processes_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    context = get_context("fork")
    writers = [context.Process(target=write_many, args=(path, name)) for name in (b"a", b"b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    lines = path.read_bytes().splitlines()
    assert len(lines) == 400
    assert all(len(set(line.replace(b"-", b"").translate(None, b"0123456789"))) == 1 for line in lines)
