"""Whole files of entries at once: nothing passes here that would not pass one by one."""

from itertools import repeat
from pathlib import Path

import pytest

from facewarden.bench.truth.evidence.flaws import make
from facewarden.detector.ledger import quick
from facewarden.detector.ledger.verify import verify


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("record")
    make(folder, 702)
    return folder


def test_several_processes_find_what_one_does(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "_WORTH", 1)
    alone = verify(record)
    assert alone.holds
    assert verify(record, workers=2) == alone


def test_of_a_full_file_the_root_is_told_and_of_a_part_its_hashes(record: Path) -> None:
    full, other, part = quick.all_agreed(record / "ledger", 702, 1)
    assert full
    assert other
    assert part
    assert (len(full), len(other), len(part)) == (32, 32, 32 * (702 - 512))


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: text.replace(b"number 17", b"number 18", 1),
        lambda text: text.replace(b'"}\n', b'" }\n', 1),
        lambda text: text.replace(b'{"entry":', b'{"Entry":', 1),
        lambda text: text.replace(b'"salt":"', b'"salt" "', 1),
        lambda text: text + b"\n",
        lambda text: text[:-40] + text[-40:].upper(),
        lambda text: text[text.index(b"\n") + 1 :],
        lambda text: text + text[: text.index(b"\n") + 1],
        lambda text: b"".join(reversed(text.splitlines(keepends=True))),
    ],
    ids=[*map(str, range(9))],
)
def test_what_was_changed_does_not_agree(record: Path, changed: object) -> None:
    path = record / "ledger" / "payload" / "000.jsonl"
    text = path.read_bytes()
    try:
        path.write_bytes(changed(text))  # type: ignore[operator]
        assert path.read_bytes() != text
        assert quick.agreed(record / "ledger", 0, 256) is None
        assert not verify(record).holds
    finally:
        path.write_bytes(text)
    assert all(map(quick.agreed, repeat(record / "ledger"), (0, 1), (256, 256)))
