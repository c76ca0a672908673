"""Thresholds chosen by made-up answers: by cost, and for each part of the repositories by the others."""

import msgspec
import numpy as np

from facewarden.detector.mobility.evidence import Evidence
from facewarden.detector.mobility.mount import NOT_NAMED
from facewarden.detector.mobility.tally import shipped_rates
from facewarden.models.training.mobility.answers import Answers, tallied
from facewarden.models.training.mobility.check import judged, report
from facewarden.models.training.mobility.examples import Example
from facewarden.models.training.mobility.thresholds import cheapest, counts, drawn, nested, tried

RATES = shipped_rates()
# Just enough that stands for a camera to be called fixed, and nothing of the sum.
SOME = Evidence(still=0.0, wall=0.0, returns=RATES.limits.shown, moves=0.0, pan=0.0)
BASE = msgspec.structs.replace(RATES.limits, fixed=-1.0, mobile=2.0, doubted=0.0, left=0.0)
RASH = msgspec.structs.replace(BASE, fixed=-0.2, mobile=0.2, doubted=9.0)


def answers(repo: str, truth: str, opinion: float, doubt: float = -9.0, kind: str = "plain", ticks: int = 4) -> Answers:
    times = [0.7 + 0.5 * tick for tick in range(ticks)]
    mount = "dash" if truth == "mobile" else "fixed"
    example = Example(repo, repo, truth, mount, kind, False, times, [0] * ticks, [])  # pyright: ignore
    return Answers(example, [SOME] * ticks, [opinion] * ticks, [-9.0] * ticks, [doubt] * ticks, NOT_NAMED)


SURE = [answers("a", "mobile", 4.0), answers("b", "fixed", -3.0)]


def test_the_rash_thresholds_are_chosen_where_they_decide_more_and_err_no_more() -> None:
    some = [*SURE, answers("c", "mobile", 1.0), answers("d", "fixed", -0.5)]
    assert cheapest(tried(some, RATES, [BASE, RASH])) == 1


def test_a_mobile_camera_called_fixed_costs_more_than_several_undecided() -> None:
    undecided = [answers(f"c{n}", "mobile", 1.0) for n in range(3)]
    missed = [answers(f"d{n}", "mobile", -0.5) for n in range(1)]
    assert cheapest(tried([*SURE, *undecided, *missed], RATES, [BASE, RASH])) == 0


def test_a_mobile_camera_behind_a_mesh_that_is_called_fixed_costs_too() -> None:
    meshes = [answers(f"m{n}", "mobile", -3.0, doubt=1.0, kind="mesh") for n in range(4)]
    assert cheapest(tried([*SURE, *meshes], RATES, [BASE, RASH])) == 0


def test_the_part_that_is_judged_has_no_say() -> None:
    some = [*SURE, answers("missed", "mobile", -0.5), answers("late", "mobile", 1.0)]
    trials = tried(some, RATES, [BASE, RASH])

    chosen = {next(iter(part)): limits for part, limits in nested(trials, [{"missed"}, {"late"}])}
    assert chosen == {"missed": RASH, "late": BASE}


def test_verdicts_and_seconds_are_those_of_the_tally() -> None:
    trials = tried([*SURE, answers("c", "mobile", 1.0)], RATES, [BASE])

    assert trials.verdicts.tolist() == [[1, -1, 0]]
    assert np.isnan(trials.seconds[0]).tolist() == [False, False, True]


def test_a_cut_begins_anew_and_what_was_said_lately_counts_once_a_camera_stood() -> None:
    stood = answers("a", "fixed", -3.0)
    cut = stood._replace(example=msgspec.structs.replace(stood.example, begun=[0, 0, 2, 2]))
    moved = stood._replace(lately=[-9.0, -9.0, -9.0, 4.0])

    assert tallied(cut, RATES).decided_at == 1.7
    assert tallied(moved, RATES).value == "mobile"


def test_what_is_drawn_begins_with_what_it_is_drawn_around_and_is_the_same_each_time() -> None:
    assert drawn(20, around=BASE)[0] == BASE
    assert drawn(20) == drawn(20)
    assert len(set(drawn(20))) > 15


def test_thresholds_are_chosen_by_clips_as_they_are_and_mobile_ones_behind_something() -> None:
    kinds = [("plain", "fixed"), ("plain", "mobile"), ("mesh", "mobile"), ("mesh", "fixed"), ("rain", "mobile")]
    assert [counts(answers("a", truth, 0.0, kind=kind).example) for kind, truth in kinds] == [1, 1, 1, 0, 0]


def test_the_report_counts_what_was_judged() -> None:
    some = [*SURE, answers("c", "mobile", -3.0), answers("d", "mobile", -3.0, kind="mesh")]
    text = report([judged(one, RATES) for one in some])

    assert "66.7 %" in text.replace("66.7%", "66.7 %")
    assert "| mesh | mobile | 1 | 0 | 1 | 0 |" in text
    assert "expected calibration error" in text
