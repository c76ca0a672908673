import pytest

from facewarden.detector.mobility.evidence import NO_EVIDENCE, Evidence
from facewarden.detector.mobility.tally import Tally
from facewarden.models.training.rates import Example, Training


def example(repo: str, truth: str, evidence: Evidence, ticks: int = 6) -> Example:
    return Example(repo, truth, tuple((tick / 2, evidence) for tick in range(ticks)))  # pyright: ignore


def evidence(**kinds: float) -> Evidence:
    return Evidence(**{**dict.fromkeys(("still", "wall", "returns", "moves", "pan"), 0.0), **kinds})


CLIPS = [
    *[example(f"fixed/{n}", "fixed", evidence(still=0.3)) for n in range(4)],
    *[example(f"mobile/{n}", "mobile", evidence(moves=0.3)) for n in range(4)],
]


def test_the_rates_learned_decide_the_examples_they_were_learned_from() -> None:
    rates = Training(CLIPS).rates()
    for clip in CLIPS:
        tally = Tally(rates)
        for time, seen in clip.ticks:
            tally.weigh(seen, time)
        assert tally.value == clip.truth


def test_what_a_repository_teaches_is_forgotten_when_it_is_left_out() -> None:
    """One repository's mobile cameras look as if they stood: with it, stillness weighs as little as it can."""
    misleading = [example("odd/one", "mobile", evidence(still=0.25), ticks=5) for _ in range(20)]
    training = Training([*CLIPS, *misleading])

    assert training.rates().still < training.rates(without="odd/one").still


def test_training_twice_gives_the_same_rates() -> None:
    assert Training(CLIPS).rates() == Training(CLIPS).rates()


def test_verdicts_that_were_wrong_make_the_rest_less_sure() -> None:
    wrong = [example(f"odd/{n}", "fixed", evidence(moves=1.0)) for n in range(3)]

    assert Training([*CLIPS, *wrong]).rates().certainty < Training(CLIPS).rates().certainty


@pytest.mark.parametrize("repo", ["rendered", "someone/clips"])
def test_rendered_scenes_count_less_than_clips(repo: str) -> None:
    assert (example(repo, "fixed", NO_EVIDENCE).weight < 1) is (repo == "rendered")
