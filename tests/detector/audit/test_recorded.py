"""An audit that keeps a record as well."""

from pathlib import Path

from facewarden.detector.audit.engines import Silent
from facewarden.detector.audit.session import Session
from facewarden.detector.ledger.covered import covered
from facewarden.detector.ledger.reading import entries
from facewarden.detector.ledger.verify import verify
from facewarden.detector.records import Decided, Looked, Verdict

CALLS = '{"source": "cam", "at": 0.5, "service": "local", "task": "identification", "time": "2026-11-05T10:00:00Z"}\n'


def test_what_was_found_and_decided_is_in_the_record(tmp_path: Path) -> None:
    (tmp_path / "calls.jsonl").write_text(CALLS)
    session = Session(
        sources=["cam=synthetic:body?seed=1&seconds=1", "gone=no-such.mp4"],
        calls=tmp_path / "calls.jsonl",
        packs=["eu-ai-act"],
        record=tmp_path / "record",
    )
    report = session.run(Silent())

    assert report.summary.attributed == {"call": 1}
    assert verify(tmp_path / "record").holds
    told = [entry for _, entry in entries(tmp_path / "record" / "ledger")]
    (call,) = [entry for entry in told if isinstance(entry, Decided)]
    assert (call.effect, call.known) == (report.calls[0].decision.effect, report.calls[0].facts)
    assert str(call.time) == "2026-11-05 10:00:00+00:00"
    assert [entry.source for entry in told if isinstance(entry, Verdict)] == ["cam"]
    assert [entry.pictures["analysed"] for entry in told if isinstance(entry, Looked)] == [report.coverage.analysed]
    found = covered(tmp_path / "record" / "ledger")
    assert found.gaps == {"source": 1}
    assert found.software == (report.facewarden,)
    assert [*found.packs] == ["eu-ai-act"]
