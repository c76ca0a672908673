"""How well models are told apart: `python -m facewarden.bench.truth.identification ZOO`.

ZOO holds model files and INDEX.tsv, which says what each does. Nothing published is known while it is measured: no
hash, no fingerprint; so every set of weights is judged as one that was never seen.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ...detector.errors import InputError, ModelError
from ...detector.identity import Identity, identify, identify_bytes
from ...detector.identity.known import Knowledge
from ..material.evasions import EVASIONS, Change, evade, judge_quality
from ..material.forms import FORMS
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table
from .models.asking import taken

_RECOGNISER = "face_recogniser"
_ANSWERS = {True: "recogniser", False: "none", None: "undecided"}
_SEPARATION = re.compile(r"d' (-?\d+\.\d)")
_NOTE = """\
No hash and no fingerprint of a published model is used: each set of weights is judged as if it had never been seen. The
thresholds were set by hand while most of these files were in sight, so they are not blind; what can be checked is the
margin: how far recognisers lie above the threshold (d' 2), and all others below. Milliseconds are processor time of
the process that looks at files, one thread, loading included. `python -m facewarden.bench.truth.identification ZOO`
makes this part alone."""


class Model(msgspec.Struct, frozen=True):
    """A labelled model."""

    name: str
    path: Path
    truth: str
    weights: str


class Row(msgspec.Struct, frozen=True):
    """A model, and what was said of it."""

    model: Model
    answer: Identity | None
    ms: float

    @property
    def value(self) -> str:
        return _ANSWERS[self.answer.recogniser] if self.answer else "unreadable"

    @property
    def separation(self) -> float | None:
        """The largest d' of any output or internal vector."""
        details = [one.detail for one in self.answer.evidence] if self.answer else []
        return max((float(hit) for detail in details for hit in _SEPARATION.findall(detail)), default=None)


def read_models(folder: Path) -> list[Model]:
    """The models that INDEX.tsv names.

    Raises:
        InputError: there is no such index.
    """
    try:
        with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
            rows = list(csv.DictReader(index, delimiter="\t"))
    except OSError as error:
        raise InputError(f"{folder / 'INDEX.tsv'}: cannot be read ({error.strerror})") from error
    return [
        Model(row["name"], folder / row["file"].split(",")[0], row["true_function"], _weights(row["note"]))
        for row in rows
    ]


def _weights(note: str) -> str:
    found = re.search(r"\bweights (W\d+)", note)
    return found[1] if found else ""


def measure(models: Iterable[Model]) -> str:
    """The section: every file, the confusion, the sets of weights, the evasions."""
    rows = [_identify(model) for model in models]
    return join(
        _NOTE,
        table(("truth", *_ANSWERS.values(), "unreadable"), _confusion(rows)),
        "### Sets of weights that were never seen",
        table(("weights", "files", "found", "undecided", "lowest d'"), _by_weights(rows)),
        "### Evasions and forms",
        "Made from the recognisers that are ONNX files; `score, not compared` is a near-miss, best left undecided.",
        table(("variant", "made", "found", "undecided", "missed", "ms, median"), _evasions(rows)),
        "### Every file",
        table(("file", "truth", "answer", "function", "d', largest", "ms"), map(_line, rows)),
    )


def _identify(model: Model) -> Row:
    before = taken()
    try:
        answer = identify(model.path, Knowledge())
    except ModelError:
        answer = None
    return Row(model, answer, taken().since(before) * 1000)


def _confusion(rows: Sequence[Row]) -> list[tuple[str | int, ...]]:
    kinds = [*_ANSWERS.values(), "unreadable"]
    lines: list[tuple[str | int, ...]] = []
    for truth in sorted({row.model.truth for row in rows}, key=lambda one: (one != _RECOGNISER, one)):
        counts = Counter(row.value for row in rows if row.model.truth == truth)
        lines.append((truth, *(counts[kind] for kind in kinds)))
    return lines


def _by_weights(rows: Sequence[Row]) -> list[tuple[str | int | float | None, ...]]:
    lines: list[tuple[str | int | float | None, ...]] = []
    for name in sorted({row.model.weights for row in rows if row.model.weights}):
        own = [row for row in rows if row.model.weights == name]
        counts = Counter(row.value for row in own)
        lowest = min((row.separation for row in own if row.separation is not None), default=None)
        lines.append((name, len(own), counts["recogniser"], counts["undecided"], lowest))
    others = [row.separation for row in rows if row.model.truth != _RECOGNISER and row.separation is not None]
    return [*lines, ("all others, highest d'", len(others), 0, "", max(others, default=None))]


def _evasions(rows: Sequence[Row]) -> list[tuple[str | int | float, ...]]:
    files = [row.model.path for row in rows if row.model.truth == _RECOGNISER and row.model.path.suffix == ".onnx"]
    contents = [path.read_bytes() for path in files]
    variants = {**EVASIONS, **FORMS, "score, not compared": judge_quality}
    return [_evasion(name, change, contents) for name, change in variants.items()]


def _evasion(name: str, change: Change, contents: Sequence[bytes]) -> tuple[str | int | float, ...]:
    counts, times = Counter[str](), list[float]()
    for content in contents:
        changed = evade(content, change)
        before = taken()
        answer = identify_bytes(changed, name, Knowledge())
        if any("refuses it" in one.detail for one in answer.evidence):
            continue  # 8-bit operators take no 16-bit input: such a file is no model
        times.append(taken().since(before) * 1000)
        counts[_ANSWERS[answer.recogniser]] += 1
    median = sorted(times)[len(times) // 2] if times else 0.0
    return name, len(times), counts["recogniser"], counts["undecided"], counts["none"], round(median)


def _line(row: Row) -> tuple[str | float | None, ...]:
    function = row.answer.function if row.answer else None
    return row.model.name, row.model.truth, row.value, function, row.separation, round(row.ms)


def main(
    zoo: Annotated[Path, typer.Argument(help="Labelled models: the files, and INDEX.tsv.", show_default=False)],
    out: Out = None,
) -> None:
    """Measure identification over a folder of labelled models."""
    deliver(join("## Identification of models", measure(read_models(zoo))), out)


if __name__ == "__main__":
    run(main)
