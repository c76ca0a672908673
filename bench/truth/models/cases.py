"""All cases: recognisers in the forms in which people have them, and look-alikes that are none."""

# torch's stubs leave much open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from shutil import copy

from ...material import networks
from ...material.evasions import EVASIONS, Change, evade, judge_quality
from ...material.forms import FORMS
from ...material.packed import PACKED, Pack
from ...material.reshaped import RESHAPED, named_recogniser
from ..identification import Model
from .bases import Base
from .case import Case

_BASES_A_KIND = 2
_UNTOUCHED, _RECOGNISER = "as it is", "face_recogniser"


def of_recognisers(bases: Sequence[Base]) -> Iterator[Case]:
    """Every base as it is, and every kind of change to some of them, in turns."""
    yield from (Case(_UNTOUCHED, base.name, True, _writes(base.onnx)) for base in bases)
    kinds: dict[str, Callable[[Base, Path], object]] = {
        **{kind: _changes(change) for kind, change in {**EVASIONS, **FORMS, **RESHAPED}.items()},
        **{kind: _packs(pack) for kind, pack in PACKED.items()},
    }
    for turn, (kind, write) in enumerate(kinds.items()):
        for base in _some(bases, turn):
            yield Case(kind, base.name, True, partial(write, base))
    yield from _of_modules(base for base in bases if base.module)


def _some(bases: Sequence[Base], turn: int) -> list[Base]:
    return [
        bases[(turn + step * max(1, len(bases) // 2)) % len(bases)] for step in range(min(_BASES_A_KIND, len(bases)))
    ]


def _of_modules(bases: Iterable[Base]) -> Iterator[Case]:
    for base in bases:
        yield Case("TorchScript", base.name, True, partial(_script, base))
        yield Case("torch.export", base.name, True, partial(_export, base))


def of_zoo(models: Iterable[Model]) -> Iterator[Case]:
    """Files of a zoo that do something else, those of ONNX also in another form, and its other recognisers."""
    forms = {
        "names of a recogniser": named_recogniser,
        "16 bits": EVASIONS["16 bits"],
        "stripped": EVASIONS["renamed, stripped"],
    }
    for turn, model in enumerate(models):
        recogniser, onnx = model.truth == _RECOGNISER, model.path.suffix == ".onnx"
        state = model.path.suffix == ".pt"
        if not (recogniser and onnx):
            kind = "weights alone, known" if state else f"{_UNTOUCHED}: {model.truth}"
            yield Case(kind, model.weights or model.name, recogniser, _copies(model.path), known=state)
        if onnx and not recogniser:
            kind = list(forms)[turn % len(forms)]
            base = Base(model.name, model.path.read_bytes())
            yield Case(f"{kind}, no recogniser", model.name, False, partial(_changes(forms[kind]), base))


def of_strangers(bases: Sequence[tuple[str, Base]]) -> Iterator[Case]:
    """Networks that do something else, as they are and in forms that recognisers come in."""
    yield from (Case(job, base.name, False, _writes(base.onnx)) for job, base in bases)
    changes: dict[str, Change] = {
        "names of a recogniser": named_recogniser,
        **{kind: EVASIONS[kind] for kind in ("16 bits", "8 bits", "unit length", "projected to 100", "free axes")},
        **{kind: RESHAPED[kind] for kind in ("free batch", "channels last", "attributes besides, one vector")},
        **{kind: FORMS[kind] for kind in ("a gain besides", "5,000 classes")},
    }
    wide = [base for job, base in bases if "512" in job]
    if not wide:
        return
    for turn, (kind, change) in enumerate(changes.items()):
        for base in _some(wide, turn):
            yield Case(f"{kind}, no recogniser", base.name, False, partial(_changes(change), base))
    for kind in ("OpenVINO", "in an Android package"):
        yield Case(f"{kind}, no recogniser", wide[0].name, False, partial(_packs(PACKED[kind]), wide[0]))


def of_scores(bases: Sequence[Base]) -> Iterator[Case]:
    """Scores that rest on a recogniser's body, without comparing: best left undecided."""
    for base in bases[:3]:
        yield Case("quality on a recogniser's body", base.name, None, partial(_changes(judge_quality), base))


def _writes(content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / "model").write_bytes(content)


def _copies(path: Path) -> Callable[[Path], object]:
    def write(folder: Path) -> None:
        for one in path.parent.glob(f"{path.stem}.*"):
            copy(one, folder)

    return write


def _changes(change: Change) -> Callable[[Base, Path], object]:
    return lambda base, folder: (folder / "model").write_bytes(evade(base.onnx, change))


def _packs(pack: Pack) -> Callable[[Base, Path], object]:
    """What is packed has other names than its base, so that no hash is known."""
    return lambda base, folder: pack(evade(base.onnx, EVASIONS["renamed, stripped"]), folder)


def _script(base: Base, folder: Path) -> None:
    (folder / "model").write_bytes(networks.as_script(base.module))


def _export(base: Base, folder: Path) -> None:
    (folder / "model").write_bytes(networks.as_exported(base.module))
