"""From what was found to an answer: hashes first, then behaviour, then weights; names never."""

from collections.abc import Iterator, Sequence

import msgspec

from ...streams.errors import printable
from .answer import Evidence, Function
from .feeding import may_be_points
from .function import function_of
from .known import Knowledge, Weights
from .layout import is_unusual, layouts, may_take_picture
from .model import Model, NoTemplate, Slot, Unrunnable
from .probing import Finding, Probing, probe
from .shapes import WIDTHS, along_one_axis, in_turns, shaped_as
from .weights import Print, as_drawn, fingerprint

_GALLERY_AUC, _GALLERY_WIDTH = 0.8, 3  # of an output that says who, out of a few
_ALL_WEIGHTS = 0.95
_FEW_NUMBERS = 5000  # stored in all: fewer than any network for faces has
_LITTLE = 0.1  # of the bytes of weights that are read, which may lie in others
_LONGEST = 400  # characters of a line of evidence
_UNUSUAL = "it takes as many channels as half a network does: of what, is not said"
_POINTED = "it takes places besides, maybe of eyes, nose and mouth: in which way, is not said"
_AS_DRAWN = "its weights are as chance drew them before anything was learned"
_ALL_READ = ("torch_state", "torchscript", "safetensors", "npz")  # formats with all weights read or counted as `unread`
_OF_WEIGHTS = ("torch_state", "safetensors")
_OF_TORCH = ("torch_state", "torchscript", "safetensors")  # formats that say which axis of a tensor is which


class Verdict(msgspec.Struct, frozen=True):
    """The part of an Identity that does not depend on where the model came from."""

    recogniser: bool | None
    function: Function
    family: str | None
    confidence: float
    evidence: tuple[Evidence, ...]


def examine(model: Model, known: Knowledge, *, brief: bool = False) -> Verdict:
    """Look at a model's graph and weights, and try it, be it briefly; see `probe`."""
    prints = fingerprint(model.weights(), known.shapes)
    same = known.same_weights(prints)
    tried = _try(model, brief)
    evidence = [*_graph(model), *_weights(same), *_behaviour(tried)]
    alike = next((hit for hit in map(known.same_behaviour, _findings(tried)) if hit), None)
    if alike:
        detail = f"answers as {alike[0].family} does (mean cosine {alike[1]:.2f})"
        evidence.append(Evidence("fingerprint", detail))
    recogniser, confidence, reason = _judge(model, tried, same, prints)
    if recogniser is False and (rest := _rest(model)):
        recogniser, confidence, reason = None, 0.0, rest
    if recogniser is None and not _holds_template(tried, model) and as_drawn(model.weights(), _unread(model)):
        recogniser, confidence, reason = False, 0.8, _AS_DRAWN
    evidence += [Evidence("behaviour", reason)] if reason else []
    family = alike[0].family if alike else same[0].family if same else None
    return Verdict(recogniser, _function(recogniser, model), family, confidence, tuple(map(_shown, evidence)))


def _rest(model: Model) -> str:
    """Why what was tried may not be all that it can do; empty where it is."""
    if is_unusual(model.inputs):
        return _UNUSUAL
    if any(map(may_be_points, model.inputs)) and any(map(layouts, model.inputs)):
        return _POINTED
    return getattr(model, "rest", "")


def _shown(one: Evidence) -> Evidence:
    """Evidence with nothing that a terminal would obey: words of the file stand in it."""
    return Evidence(one.signal, printable(one.detail[:_LONGEST]))


def _try(model: Model, brief: bool) -> Probing | Unrunnable:
    if not model.inputs:
        try:
            model.runner(())
        except Unrunnable as reason:
            return reason
    return probe(model.runner, model.inputs, len(model.outputs), brief=brief)


def _judge(
    model: Model, tried: Probing | Unrunnable, same: tuple[Weights, float] | None, prints: Sequence[Print]
) -> tuple[bool | None, float, str]:
    """Whether it is a recogniser, how surely, and what remains to be said."""
    if isinstance(tried, Unrunnable) or tried.problem:
        return _unseen(model, tried, same)
    output, internal = tried.output, tried.internal
    if output and output.signs.strong:
        return True, _confidence(output), ""
    if internal and internal.signs.strong:
        return _hidden(internal, tried, model.inputs)
    if tried.compares:
        return None, 0.0, "says of two pictures whether they show one person, and not by what"
    if tried.constant and (stored := getattr(model, "stored", None)) is not None and stored < _FEW_NUMBERS:
        return False, 0.9, f"says the same of every picture, and holds {stored} numbers: nothing that was learned"
    if tried.constant:
        return None, 0.0, "says the same of every picture, so that nothing can be told"
    if output and output.signs.numb and tried.numb and (output.signs.unit or _shaped(output, prints)):
        return None, 0.0, "made to be compared, and nearly the same of every picture: broken, or fed amiss"
    hinting = output and output.signs.hinting and not output.view
    if any(finding.signs.weak for finding in _findings(tried)) or hinting or tried.hinted:
        return None, 0.0, "tells people apart somewhat: too much for most models, too little for a recogniser"
    return False, 0.95 if _findings(tried) else 0.9, ""


def _holds_template(tried: Probing | Unrunnable, model: Model) -> bool:
    """Whether a template was seen, or may lie in what was not read: weights beside a graph that was not run."""
    if isinstance(tried, Unrunnable) or tried.problem:
        return model.format not in _ALL_READ
    return any(finding.signs.strong for finding in _findings(tried))


def _unread(model: Model) -> int:
    return getattr(model, "unread", 0)


def _is_read(model: Model) -> bool:
    """Whether the shapes of its weights are known, but for a few."""
    return _unread(model) <= _LITTLE * sum(tensor.nbytes for tensor in model.weights())


def _shaped(output: Finding, prints: Sequence[Print]) -> bool:
    """Whether its weights and its width are those of a known family of recognisers."""
    return output.signs.width in WIDTHS and shaped_as(one.shape for one in prints) is not None


def _hidden(internal: Finding, tried: Probing, inputs: Sequence[Slot]) -> tuple[bool | None, float, str]:
    """People are told apart inside: whether what comes out rests on who they are."""
    output = tried.output
    if tried.compares:
        return True, 0.95, "a template inside, and an output that says of two pictures whether they show one person"
    if tried.names:
        return True, 0.95, "a template inside, and an output that says who"
    if output and output.signs.auc >= _GALLERY_AUC and output.signs.width >= _GALLERY_WIDTH:
        return True, 0.95, "a template inside, and an output that says who, out of a few"
    if any(slot.shape[-1:] == (internal.signs.width,) and not layouts(slot) for slot in inputs):
        return True, 0.9, "a template inside, and beside the picture a vector of its length, to compare it with"
    if internal.signs.unit:
        return True, 0.9, "a template of unit length inside, as it is made to be compared"
    return None, 0.0, "a template inside, but an output that may be about anything, such as quality or age"


def _unseen(
    model: Model, tried: Probing | Unrunnable, same: tuple[Weights, float] | None
) -> tuple[bool | None, float, str]:
    if same and same[1] >= _ALL_WEIGHTS and same[0].function == "face_recogniser":
        return True, 0.95, ""
    of_torch = model.format in _OF_TORCH and _is_read(model)
    if of_torch and along_one_axis(tensor.shape for tensor in model.weights()):
        return False, 0.8, "its kernels go along one axis, as those for sound and text do: none goes over a picture"
    if of_torch and in_turns(tensor.shape for tensor in model.weights()):
        return (
            False,
            0.8,
            "its matrices are those of an LSTM, which takes rows of numbers in turn: none takes a picture",
        )
    if (
        model.format in _OF_WEIGHTS
        and not _unread(model)
        and 0 < sum(one.size for one in model.weights()) < _FEW_NUMBERS
    ):
        return False, 0.8, f"it holds fewer than {_FEW_NUMBERS} numbers: no network for faces has so few"
    if isinstance(tried, NoTemplate):
        return False, 0.8, ""
    if isinstance(tried, Unrunnable) or tried.runs or may_take_picture(model.inputs):
        return None, 0.0, ""
    return False, 0.9, ""


def _function(recogniser: bool | None, model: Model) -> Function:
    if recogniser is None:
        return "unknown"
    return "face_recogniser" if recogniser else function_of(model)


def _confidence(finding: Finding) -> float:
    """Less where people are told apart less."""
    return 0.99 if finding.signs.clear else 0.9


def _findings(tried: Probing | Unrunnable) -> list[Finding]:
    if isinstance(tried, Unrunnable):
        return []
    return [finding for finding in (tried.output, tried.internal) if finding]


def _graph(model: Model) -> Iterator[Evidence]:
    gives = ", ".join(f"{_shape(layer.slot.shape)} {layer.operator}".strip() for layer in model.outputs[:12])
    if model.inputs:
        takes = ", ".join(f"{_shape(slot.shape)} {slot.dtype}" for slot in model.inputs[:4])
        yield Evidence("graph", f"{model.format}: takes {takes}; gives {gives}")
    for note in model.notes:
        yield Evidence("graph", note)


def _weights(same: tuple[Weights, float] | None) -> Iterator[Evidence]:
    if same:
        yield Evidence("weights", f"holds {same[1]:.0%} of the convolutions of {same[0].family}")


def _behaviour(tried: Probing | Unrunnable) -> Iterator[Evidence]:
    if isinstance(tried, Unrunnable) or tried.problem:
        yield Evidence("behaviour", f"not tried: {tried if isinstance(tried, Unrunnable) else tried.problem}")
        return
    if not _findings(tried):
        yield Evidence("behaviour", f"gives no vector, and holds none ({tried.runs} runs)")
    for name, finding in (("output", tried.output), ("inside", tried.internal)):
        if finding:
            pictures = f"{len(finding.vectors)} probe pictures at {finding.attempt}"
            view = f" ({finding.view})" * bool(finding.view)
            yield Evidence("behaviour", f"{name} {finding.place}{view}: {finding.signs}; {pictures}")


def _shape(shape: tuple[int | None, ...]) -> str:
    return "x".join("?" if side is None else str(side) for side in shape) or "scalar"
