"""A gate whose record lies on a disk that fills up: nothing runs that could not be recorded, and it opens by itself."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from helpers.disks import Disk, LimitedFiles, SmallDisk, small_disk

from facewarden.detector import Call, Guard, Site
from facewarden.detector.admission import Admission, Ruling
from facewarden.detector.calls.attribution import Attribution
from facewarden.detector.enforcement import Enforcement
from facewarden.detector.ledger import open_record
from facewarden.detector.ledger.verify import verify
from facewarden.detector.records import Decided, Recorder, read_entries

pytest.importorskip("cryptography")


@pytest.fixture(params=["a small disk", "a limit on files"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    if request.param == "a limit on files":
        yield LimitedFiles(tmp_path)
        return
    with small_disk(tmp_path / "small") as folder:
        yield SmallDisk(folder)


class Gate:
    """Asks an admission again and again, and keeps what came of each call."""

    def __init__(self, folder: Path) -> None:
        self.recorder = Recorder(open_record(folder))
        guard = Guard(Site(packs=("microsoft",), facts={"service": "local"}))
        self._admission = Admission(
            lambda call, pictures, baggage="": Attribution("desk", "call", 1.0),  # noqa: ARG005
            guard.judge_on,
            Enforcement(),
            self.recorder,
        )
        self.rulings = list[Ruling]()

    def ask(self) -> Ruling:
        call = Call(source="desk", model=f"call {len(self.rulings)}")
        self.rulings.append(self._admission.admit(call))
        return self.rulings[-1]

    def until(self, refused: bool) -> Ruling:
        """Ask until a call is refused, or runs."""
        end = monotonic() + 60
        while monotonic() < end:
            if (ruling := self.ask()).refused is refused:
                return ruling
            sleep(0.01)
        raise AssertionError("nothing changed within a minute")


def test_a_gate_holds_while_the_disk_is_full_says_why_and_opens_by_itself_with_nothing_lost(disk: Disk) -> None:
    gate = Gate(disk.folder)
    gate.until(refused=False)
    with disk.full():
        held = gate.until(refused=True)
        during = [gate.ask() for _ in range(50)]
    gate.until(refused=False)
    gate.recorder.close()

    assert "cannot be written" in held.decision.explanation
    assert all(ruling.refused for ruling in during)
    calls = [entry for entry in read_entries(disk.folder / "calls.jsonl") if isinstance(entry, Decided)]
    assert [call.model for call in calls] == [f"call {number}" for number in range(len(gate.rulings))]
    assert [call.refused for call in calls] == [ruling.refused for ruling in gate.rulings]
    assert gate.recorder.failed is None
    found = verify(disk.folder)
    assert (found.holds, found.waiting) == (True, 0)
    assert found.entries >= len(calls)
