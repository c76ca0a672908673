import time

import msgspec
import pytest

from facewarden.bench.speed import probe, session, shown
from facewarden.bench.speed.measure import (
    Budget,
    Machine,
    Measured,
    Spread,
    Times,
    arriving,
    budgets,
    judged,
    repeated,
)
from facewarden.bench.speed.session import Run, Session
from facewarden.detector.errors import FacewardenError

QUIET = Machine(slower=1.0, ours=True)
BUDGET = Budget(unit="ms", why="because", mean=2.0, p99=5.0, late_p99=10.0)


def times(*milliseconds: float) -> Times:
    found = Times()
    for one in milliseconds:
        found.add(int(one * 1e6))
    return found


def test_every_budget_has_a_stage_and_its_reason() -> None:
    known = budgets()
    sizes = {f"frame {size} {word}" for size in probe.SIZES for word in ("luma", "bgr")}
    sources = {f"frame 1080p luma, {count} sources" for count in (8, 32)}

    assert known.stages.keys() == {*probe.STAGES, *sizes, *sources}
    assert all(len(budget.why) > 10 for budget in (*known.stages.values(), *known.start.values()))
    assert known.controls.keys() == probe.CONTROLS.keys()


def test_a_stage_within_its_budget_is_ok() -> None:
    assert judged("x", times(1, 2, 3), None, BUDGET, QUIET).verdict == "ok"


def test_a_broken_budget_says_figure_value_and_limit() -> None:
    found = judged("x", times(1, 4, 4), times(1, 20, 20), BUDGET, QUIET)

    assert found.verdict == "broken"
    assert found.broken == ("mean 3 ms, allowed 2", "late p99 20 ms, allowed 10")


def test_limits_grow_with_a_slower_machine_and_say_nothing_on_one_far_too_slow() -> None:
    assert judged("x", times(3, 3), None, BUDGET, Machine(2.0, True)).verdict == "ok"
    assert judged("x", times(30, 30), None, BUDGET, Machine(9.0, True)).verdict == "not measurable"


def test_lateness_is_not_judged_where_others_had_the_cores() -> None:
    assert judged("x", times(1), times(90), BUDGET, Machine(1.0, False)).verdict == "ok"


def test_a_stage_without_a_budget_is_measured_all_the_same() -> None:
    assert judged("x", times(1), None, None, QUIET).verdict == "no budget"


def test_a_picture_that_waits_for_a_slow_one_is_late_by_that_wait() -> None:
    turns = iter(range(100))

    def work() -> None:
        if next(turns) == 0:
            time.sleep(0.1)

    _, late = arriving([work], rate=100, seconds=0.15)
    spread = late.spread("ms")

    assert spread.samples == 15
    assert spread.max >= 100
    assert spread.p50 > 1  # ten pictures were due meanwhile, and none of them is left out


def test_short_work_is_measured_in_batches() -> None:
    spread = repeated(lambda: None, 0.05).spread("us")

    assert 0 < spread.p50 < 5


@pytest.mark.parametrize("stage", ["mobility", "decide anew", "decide remembered", "call", "admission"])
def test_a_stage_can_be_done_again_and_again(stage: str) -> None:
    work = probe.STAGES[stage]()
    for _ in range(3):
        work()

    assert probe.sample(work, 1_000_000) > 0


def run(*verdicts: str) -> Run:
    spread = Spread(1, 1, 1, 1, 1, 1, 9)
    stages = [
        Measured(f"stage {n}", "ms", spread, spread, BUDGET, verdict, ("mean 3 ms, allowed 2",) * (verdict == "broken"))  # type: ignore[arg-type]
        for n, verdict in enumerate(verdicts)
    ]
    return Run("1.0", Machine(1.5, False), tuple(stages), 2.0)


def test_a_run_in_every_form_names_what_is_broken() -> None:
    found = run("ok", "broken", "not measurable")

    assert b'failures="1"' in shown.as_junit(found)
    assert "budgets broken" in shown.as_markdown(found)
    assert any("stage 1: mean 3 ms, allowed 2" in line for line in shown.summed(found))
    assert shown.table(found).row_count == 3
    assert msgspec.json.decode(msgspec.json.encode(found), type=Run) == found


def test_a_run_of_which_nothing_can_be_said_is_not_measurable() -> None:
    assert not run("not measurable").measurable
    assert run("ok", "not measurable").measurable


def test_the_first_sentence_says_what_a_run_comes_to() -> None:
    assert shown.summed(run("ok", "ok"))[0] == "None of 2 budgets broken."
    assert shown.summed(run("ok", "broken"))[0] == "1 of 2 budgets broken."
    assert shown.summed(run("not measurable"))[0].startswith("Not measurable here")


@pytest.mark.parametrize(
    ("rate", "sources", "mean", "is_late_judged"),
    [(30, 1, 1.55, True), (60, 4, 1.55, True), (10, 4, 4.65, True), (1, 8, 4.65, True), (30, 9, 1.55, False)],
)
def test_what_is_asked_for_has_a_budget_too(rate: float, sources: int, mean: float, *, is_late_judged: bool) -> None:
    asked = Session(sources=sources, rate=rate)
    found = asked._budget(budgets(), "frame 1080p luma")

    assert found.mean == pytest.approx(mean)
    assert (found.late_p99 is not None) == is_late_judged


def test_a_clip_has_the_budget_of_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_QUICK", (0.2, 0.1))
    (found,) = Session(clip="synthetic:body?seconds=0.2&size=160x96", quick=True).run(lambda _: None).stages

    assert found.budget is not None
    assert "320 px" in found.budget.why


def test_a_clip_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FacewardenError):
        Session(clip="no-such.mp4", quick=True).run(lambda _: None)


def test_a_leak_breaks_the_run_in_every_form() -> None:
    found = msgspec.structs.replace(run("ok"), kept_per_picture=1100.0)

    assert found.leaks
    assert not run("ok").leaks
    assert b'failures="1"' in shown.as_junit(found)
    assert "budgets broken" in shown.as_markdown(found)
    assert any("1100 bytes left behind by a picture" in line for line in shown.summed(found))
