"""This version against another: both built first, then measured in turns, in fresh processes.

Two processes a pair, one of each version, do the same work over and over in the order ABBA, some hundredths of a second
each, so that whatever the machine does meets both. Of a pair counts the median of the ratios of the same work; of all
pairs their median. Controls that neither version can touch say how much of a difference is the machine's own: blocks
one after the other find 60 % where there is nothing. What seems slower is measured once more, in new processes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, Literal

import msgspec

from . import probe
from .measure import Progress
from .versions import Side, importable, unpacked

PAIRS: Final = 7
# A difference counts from here on, and from three times what the controls differ by.
_LEAST: Final = 1.08
_TIMES_THE_FLOOR: Final = 3.0
_CLEAR: Final = 1.04
# Where the controls themselves differ by so much, nothing can be said.
_NOISE: Final = 0.1
_TURNS: Final = 8
# The guard looks closely at every third picture, and at fewer later: a sample of frames holds whole rounds of that.
_FRAMES: Final = 12
# Of others it holds some calls, so that what is slow now and then is seen in each.
_CALLS: Final = 4

Verdict = Literal["slower", "faster", "same", "not measurable", "only here"]
Ratios = dict[str, float | None]


class Compared(msgspec.Struct, frozen=True):
    """A stage in both versions: `ratio` is this one's time over the other's; None where only one has the stage."""

    name: str
    ratio: float | None
    verdict: Verdict


class Comparison(msgspec.Struct, frozen=True, tag_field="schema", tag="facewarden.bench.comparison/1"):
    """Two versions; `floor` is how much the controls differed, which neither can change."""

    other: str
    floor: float
    limit: float
    stages: tuple[Compared, ...]

    @property
    def slower(self) -> tuple[Compared, ...]:
        """What has become slower."""
        return tuple(stage for stage in self.stages if stage.verdict == "slower")

    @property
    def measurable(self) -> bool:
        """Whether the controls let anything be said."""
        return self.floor <= _NOISE


def compare(other: str, tell: Progress, pairs: int = PAIRS) -> Comparison:
    """Measure what is installed here against another version.

    Args:
        other: a wheel, or a revision of the Git repository that the current folder is in.
        tell: told how it goes.
        pairs: how many; three or more, an odd number.

    Raises:
        InputError: the other version cannot be had.
    """
    with unpacked(other) as theirs:
        ours = importable(Path(__file__).parents[2], theirs.parent / "ours")
        return between(ours, theirs, other, tell, pairs)


def between(ours: Path, theirs: Path, other: str, tell: Progress, pairs: int = PAIRS) -> Comparison:
    """Measure the version that is imported from one folder against that of another."""
    with TemporaryDirectory(prefix="facewarden-bench-") as folder:
        pictures = Path(folder) / "pictures.npz"
        probe.save_pictures(pictures)

        def measured(names: Sequence[str]) -> list[Ratios]:
            return list(_in_turns(names, ours, theirs, pictures, tell, pairs))

        return confirmed(other, measured)


def confirmed(other: str, measured: Callable[[Sequence[str]], list[Ratios]]) -> Comparison:
    """Judge all stages; measure again what differs, or everything where the machine was not to be trusted."""
    first = judge(other, measured([*probe.CONTROLS, *probe.STAGES]))
    if not first.measurable:
        return judge(other, measured([*probe.CONTROLS, *probe.STAGES]))
    suspects = [stage.name for stage in first.stages if stage.verdict in ("slower", "faster")]
    if not suspects:
        return first
    again = {stage.name: stage for stage in judge(other, measured([*probe.CONTROLS, *suspects])).stages}
    stages = (_both(stage, again[stage.name]) if stage.name in suspects else stage for stage in first.stages)
    return msgspec.structs.replace(first, stages=tuple(stages))


def _both(first: Compared, again: Compared) -> Compared:
    """Slower or faster only where it is so twice; the figure is the smaller difference."""
    nearer = min(first, again, key=lambda one: abs((one.ratio or 1.0) - 1.0))
    return msgspec.structs.replace(nearer, verdict=first.verdict if first.verdict == again.verdict else "same")


def judge(other: str, runs: list[Ratios]) -> Comparison:
    """What the ratios of pairs come to, this version's time over the other's."""
    floor = max(abs(median(_ratios(name, runs)) - 1.0) for name in probe.CONTROLS)
    limit = max(_LEAST, 1 + _TIMES_THE_FLOOR * floor)
    names = [name for name in probe.STAGES if name in runs[0]]
    stages = tuple(_compared(name, _ratios(name, runs), len(runs), limit, floor) for name in names)
    return Comparison(other, round(floor, 4), round(limit, 4), stages)


def _ratios(name: str, runs: list[Ratios]) -> list[float]:
    return sorted(ratio for ratio in (run[name] for run in runs) if ratio)


def _compared(name: str, ratios: list[float], pairs: int, limit: float, floor: float) -> Compared:
    """Slower, or faster, where the middle pair is beyond the limit, and all pairs but one are on its side."""
    if len(ratios) < pairs:
        return Compared(name, None, "only here")
    middle, verdict = median(ratios), "same"
    if floor > _NOISE:
        verdict = "not measurable"
    elif middle > limit and ratios[1] > _CLEAR:
        verdict = "slower"
    elif middle < 1 / limit and ratios[-2] < 1 / _CLEAR:
        verdict = "faster"
    return Compared(name, round(middle, 4), verdict)


def _in_turns(
    names: Sequence[str], ours: Path, theirs: Path, pictures: Path, tell: Progress, pairs: int
) -> Iterator[Ratios]:
    for number in range(pairs):
        tell(f"pair {number + 1} of {pairs}")
        with ExitStack() as stack:
            here, there = (stack.enter_context(Side(folder, pictures)) for folder in (ours, theirs))
            yield {name: _ratio(name, here, there) for name in names}


def _ratio(name: str, here: Side, there: Side) -> float | None:
    """The middle one of the ratios of the same work, done by both in the order ABBA."""
    least = _FRAMES if name.startswith("frame") else _CALLS
    for times in (least, least):  # the first makes the stage, and is not looked at
        once, other = here.spent(name, times), there.spent(name, times)
    if not once or not other:
        return None
    times = least * max(1, round(probe.SAMPLE_NS / once))
    found: list[float] = []
    for turn in range(2 * _TURNS):
        if turn % 2:
            theirs, ours = there.spent(name, times), here.spent(name, times)
        else:
            ours, theirs = here.spent(name, times), there.spent(name, times)
        found.append((ours or 1) / (theirs or 1))
    return median(found)
