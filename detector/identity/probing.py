"""Behaviour: try a model on faces it cannot know, and see whether it tells them apart."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import msgspec
import numpy as np

from .feeding import Attempt, attempts
from .model import Array, Run, Slot, Unrunnable
from .probes import Probes, probes
from .signs import Signs, measure

_GLANCE_FLOOR = 1.8
_WIDEST = 4096  # values; what is longer is a map of the picture


class Finding(msgspec.Struct, frozen=True):
    """What one output or internal vector showed at the scale that suited it best.

    Attributes:
        place: which vector: outputs come first, internals after them.
        signs: what it shows.
        attempt: how the model was fed.
        vectors: float32, [n, width]: for the first n probe pictures.
    """

    place: int
    signs: Signs
    attempt: Attempt
    vectors: Array


class Probing(msgspec.Struct, frozen=True):
    """What came of trying a model.

    Attributes:
        output: the finding of the output that tells people apart best; None where no output is a vector.
        internal: the same of the vectors inside.
        runs: how often the model ran.
        problem: why the last attempt failed; None where one succeeded.
    """

    output: Finding | None
    internal: Finding | None
    runs: int
    problem: str | None


def probe(runner: Callable[[Sequence[Slot]], Run], inputs: Sequence[Slot], outputs: int) -> Probing:
    """Try a model, the likeliest way of feeding it first, until the case is clear or all ways have been tried.

    Args:
        runner: makes the model ready for inputs of full shapes; may raise Unrunnable.
        inputs: its inputs.
        outputs: how many of what it returns are outputs; what follows are internals.
    """
    best: dict[bool, Finding] = {}
    runs, problem = 0, "it takes no picture"
    worked = False
    for run, attempt in _ready(runner, inputs):
        if isinstance(run, Unrunnable):
            problem = str(run)
            continue
        try:
            found, used = _try(run, attempt, probes())
        except Unrunnable as refusal:
            problem = str(refusal)
            continue
        worked, runs = True, runs + used
        if not found:  # no output is a vector, at any scale
            break
        for finding in found:
            inside = finding.place >= outputs
            if inside not in best or _rank(finding) > _rank(best[inside]):
                best[inside] = finding
        if any(finding.signs.clear for finding in best.values()):
            break
    return Probing(best.get(False), best.get(True), runs, None if worked else problem)


def _ready(
    runner: Callable[[Sequence[Slot]], Run], inputs: Sequence[Slot]
) -> Iterator[tuple[Run | Unrunnable, Attempt]]:
    """Each attempt with the model made ready once for all that feed it the same shapes."""
    for shapes, group in groupby(attempts(inputs), key=lambda attempt: attempt.inputs):
        run: Run | Unrunnable
        try:
            run = runner(shapes)
        except Unrunnable as refusal:
            run = refusal
        for attempt in group:
            yield run, attempt


def _try(run: Run, attempt: Attempt, pictures: Probes) -> tuple[list[Finding], int]:
    """Run on a few pictures, and on more as long as that could still change the answer."""
    stages = (pictures.glance, pictures.faces, pictures.quick, len(pictures.pictures))
    rows: list[list[Array]] = []
    found: list[Finding] = []
    for stage in stages:
        rows += [_vectors(run, attempt, picture) for picture in pictures.pictures[len(rows) : stage]]
        found = _measure(rows, attempt, pictures.people[:stage])
        floor = _GLANCE_FLOOR if stage == pictures.glance else 0.0  # few pairs scatter widely
        if not any(finding.signs.promising and finding.signs.separation >= floor for finding in found):
            break
        if stage > pictures.glance and any(finding.signs.clear for finding in found):
            break
    return found, len(rows)


def _vectors(run: Run, attempt: Attempt, picture: Array) -> list[Array]:
    """One flat vector for each thing that the model returns; of a fixed batch the first row."""
    batch = (attempt.inputs[attempt.position].shape[0] or 1) if attempt.layout.startswith("N") else 1
    returned = (np.asarray(array) for array in run(attempt.arrays(picture)))
    return [_flat(array[:1] if batch > 1 and array.ndim and array.shape[0] == batch else array) for array in returned]


def _flat(array: Array) -> Array:
    return np.asarray(array if array.size <= _WIDEST and array.dtype.kind in "fiu" else [], np.float32).ravel()


def _measure(rows: list[list[Array]], attempt: Attempt, people: Array) -> list[Finding]:
    found: list[Finding] = []
    for place, vectors in enumerate(zip(*rows, strict=True)):
        if len({len(vector) for vector in vectors}) == 1 and (signs := measure(np.stack(vectors), people)):
            found.append(Finding(place, signs, attempt, np.stack(vectors)))
    return found


def _rank(finding: Finding) -> tuple[bool, bool, int, float, float]:
    signs = finding.signs
    return signs.strong, signs.strong and signs.unit, len(finding.vectors), min(signs.width, 8), signs.separation
