"""Behaviour: try a model on faces it cannot know, and see whether it tells them apart."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from math import prod
from typing import NamedTuple

import msgspec
import numpy as np

from .feeding import Attempt, attempts
from .layout import PAIRS, of_places
from .model import MOST_OUTPUTS, NO_NUMBERS, Array, Run, Slot, Unrunnable
from .pairing import compares, says_who
from .probes import probes
from .signs import FEWEST, Signs, measure
from .views import is_map, views

_GLANCE_FLOOR = 1.8
# At a glance, of what tells of places: detectors come to 8 there, recognisers begin at 6 and mostly have 11.
_CLEAR_IN_PLACES = 8.0
_WIDEST_INSIDE, _WIDEST = 4096, 1 << 17  # values; an output may be a map, or hold a place for each person ever seen
_MOST_BYTES = 1 << 28  # of all inputs
_NOTHING = np.zeros(0, np.float32)
_OF_A_BOX = range(4, 8)  # values: its sides, its score, its class
_A_LOOK = 2  # pictures that show whether a list of boxes comes with anything else at another scale
_LIKELIEST = 2  # scales that are tried at a second size: those that suited the first best


class Finding(msgspec.Struct, frozen=True):
    """What one output or internal vector showed at the scale that suited it best.

    Attributes:
        place: which vector: outputs come first, internals after them.
        signs: what it shows.
        attempt: how the model was fed.
        vectors: float32, [n, width]: for the first n probe pictures.
        view: how it was pooled over places; empty where it was taken as it is.
    """

    place: int
    signs: Signs
    attempt: Attempt
    vectors: Array
    view: str = ""


class Probing(msgspec.Struct, frozen=True):
    """What came of trying a model.

    Attributes:
        output: the finding of the output that tells people apart best; None where no output is a vector.
        internal: the same of the vectors inside.
        runs: how often the model ran.
        problem: why the last attempt failed; None where one succeeded.
        names: whether an output is a number that says who it is.
        compares: whether an output says of two pictures whether they show one person.
        constant: whether it gives vectors, and the same for every picture: of outputs too short for a template only
            where nothing inside tells more.
        hinted: whether an output, all pictures tried, told people apart a little: see `Signs.hinting`.
        numb: whether an output that may be a template was nearly the same for every picture, at all scales: see
            `Signs.numb`.
    """

    output: Finding | None
    internal: Finding | None
    runs: int
    problem: str | None
    names: bool = False
    compares: bool = False
    constant: bool = False
    hinted: bool = False
    numb: bool = False


def probe(
    runner: Callable[[Sequence[Slot]], Run], inputs: Sequence[Slot], outputs: int, *, brief: bool = False
) -> Probing:
    """Try a model, the likeliest way of feeding it first, until the case is clear or all ways have been tried.

    Args:
        runner: makes the model ready for inputs of full shapes; may raise Unrunnable.
        inputs: its inputs.
        outputs: how many of what it returns are outputs; what follows are internals.
        brief: a few pictures of each scale will do, unless they speak clearly for a recogniser; see
            `layout.tells_places`.
    """
    if outputs > MOST_OUTPUTS:
        return Probing(None, None, 0, f"it has {outputs} outputs, which nobody looks at")
    trial = _Trial(runner, outputs, brief=brief)
    trial.go(attempts(inputs))
    if not trial.worked:
        trial.go(attempts(inputs, unusual=True))
    if trial.constant or trial.numb:
        trial.go(one for one in attempts(inputs, tinted=True) if one.size == trial.size)
    if trial.numb:
        trial.go(one for one in attempts(inputs, strong=True) if one.size == trial.size)
    return trial.result()


class _Row(NamedTuple):
    """What a model gave for one picture.

    Attributes:
        vectors: by place, outputs before internals, and by view: see `views`.
        maps: places of outputs that may be what a template is made from.
        boxes: how many boxes it lists, and nothing beside them; None where it gives anything else.
    """

    vectors: dict[tuple[int, str], Array]
    maps: frozenset[int]
    boxes: int | None = None


class _Trial:
    """What is known so far of a model that is being tried."""

    def __init__(self, runner: Callable[[Sequence[Slot]], Run], outputs: int, *, brief: bool) -> None:
        self._runner, self._outputs, self._brief = runner, outputs, brief
        self._best: dict[bool, Finding] = {}
        self._runs, self._problem, self.worked = 0, "it takes no picture", False
        self._gives_vectors = self._names = self._compares = self._hinted = False
        self._boxes: set[int | None] = set()  # how many are listed; None where anything else is given
        self._widest = 0  # values of an output
        self.size: tuple[int, int] | None = None  # height and width of the first pictures that it took
        self._numb = set[bool]()  # whether outputs that may be a template were, of each attempt
        self._separations: dict[str, float] = {}  # of each scale, at the first size that worked

    @property
    def _lists_boxes(self) -> bool:
        """Whether boxes alone are given, as many as each picture has: nothing in such a list can be a template."""
        return None not in self._boxes and len(self._boxes) > 1

    @property
    def constant(self) -> bool:
        return self._gives_vectors and False not in self._best and not self._lists_boxes

    @property
    def numb(self) -> bool:
        return self._numb == {True}

    def go(self, tries: Iterator[Attempt]) -> None:
        """Until the case is clear, all ways have been tried, or it turns out to give no vector at all."""
        for _, sized in groupby(tries, key=lambda attempt: attempt.size):
            settled = self._size(list(sized))
            if settled:
                return

    def result(self) -> Probing:
        return Probing(
            self._best.get(False), self._best.get(True), self._runs, None if self.worked else self._problem,
            self._names, self._compares, self.constant and (self._widest >= FEWEST or True not in self._best),
            self._hinted, self.numb,
        )  # fmt: skip

    def _size(self, tries: list[Attempt]) -> bool:
        """All ways to feed it pictures of one size; whether that settled it."""
        likeliest = sorted(self._separations, key=lambda scale: -self._separations[scale])[:_LIKELIEST]
        separations: dict[str, float] = {}
        for run, attempt in _ready(self._runner, tries):
            if attempt.scale in self._separations and attempt.scale not in likeliest:
                continue
            try:
                found = self._try(run, attempt)
            except Unrunnable as refusal:
                self._problem = str(refusal)
                continue
            self.worked, self.size = True, self.size or attempt.size
            separations[attempt.scale] = max((one.signs.separation for one in found), default=0.0)
            if self._lists_boxes and not self._best:
                continue  # at another scale it may find faces, and give templates of them
            if not self.constant and any(one.signs.clear for one in self._best.values()):
                return True
            if not (self._gives_vectors or found or self._brief or _takes_two(attempt)):
                return True
        self._separations = self._separations or separations
        return self._lists_boxes and not self._best

    def _try(self, run: Run | Unrunnable, attempt: Attempt) -> list[Finding]:
        """Run on a few pictures, and on all where that could change the answer."""
        if isinstance(run, Unrunnable):
            raise run
        pictures = probes()
        rows: list[_Row] = []
        found: list[Finding] = []
        first = _A_LOOK if self._lists_boxes else pictures.glance
        for stage in (first, pictures.closer, len(pictures.pictures)):
            for picture in pictures.pictures[len(rows) : stage]:
                rows.append(_row(run(attempt.arrays(picture)), attempt, self._outputs))
                self._runs += 1
            found = _measure(rows, attempt, pictures.people[:stage])
            if self._brief and stage == pictures.glance and not any(map(_is_clear_in_places, found)):
                return []
            self._widest = max(self._widest, *(len(rows[0].vectors[place, ""]) for place in self._places(rows[0])), 0)
            self._gives_vectors |= self._widest > 1
            self._boxes |= {row.boxes for row in rows}
            if not any(_worth_more(one.signs) or self._may_hint(one) for one in found):
                break
        self._keep(found)
        self._see_answers(run, attempt, rows, found)
        return found

    def _may_hint(self, finding: Finding) -> bool:
        """Whether an output tells people apart a little, which all pictures have to bear out."""
        return finding.place < self._outputs and not finding.view and finding.signs.hinting

    def _places(self, row: _Row) -> list[int]:
        """Those of outputs."""
        return [place for place, view in row.vectors if place < self._outputs and not view]

    def _keep(self, found: Sequence[Finding]) -> None:
        for finding in found:
            inside = finding.place >= self._outputs
            tried = len(finding.vectors) == len(probes().pictures)
            self._hinted |= not inside and tried and finding.signs.hinting
            if not inside and not finding.view and finding.signs.may_be_template:
                self._numb.add(finding.signs.numb or (finding.signs.still and not tried))
            if inside not in self._best or _rank(finding) > _rank(self._best[inside]):
                self._best[inside] = finding

    def _see_answers(self, run: Run, attempt: Attempt, rows: list[_Row], found: Sequence[Finding]) -> None:
        """Of a model with a template inside, or with nothing to be seen there: whether what comes out says who, or
        whether two are one."""
        if found and not any(finding.signs.strong for finding in found):
            return
        # Where what the output is made from tells people apart.
        if found and max(found, key=lambda finding: finding.place).signs.strong:
            outputs = self._places(rows[0])
            self._names |= any(says_who([row.vectors[place, ""] for row in rows], probes().people) for place in outputs)
        if _takes_two(attempt) and not self._compares:
            self._compares = compares(run, attempt, self._outputs)


def _takes_two(attempt: Attempt) -> bool:
    return len(attempt.pictures) > 1 or attempt.layout.channels in PAIRS


def _ready(
    runner: Callable[[Sequence[Slot]], Run], tries: Sequence[Attempt]
) -> Iterator[tuple[Run | Unrunnable, Attempt]]:
    """Each attempt with the model made ready once for all that feed it the same shapes."""
    for shapes, group in groupby(tries, key=lambda attempt: attempt.inputs):
        run: Run | Unrunnable
        grouped = list(group)
        try:
            run = _made_ready(runner, shapes, grouped[0])
        except Unrunnable as refusal:
            run = refusal
        for attempt in grouped:
            yield run, attempt


def _made_ready(runner: Callable[[Sequence[Slot]], Run], shapes: Sequence[Slot], attempt: Attempt) -> Run:
    if any(slot.dtype in NO_NUMBERS for slot in shapes):
        raise Unrunnable("it takes inputs that are no numbers")
    if attempt.bytes > _MOST_BYTES:
        raise Unrunnable(f"it takes inputs of {attempt.bytes / 1e9:.1f} GB")
    return runner(shapes)


def _row(returned: Sequence[object], attempt: Attempt, outputs: int) -> _Row:
    """One flat vector for each thing that the model returns, and outputs pooled; of a fixed batch the first row."""
    full = attempt.inputs[attempt.position].shape
    batch = full[0] or 1 if attempt.layout.axes.startswith("N") else 1
    vectors, maps = dict[tuple[int, str], Array](), set[int]()
    for place, one in enumerate(returned):
        array = np.asarray(one)
        row = array[:1] if batch > 1 and array.ndim and array.shape[0] == batch else array
        numbers = _numbers(row, _WIDEST if place < outputs else _WIDEST_INSIDE)
        vectors[place, ""] = numbers.ravel()
        if place < outputs and not _of_boxes(numbers.shape, attempt):
            vectors |= {(place, view): vector for view, vector in views(numbers)}
            maps |= {place} if is_map(numbers) else set()
    vectors |= _joined([vectors[place, ""] for place in range(min(outputs, len(returned)))])
    return _Row(vectors, frozenset(maps), _boxes([np.asarray(one).shape for one in returned]))


def _joined(given: Sequence[Array]) -> dict[tuple[int, str], Array]:
    """Outputs of which none is wide enough for a template, as the one that they may be together."""
    together = np.concatenate(given) if len(given) > 1 and max(map(len, given)) < FEWEST else _NOTHING
    return {(0, f"{len(given)} outputs together"): together} if FEWEST <= len(together) <= _WIDEST_INSIDE else {}


def _boxes(shapes: Sequence[tuple[int, ...]]) -> int | None:
    """How many boxes are listed, where all that is given is of each box a few numbers; None where it is not."""
    rows = [shape for shape in shapes if len(shape) > 1 and shape[-1] in _OF_A_BOX]
    found = next((shape[-2] for shape in rows if prod(shape[:-2]) == 1), None)
    few = (prod(shape) in (1, found) or (shape in rows and prod(shape[:-1]) == found) for shape in shapes)
    return found if found is not None and all(few) else None


def _of_boxes(shape: Sequence[int], attempt: Attempt) -> bool:
    """Whether an output is a list with a row, or a column, for each place, as detectors give it: no tokens."""
    return sum(side > 1 for side in shape) == len("TC") and of_places(shape, attempt.size)


def _numbers(array: Array, widest: int) -> Array:
    return np.asarray(array if array.size <= widest and array.dtype.kind in "fiub" else [], np.float32)


def _measure(rows: list[_Row], attempt: Attempt, people: Array) -> list[Finding]:
    found: list[Finding] = []
    for place, view in rows[0].vectors:
        vectors = [row.vectors.get((place, view), _NOTHING) for row in rows]
        if len({len(vector) for vector in vectors}) > 1:
            continue
        stacked = np.stack(vectors)
        if signs := measure(stacked, people, map_=not view and place in rows[0].maps):
            found.append(Finding(place, signs, attempt, stacked, view))
    return found


def _worth_more(signs: Signs) -> bool:
    """Whether more pictures could change the answer."""
    return (
        (signs.promising and signs.separation >= _GLANCE_FLOOR)
        or signs.weak
        or signs.evened
        or (signs.unit and signs.still)
    )


def _is_clear_in_places(finding: Finding) -> bool:
    return finding.signs.separation >= _CLEAR_IN_PLACES


def _rank(finding: Finding) -> tuple[bool, bool, int, int, float]:
    signs = finding.signs
    return signs.strong, signs.strong and signs.unit, min(signs.width, 8), len(finding.vectors), signs.separation
