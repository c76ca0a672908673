"""The scorer, on rows small enough to work out by hand."""

from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facewarden.bench.material.corpus import TRUTHS, read_corpus
from facewarden.bench.truth import accuracy, scoring
from facewarden.bench.truth.scoring import ABSTENTIONS, ACCURACY, FALSE_ALARMS, MISSES, RATES, Row
from facewarden.detector.audit import Answer, Unread
from facewarden.detector.belief import MobilityBelief
from facewarden.detector.errors import InputError
from facewarden.detector.mobility import MobilityEstimator

MOUNT, NAMED = RATES[4:]


def row(
    label: str,
    verdict: str,
    *,
    repo: str = "a/a",
    mount: str = "unknown",
    confidence: float = 0.9,
    decided_at: float | None = None,
) -> Row:
    return Row(
        name=f"{label}-{verdict}",
        repo=repo,
        label=label,
        verdict=verdict,
        mount=mount,
        confidence=confidence,
        decided_at=decided_at,
    )


ROWS = [
    row("body", "mobile", repo="a/a", mount="body", confidence=0.95, decided_at=1.0),
    row("dash", "mobile", repo="a/a", mount="body", confidence=0.85, decided_at=2.0),
    row("drone", "fixed", repo="b/b", confidence=0.65, decided_at=3.0),
    row("handheld", "unknown", repo="b/b", confidence=0.3),
    row("fixed", "fixed", repo="c/c", mount="fixed", confidence=0.9, decided_at=4.0),
    row("ptz", "mobile", repo="c/c", mount="handheld", confidence=0.7, decided_at=5.0),
]

rows = st.lists(
    st.builds(
        row,
        st.sampled_from(sorted(TRUTHS)),
        st.sampled_from(["mobile", "fixed", "unknown"]),
        repo=st.sampled_from("abcd"),
        confidence=st.floats(0, 1),
        decided_at=st.none() | st.floats(0, 60),
    ),
    min_size=1,
    max_size=12,
)


# --- rates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "value"),
    [(ACCURACY, 3 / 5), (MISSES, 1 / 4), (FALSE_ALARMS, 1 / 2), (ABSTENTIONS, 1 / 6), (MOUNT, 1 / 2), (NAMED, 1)],
)
def test_each_rate_counts_what_its_name_says(rate: scoring.Rate, value: float) -> None:
    assert rate(ROWS) == pytest.approx(value)


def test_an_abstention_is_neither_a_miss_nor_a_false_alarm() -> None:
    abstained = [row("body", "unknown"), row("fixed", "unknown")]

    assert (MISSES(abstained), FALSE_ALARMS(abstained), ACCURACY(abstained)) == (0, 0, None)
    assert ABSTENTIONS(abstained) == 1


@pytest.mark.parametrize(
    ("label", "truth", "mount"),
    [
        ("vehicle-other", "mobile", "vehicle"),
        ("helmet", "mobile", "body"),
        ("fixed-shaky", "fixed", "fixed"),
        ("ptz", "fixed", "ptz"),
    ],
)
def test_a_label_stands_for_a_truth_and_a_mount(label: str, truth: str, mount: str) -> None:
    assert (row(label, "unknown").truth, row(label, "unknown").true_mount) == (truth, mount)


def test_the_mount_counts_only_where_a_mobile_camera_was_found() -> None:
    assert MOUNT([row("ptz", "mobile", mount="ptz"), row("body", "fixed", mount="body")]) is None


def test_confusion_counts_every_row_under_its_label() -> None:
    answers = ("mobile", "fixed", "unknown")
    counted = scoring.confusion(ROWS, answers, lambda one: one.verdict)

    assert counted == {
        "body": [1, 0, 0],
        "dash": [1, 0, 0],
        "handheld": [0, 0, 1],
        "drone": [0, 1, 0],
        "fixed": [0, 1, 0],
        "ptz": [1, 0, 0],
    }


def test_seconds_to_the_verdict_are_of_clips_that_have_one() -> None:
    assert scoring.time_to_verdict(0.5, ROWS) == 3.0
    assert scoring.time_to_verdict(0.95, ROWS) == pytest.approx(4.8)
    assert scoring.time_to_verdict(0.5, [row("body", "unknown")]) is None


# --- intervals --------------------------------------------------------------------------------------------------------


def test_a_repository_is_drawn_as_a_whole() -> None:
    for sample in scoring.resamples(ROWS, 50, seed=3):
        assert len(sample) == len(ROWS)  # three repositories of two rows each
        assert all(sample.count(one) == sample.count(ROWS[n ^ 1]) for n, one in enumerate(ROWS))


def test_the_same_seed_gives_the_same_interval() -> None:
    assert scoring.estimate(ROWS, ACCURACY) == scoring.estimate(ROWS, ACCURACY)
    assert scoring.resamples(ROWS, 9, seed=1) != scoring.resamples(ROWS, 9, seed=2)


def test_many_clips_of_one_repository_are_worth_one() -> None:
    """Ten copies of each clip tell nothing new: the interval may not shrink."""
    copied = [one for one in ROWS for _ in range(10)]

    assert scoring.estimate(copied, ACCURACY)[:3] == scoring.estimate(ROWS, ACCURACY)[:3]


@pytest.mark.parametrize(("repos", "upper"), [(1, 0.975), (2, 0.842), (10, 0.308)])
def test_no_error_in_few_repositories_is_no_proof_of_none(repos: int, upper: float) -> None:
    """Clopper and Pearson's upper bound for 0 of n."""
    flawless = [row("body", "mobile", repo=str(n)) for n in range(repos)]
    estimate = scoring.estimate(flawless, MISSES)

    assert (estimate.value, estimate.low) == (0, 0)
    assert estimate.high == pytest.approx(upper, abs=1e-3)
    assert (estimate.hits, estimate.of) == (0, repos)


def test_nothing_to_count_gives_no_number() -> None:
    assert scoring.estimate([row("body", "mobile")], FALSE_ALARMS) == (None, None, None, 0, 0)


@settings(deadline=None)
@given(rows)
def test_an_interval_holds_its_value_within_0_and_1(some: list[Row]) -> None:
    for rate in RATES:
        value, low, high, hits, of = scoring.estimate(some, rate, draws=40)
        if value is not None and low is not None and high is not None:
            assert 0 <= low <= high <= 1
            assert (hits or 0) == round(value * (of or 0))


# --- calibration ------------------------------------------------------------------------------------------------------


def test_confidences_are_held_against_outcomes_bin_by_bin() -> None:
    bins = scoring.reliability([*ROWS, row("body", "mobile", confidence=1.0)])

    assert [(one.low, one.verdicts, one.accuracy) for one in bins] == [
        (0.6, 1, 0.0),
        (0.7, 1, 0.0),
        (0.8, 1, 1.0),
        (0.9, 3, 1.0),
    ]
    assert bins[-1].confidence == pytest.approx(0.95)


def test_brier_score_and_calibration_error_as_by_hand() -> None:
    assert scoring.brier(ROWS) == pytest.approx((0.05**2 + 0.15**2 + 0.65**2 + 0.1**2 + 0.7**2) / 5)
    assert scoring.calibration_error(ROWS) == pytest.approx((0.65 + 0.7 + 0.15 + 2 * 0.075) / 5)


def test_a_forecaster_that_is_always_right_and_sure_is_perfectly_calibrated() -> None:
    sure = [row("body", "mobile", confidence=1.0), row("ptz", "fixed", confidence=1.0)]

    assert (scoring.brier(sure), scoring.calibration_error(sure)) == (0, 0)


def test_what_is_unknown_has_no_calibration() -> None:
    """For `unknown`, confidence is how far the evidence has come, not a probability."""
    assert scoring.brier([row("body", "unknown")]) is None
    assert scoring.reliability([row("body", "unknown")]) == []


@given(rows)
def test_both_scores_lie_within_0_and_1(some: list[Row]) -> None:
    for score in (scoring.brier(some), scoring.calibration_error(some)):
        assert score is None or 0 <= score <= 1


# --- the report -------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=6)
@given(rows)
def test_every_table_can_be_made_of_any_rows(some: list[Row]) -> None:
    report = accuracy.report(some)

    assert all(one.name in report for one in some)
    for block in report.split("\n\n"):
        widths = {line.count("|") for line in block.splitlines() if line.startswith("|")}
        assert len(widths) <= 1, block


# --- the runner -------------------------------------------------------------------------------------------------------

HEADER = "name\tfile\tmobility\trepo\n"


class Silent:
    def begin(self, source: str, length: float | None) -> None: ...
    def at(self, media_time: float) -> None: ...
    def done(self, answer: Answer | Unread) -> None: ...
    def interrupted(self) -> None: ...


def test_a_clip_that_cannot_be_read_is_an_abstention_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "INDEX.tsv").write_text(HEADER + "gone\tgone.mp4\tbody\ta/a\n")
    (found,) = accuracy.measure(read_corpus(tmp_path), Silent())

    assert (found.outcome, found.error, found.truth) == ("abstained", "not_found", "mobile")


def test_an_estimator_is_asked_for_by_the_repository_of_the_clip_and_judges_it(tmp_path: Path) -> None:
    """A folder of pictures is a clip as well."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "1.png"), np.zeros((64, 64), np.uint8))
    (tmp_path / "INDEX.tsv").write_text(HEADER + "one\tone\tdash\ta/a\ntwo\ttwo\tptz\tb/b\n")
    asked: list[str] = []

    def estimator_for(repo: str) -> MobilityEstimator:
        asked.append(repo)
        return cast(MobilityEstimator, Sure())

    found = accuracy.measure(read_corpus(tmp_path), Silent(), estimator_for)

    assert asked == ["a/a", "b/b"]
    assert [one.outcome for one in found] == ["right", "wrong"]


class Sure:
    """Calls everything mobile, whatever it sees."""

    belief = MobilityBelief(value="mobile", mount="dash", confidence=0.8, decided_at=0.0)
    value, decided_at = belief.value, belief.decided_at
    spacing, seems_mobile = 1, False

    def update(self, *_: object) -> None: ...
    def restart(self) -> None: ...


@pytest.mark.parametrize(
    ("index", "problem"),
    [
        (None, "no INDEX.tsv"),
        ("name\tfile\tmobility\none\t1.mp4\tbody\n", "no column 'repo'"),
        (HEADER + "one\t1.mp4\ttripod\ta/a\n", "2: mobility 'tripod' is none of"),
    ],
)
def test_a_folder_that_is_no_corpus_is_refused_in_one_line(tmp_path: Path, index: str | None, problem: str) -> None:
    if index is not None:
        (tmp_path / "INDEX.tsv").write_text(index)

    with pytest.raises(InputError, match=problem) as refused:
        read_corpus(tmp_path)
    assert "\n" not in str(refused.value)
