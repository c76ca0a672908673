import pytest

from facewarden.bench.truth import replays
from facewarden.bench.truth.evidence.again import Load, Session, live_and_again


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    scene = "synthetic:dash?seconds=3&size=160x90"
    return live_and_again("unit", scene, tmp_path_factory.mktemp("record"), Load(2.0, 2.0), 2.0)


def test_a_session_that_shed_comes_out_the_same_and_its_ledger_proves_it(session: Session) -> None:
    assert session.same, session.replayed.first
    assert session.covered.frames == 60
    assert session.covered.dropped > 0
    assert (session.replayed.calls, session.decided) == (5, 5)


def test_the_report_says_how_many_came_out_the_same_and_why_one_did_not(session: Session) -> None:
    unknown = session._replace(known=False)
    report = replays.report([session, unknown])
    assert report.startswith("1 of 2 sessions came out the same")
    assert report.splitlines()[-1].endswith("| its ledger does not know it |")


def test_a_changed_decision_is_told(session: Session) -> None:
    assert "1 of 5 calls" in replays.report([session._replace(otherwise=1)])
