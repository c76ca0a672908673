"""What is made to be compared and says nearly the same of everybody is undecided, if it has learned anything."""

from collections.abc import Sequence

import numpy as np
import pytest

from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.model import Array, Layer, Run, Slot
from facewarden.detector.identity.verdict import Verdict, examine
from facewarden.detector.identity.weights import as_drawn

RANDOM = np.random.default_rng(4)
EVEN = RANDOM.uniform(-0.1, 0.1, (2, 64, 32, 3, 3)).astype(np.float32)
NORMAL = RANDOM.standard_normal((2, 64, 32, 3, 3)).astype(np.float32)
MATRICES = RANDOM.standard_normal((2, 64, 128)).astype(np.float32)
GAINS = RANDOM.uniform(0.3, 1.7, 128).astype(np.float32)
LEARNED = NORMAL * GAINS[:32, None, None]
TURNED = np.linalg.qr(MATRICES.transpose(0, 2, 1) @ MATRICES + np.eye(128))[0]


class Numb:
    """Nearly one vector for every picture, of length 1 or not."""

    format, notes = "onnx", ()
    inputs = (Slot((1, 3, 112, 112)),)
    outputs = (Layer("Mul", Slot((1, 128))),)

    def __init__(self, weights: Array, length: float) -> None:
        self._weights, self._length = weights, length

    def weights(self) -> Array:
        return self._weights

    def runner(self, inputs: Sequence[Slot]) -> Run:  # noqa: ARG002 - it takes what it takes
        base = np.random.default_rng(1).standard_normal(128)

        def run(arrays: list[Array]) -> list[Array]:
            picture = np.asarray(arrays[0], np.float64).ravel()[:: 3 * 98]
            vector = base + 0.1 * (picture - picture.mean()) / (picture.std() + 1e-9)
            return [(self._length * vector / np.linalg.norm(vector))[None].astype(np.float32)]

        return run


class Dull(Numb):
    """The same, but for pictures of a thousand times the usual strength."""

    def runner(self, inputs: Sequence[Slot]) -> Run:  # noqa: ARG002 - it takes what it takes
        base = np.random.default_rng(1).standard_normal(128)

        def run(arrays: list[Array]) -> list[Array]:
            vector = base + 1e-4 * np.asarray(arrays[0], np.float64).ravel()[:: 3 * 98]
            return [(vector / np.linalg.norm(vector))[None].astype(np.float32)]

        return run


def examined(weights: Array, length: float) -> Verdict:
    return examine(Numb(weights, length), Knowledge())


def test_it_is_undecided_where_it_has_learned_something() -> None:
    verdict = examined(LEARNED, 1)

    assert verdict.recogniser is None
    assert "nearly the same of every picture" in verdict.evidence[-1].detail


def test_it_is_none_where_it_answers_to_stronger_pictures_and_tells_nobody_apart() -> None:
    verdict = examine(Dull(LEARNED, 1), Knowledge())

    assert verdict.recogniser is False, verdict.evidence


def test_it_is_none_where_its_weights_are_as_they_were_drawn() -> None:
    verdict = examined(EVEN, 1)

    assert verdict.recogniser is False
    assert "as chance drew them" in verdict.evidence[-1].detail


def test_it_is_none_where_it_is_not_made_to_be_compared() -> None:
    assert examined(LEARNED, 7).recogniser is False


def test_it_is_none_where_it_says_the_same_of_all_and_has_learned_nothing() -> None:
    verdict = examine(Numb(NORMAL, 0), Knowledge())

    assert verdict.recogniser is False


@pytest.mark.parametrize(
    ("weights", "drawn"),
    [
        (EVEN, True), (NORMAL, True), (NORMAL.astype(np.float16), True), (NORMAL * GAINS[:64, None, None, None], True),
        (MATRICES, True), (MATRICES * GAINS, True), (MATRICES * GAINS[:64, None], True), (LEARNED, False),
        (MATRICES * GAINS * GAINS[:64, None], False), (np.sign(NORMAL), False), (np.full_like(NORMAL, np.inf), False),
        (TURNED, False), ([*NORMAL, MATRICES], False), ([*MATRICES, NORMAL.ravel()], False),
        ([*MATRICES, *[LEARNED[0, :4]] * 20], False), ((NORMAL * 30).astype(np.int8), False),
        (EVEN[:1], False), (EVEN[:, :2], False), ([*EVEN, LEARNED[0], GAINS], False),
    ],
)  # fmt: skip
def test_only_several_large_tensors_that_chance_may_have_drawn_say_so(weights: Sequence[Array], drawn: bool) -> None:
    assert as_drawn(weights) is drawn


def test_of_weights_that_are_not_all_read_nothing_is_said() -> None:
    assert [as_drawn(NORMAL, unread) for unread in (NORMAL.nbytes // 40, NORMAL.nbytes // 10)] == [True, False]
