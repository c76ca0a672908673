"""What the service answers is on record before it leaves, whoever else asks at that moment."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from helpers.services import CALL, Running, running

from facewarden.detector.records import Decided, JsonLines, read_entries
from facewarden.detector.records.jsonl import CALLS


def names(folder: Path) -> list[str | None]:
    return [entry.id for entry in read_entries(folder / CALLS) if isinstance(entry, Decided)]


def left_by_a_kill(record: Path, place: Path) -> Path:
    """The record as it would be found, had the service been killed just now."""
    place.mkdir()
    for file in [*record.glob(".noted-*"), record / CALLS]:  # in this order: a call may go from the one to the other
        if file.exists():
            shutil.copy(file, place)
    JsonLines(place).close()
    return place


def test_a_call_alone_is_on_record_before_its_answer_leaves_even_of_a_service_that_is_killed_then(
    service: Running, tmp_path: Path
) -> None:
    for number in range(5):
        answer = service.ask()
        assert answer["opens"] is False
        assert answer["id"] in names(left_by_a_kill(tmp_path / "record", tmp_path / f"killed {number}"))


def test_calls_at_once_are_each_on_record_once_in_the_order_in_which_they_were_answered(
    site: Path, tmp_path: Path
) -> None:
    with running(site, record=tmp_path / "record") as found:

        def ask(task: str) -> list[str]:
            return [found.ask(**{**CALL, "task": task})["id"] for _ in range(25)]

        with ThreadPoolExecutor(8) as pool:
            answered = list(pool.map(ask, ["identification", "speech"] * 4))
    kept = names(tmp_path / "record")

    assert sorted(kept, key=str) == sorted(name for asker in answered for name in asker)
    for asker in answered:
        assert [name for name in kept if name in asker] == asker
