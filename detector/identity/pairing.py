"""What a model that has a template inside says outside: who it is, or whether two pictures show one person."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from .feeding import Attempt
from .model import Array, Run
from .probes import NO_FACE, probes

_OTHER = 0.1  # of pairs of two people, the most that get the same name
_AUC = 0.93
_FACES = 10  # pictures of which every pair is tried


def says_who(answers: Sequence[Array], people: Array) -> bool:
    """Whether an output is a whole number that differs from person to person: a place in a list of many.

    That it is the same for two pictures of one person cannot be asked: these people are on nobody's list.

    Args:
        answers: what one output gave for each picture.
        people: who was in it.
    """
    if any(len(answer) != 1 or not float(answer[0]).is_integer() for answer in answers):
        return False
    faces = [(float(answer[0]), who) for answer, who in zip(answers, people, strict=False) if who != NO_FACE]
    impostor = [one[0] == other[0] for one, other in combinations(faces, 2) if one[1] != other[1]]
    return bool(impostor and np.mean(impostor) <= _OTHER)


def compares(run: Run, attempt: Attempt, outputs: int) -> bool:
    """Whether a number that comes out of two pictures is higher, or lower, where they show one person."""
    pictures, people = probes().pictures[:_FACES], probes().people[:_FACES]
    pairs = list(combinations(range(_FACES), 2))
    rows = [run(attempt.arrays(pictures[one], pictures[other])) for one, other in pairs]
    same = np.array([people[one] == people[other] for one, other in pairs])
    answers: list[list[Array]] = [[np.asarray(row[place]) for row in rows] for place in range(outputs)]
    return any(_separates(one, same) for one in answers)


def _separates(answers: Sequence[Array], same: Array) -> bool:
    if {answer.size for answer in answers} - {1, 2}:
        return False
    values = np.array([float(answer.ravel()[-1]) for answer in answers])
    above = (values[same][:, None] > values[~same][None]).mean()
    below = (values[same][:, None] < values[~same][None]).mean()
    return bool(max(above, below) >= _AUC)
