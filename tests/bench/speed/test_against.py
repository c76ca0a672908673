from collections.abc import Callable
from random import Random

import pytest

from facewarden.bench.speed import probe
from facewarden.bench.speed.against import PAIRS, compare, judge
from facewarden.detector.errors import InputError

Run = dict[str, float | None]
NAMES = (*probe.CONTROLS, *probe.STAGES)


def pairs(slower: Callable[[str], float] = lambda _: 1.0, noise: float = 0.02, seed: int = 1) -> list[tuple[Run, Run]]:
    """Pairs of runs on a machine that drifts from pair to pair; of ours each stage is so many times slower."""
    random = Random(seed)

    def once(times: Callable[[str], float], drift: float) -> Run:
        return {name: 1000 * drift * times(name) * random.uniform(1 - noise, 1 + noise) for name in NAMES}

    drifts = [random.uniform(1, 2) for _ in range(PAIRS)]
    return [(once(slower, drift), once(lambda _: 1.0, drift)) for drift in drifts]


@pytest.mark.parametrize("seed", range(20))
def test_an_unchanged_version_is_never_called_slower(seed: int) -> None:
    comparison = judge("HEAD", pairs(seed=seed))

    assert comparison.slower == ()
    assert {stage.verdict for stage in comparison.stages} <= {"same", "not measurable"}


@pytest.mark.parametrize("stage", list(probe.STAGES))
def test_a_stage_that_became_a_fifth_slower_is_found_and_named(stage: str) -> None:
    comparison = judge("HEAD", pairs(lambda name: 1.2 if name == stage else 1.0, noise=0.01))

    assert [one.name for one in comparison.slower] == [stage]


def test_one_bad_pair_makes_nothing_slower() -> None:
    runs = pairs()
    runs[3][0]["mobility"] = 9e9

    assert judge("HEAD", runs).slower == ()


def test_where_the_controls_differ_nothing_is_said() -> None:
    comparison = judge("HEAD", pairs(lambda name: 1.3 if name in probe.CONTROLS else 1.5))

    assert not comparison.measurable
    assert {stage.verdict for stage in comparison.stages} == {"not measurable"}


def test_a_stage_that_the_other_version_lacks_is_told() -> None:
    runs = pairs()
    for _, there in runs:
        there["admission"] = None

    assert [stage.name for stage in judge("HEAD", runs).stages if stage.verdict == "only here"] == ["admission"]


@pytest.mark.parametrize("other", ["--output=/tmp/x", "no such revision"])
def test_what_is_no_revision_is_an_error(other: str) -> None:
    with pytest.raises(InputError):
        compare(other, lambda _: None)
