from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from facewarden.bench.speed import probe
from facewarden.bench.speed.against import PAIRS, Ratios, compare, confirmed, judge
from facewarden.bench.speed.versions import Side, importable
from facewarden.detector.errors import InputError

ROOT = Path(__file__).parents[3]
NAMES = (*probe.CONTROLS, *probe.STAGES)


def pairs(slower: Callable[[str], float] = lambda _: 1.0, noise: float = 0.02, seed: int = 1) -> list[Ratios]:
    """The ratios of pairs; of ours each stage is so many times slower."""
    random = Random(seed)
    return [{name: slower(name) * random.uniform(1 - noise, 1 + noise) for name in NAMES} for _ in range(PAIRS)]


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
    runs[3]["mobility"] = 9e9

    assert judge("HEAD", runs).slower == ()


def test_where_the_controls_differ_nothing_is_said() -> None:
    comparison = judge("HEAD", pairs(lambda name: 1.3 if name in probe.CONTROLS else 1.5))

    assert not comparison.measurable
    assert {stage.verdict for stage in comparison.stages} == {"not measurable"}


def test_a_stage_that_the_other_version_lacks_is_told() -> None:
    runs = pairs()
    for run in runs:
        run["admission"] = None

    assert [stage.name for stage in judge("HEAD", runs).stages if stage.verdict == "only here"] == ["admission"]


def answering(*answers: list[Ratios]) -> tuple[list[tuple[str, ...]], Callable[[Sequence[str]], list[Ratios]]]:
    """A measurement that gives these answers one after the other, and what it was asked for."""
    asked: list[tuple[str, ...]] = []
    left = iter(answers)

    def measured(names: Sequence[str]) -> list[Ratios]:
        asked.append(tuple(names))
        return [{name: run[name] for name in names} for run in next(left)]

    return asked, measured


def test_what_seems_slower_is_measured_again_and_is_the_same_where_that_does_not_bear_it_out() -> None:
    asked, measured = answering(pairs(lambda name: 1.3 if name == "faces" else 1.0), pairs(seed=2))

    assert confirmed("HEAD", measured).slower == ()
    assert asked[1] == (*probe.CONTROLS, "faces")


def test_what_is_slower_twice_is_slower_by_the_smaller_of_both() -> None:
    _, measured = answering(*(pairs(lambda name, by=by: by if name == "faces" else 1.0, noise=0) for by in (1.4, 1.2)))

    assert [(one.name, one.ratio) for one in confirmed("HEAD", measured).slower] == [("faces", 1.2)]


def test_where_the_controls_differ_everything_is_measured_once_more() -> None:
    asked, measured = answering(pairs(lambda name: 1.3 if name in probe.CONTROLS else 1.0), pairs())

    assert confirmed("HEAD", measured).measurable
    assert asked == [NAMES, NAMES]


def test_one_version_beside_itself_has_every_stage(tmp_path: Path) -> None:
    folder = importable(ROOT, tmp_path / "ours")
    pictures = tmp_path / "pictures.npz"
    probe.save_pictures(pictures)

    with Side(folder, pictures) as side:
        assert all(side.spent(stage, 1) for stage in ("registers", "call", "decide remembered"))


@pytest.mark.parametrize("other", ["--output=/tmp/x", "no such revision"])
def test_what_is_no_revision_is_an_error(other: str) -> None:
    with pytest.raises(InputError):
        compare(other, lambda _: None)
