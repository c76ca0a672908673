"""Answers, counted by kind."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from ...tools.markdown import Cell, join, table
from .case import Answer

_FOUND, _WRONG, _UNDECIDED = "recogniser", "none", "undecided"
_NOTE = """\
No hash and no fingerprint of a published model is used, but for weights alone. Seconds of processor time and the most
megabytes are those of the process that looks at files, one thread, its libraries included."""
_WIDTH = 110


def report(answers: Sequence[Answer]) -> str:
    """The sums, each kind, and every answer that is wrong or missing."""
    made = [one for one in answers if one.made is None]
    amiss = [one for one in made if _amiss(one)]
    return join(
        _NOTE,
        table(
            ("truth", "files", "right", "undecided or not looked at", "wrong", "s, 95 % below", "MB, most"),
            _sums(made),
        ),
        "### By weights",
        table(("made from", "files", "found", "undecided", "missed"), _by_weights(made)),
        "### By kind",
        table(("kind", "truth", "files", "right", "undecided", "wrong", "s, median", "MB, most"), _kinds(made)),
        "### Wrong or missing",
        table(("kind", "made from", "truth", "said", "because"), map(_line, amiss)),
        *_unmade([one for one in answers if one.made is not None]),
    )


def right(one: Answer) -> bool:
    """Whether it was said what it is."""
    return one.said == {True: _FOUND, False: _WRONG, None: _UNDECIDED}[one.truth]


def wrong(one: Answer) -> bool:
    """Whether the opposite was said; of what is best left undecided, anything."""
    return one.said in (_FOUND, _WRONG) and not right(one)


def _amiss(one: Answer) -> bool:
    return not right(one)


def _sums(answers: Sequence[Answer]) -> list[tuple[Cell, ...]]:
    lines: list[tuple[Cell, ...]] = []
    for truth, name in ((True, "recognisers"), (False, "no recognisers"), (None, "best left undecided")):
        own = [one for one in answers if one.truth is truth]
        if own:
            seconds = sorted(one.seconds for one in own)[int(0.95 * (len(own) - 1))]
            lines.append((name, *_counts(own), seconds, _megabytes(own)))
    return lines


def _counts(own: Sequence[Answer]) -> tuple[int, int, int, int]:
    good, bad = sum(map(right, own)), sum(map(wrong, own))
    return len(own), good, len(own) - good - bad, bad


def _megabytes(own: Sequence[Answer]) -> int:
    return round(max(one.memory for one in own) / 1e6)


def _by_weights(answers: Sequence[Answer]) -> list[tuple[Cell, ...]]:
    names = dict.fromkeys(one.of for one in answers if one.truth)
    return [(name, *_counts([one for one in answers if one.truth and one.of == name])) for name in names]


def _kinds(answers: Sequence[Answer]) -> list[tuple[Cell, ...]]:
    grouped: defaultdict[tuple[str, bool | None], list[Answer]] = defaultdict(list)
    for one in answers:
        grouped[one.kind, one.truth].append(one)
    lines: list[tuple[Cell, ...]] = []
    for (kind, truth), own in grouped.items():
        median = sorted(one.seconds for one in own)[len(own) // 2]
        lines.append((kind, _truth(truth), *_counts(own), median, _megabytes(own)))
    return lines


def _line(one: Answer) -> tuple[Cell, ...]:
    return one.kind, one.of, _truth(one.truth), one.said, one.because[:_WIDTH]


def _truth(truth: bool | None) -> str:
    return {True: "recogniser", False: "none", None: "open"}[truth]


def _unmade(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Kinds that could not be made of some weights, so that nothing was asked."""
    if not answers:
        return ()
    counted = Counter(f"{one.kind} of {one.of} ({one.made})" for one in answers)
    return "Could not be made:", "\n".join(f"- {name}" for name in counted)
