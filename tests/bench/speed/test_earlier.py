"""Two runs apart in time: what can be said of them, and what cannot."""

from pathlib import Path

import msgspec
import pytest

from facewarden.bench.speed.earlier import beside, read_run
from facewarden.bench.speed.measure import Machine, Measured, Spread
from facewarden.bench.speed.session import Run
from facewarden.detector.errors import InputError


def run(slower: float = 1.0, **stages: float) -> Run:
    found = [
        Measured(name, "ms", Spread(cost, cost, cost, cost, cost, cost, 9), None, None, "no budget")
        for name, cost in stages.items()
    ]
    return Run("1.0", Machine(slower, True), tuple(found), None)


def test_what_costs_much_more_or_less_than_before_is_named() -> None:
    found = beside(run(a=1.0, b=2.0, c=1.2, d=1.0), run(a=2.0, b=1.0, c=1.0), "old.json")

    assert {stage.name: stage.verdict for stage in found.stages} == {
        "a": "faster", "b": "slower", "c": "same", "d": "only here"
    }  # fmt: skip
    assert [stage.name for stage in found.slower] == ["b"]


def test_a_machine_that_was_slower_then_is_allowed_for() -> None:
    found = beside(run(1.0, a=1.0), run(1.2, a=1.2), "old.json")

    assert [stage.ratio for stage in found.stages] == [1.0]
    assert found.limit > 1.3


def test_machines_far_apart_say_nothing_of_each_other() -> None:
    found = beside(run(3.0, a=9.0), run(1.0, a=1.0), "old.json")

    assert [stage.verdict for stage in found.stages] == ["not measurable"]
    assert not found.slower


def test_a_run_is_read_as_it_was_printed(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_bytes(msgspec.json.encode(run(a=1.0)))

    assert read_run(tmp_path / "old.json") == run(a=1.0)


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "cannot be read"), (b"{}", "is no run"), (b"\xff", "is no run")]
)
def test_what_is_no_run_is_told(tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "old.json").write_bytes(content)
    with pytest.raises(InputError, match=problem):
        read_run(tmp_path / "old.json")
