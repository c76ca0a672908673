"""Core ML, `.mlmodel`: a protocol buffer with a network of layers, a program, or several such in a row; and the text
that its compiler makes of a program.

Fields are numbered as in Model.proto, FeatureTypes.proto and NeuralNetwork.proto (github.com/apple/coremltools,
mlmodel/format).
"""

from pathlib import Path
from typing import Final

from ....protobuf import by_number
from ...model import NoTemplate, Unrunnable
from ..layered.layer_list import Listed, ListedModel, Shape, Step
from ..layered.settings import Settings
from .assembly import Program
from .layers import layer_of
from .program import program_of
from .steps import WAYS, preprocessed
from .text import program_in

_TEXT: Final = b"program("
_MODEL: Final = {"description": 2, "pipelines": 200, "pipeline": 202}
_NETWORKS: Final = (303, 403, 500)
_PROGRAM, _PIPELINES, _PIPELINE, _SUPPRESSION = 502, (200, 201), 202, 610
# Models that take numbers of a table, or words: none takes a picture.
_TABLES: Final = frozenset(
    (300, 301, 302, 304, 400, 401, 402, 501, 600, 601, 602, 603, 604, 606, 607, 2000, 2001, 2004, 2005)
)
_DESCRIPTION: Final = {"input": 1, "output": 10}
_FEATURE: Final = {"name": 1, "type": 3}
_TYPE: Final = {"image": 4, "array": 5}
_IMAGE: Final = {"width": 1, "height": 2, "colours": 3}
_ARRAY: Final = {"shape": 1}
_NETWORK: Final = {"layers": 1, "preprocessing": 2, "arrays": 5, "images": 6}
_GREY: Final = (10, 40)
_MOST_MODELS: Final = 64


class CoremlModel(ListedModel):
    """A model of Core ML; see `Model`."""

    format = "coreml"

    def __init__(self, content: bytes, _folder: Path | None, path: Path | None) -> None:
        super().__init__()
        try:
            if content.startswith(_TEXT):
                self._open(program_in(content, path))
            else:
                self._read(memoryview(content), path)
        except Unrunnable as reason:
            self.refuse(reason)
        except (LookupError, ArithmeticError, RecursionError, UnicodeDecodeError) as error:
            raise ValueError(f"no model of Core ML ({type(error).__name__})") from error

    def _open(self, program: Program) -> None:
        self.open(program.listed)
        self.unread = program.unread

    def _read(self, content: memoryview, path: Path | None) -> None:
        models = _models(content)
        networks = [one for one in models if _kind(one) in (*_NETWORKS, _PROGRAM)]
        others = [_kind(one) for one in models if one not in networks and _kind(one) != _SUPPRESSION]
        if not networks:
            raise _without_network(others)
        if len(networks) > 1:
            raise Unrunnable("it has several networks, which are not run here")
        (network,) = networks
        held = by_number(network)
        given = Settings(held[_MODEL["description"]][0], _DESCRIPTION)
        if _kind(network) == _PROGRAM:
            self._open(program_of(held[_PROGRAM][0], path))
        else:
            listed, coded = _listed(held[_kind(network)][0], given)
            self.open(listed)
            self.unread = coded
        if others:
            self.rest = f"{len(others)} other models go with its network, which are not run here"


def _models(content: memoryview, depth: int = 0) -> list[memoryview]:
    """The model itself, or those that it runs in a row."""
    kind = _kind(content)
    if kind not in (*_PIPELINES, _PIPELINE):
        return [content]
    if depth > len(_PIPELINES):
        raise Unrunnable("it has rows of models in rows, which are not run here")
    held = by_number(content)[kind][0]
    inner = held if kind == _PIPELINE else by_number(held)[1][0]
    found = [one for model in by_number(inner)[1][:_MOST_MODELS] for one in _models(model, depth + 1)]
    if len(found) > _MOST_MODELS:
        raise Unrunnable(f"it has more than {_MOST_MODELS} models")
    return found


def _kind(model: memoryview) -> int:
    return max(by_number(model), default=0)


def _without_network(kinds: list[int]) -> Unrunnable:
    if kinds and all(kind in _TABLES for kind in kinds):
        return NoTemplate("it holds no network, and takes numbers of a table, or words")
    return Unrunnable(f"a model of Core ML of kind {max(kinds, default=0)}, which is not run here")


def _listed(raw: memoryview, given: Settings) -> tuple[Listed, int]:
    network = Settings(raw, _NETWORK)
    leading = 2 if not network.whole("arrays") else 1
    if any(Settings(one, _FEATURE).inner("type", _TYPE).has("image") for one in given.messages("input")):
        leading = 1 if network.whole("images") else 2
    inputs = {name: shape for one in given.messages("input") for name, shape in _feature(one, leading)}
    first = [step for one in network.messages("preprocessing") for step in preprocessed(one, inputs)]
    layers = [layer_of(one) for one in network.messages("layers")]
    steps = [*first, *(Step(one.kind, one.name, one.takes, one.gives, (one, leading), one.weights) for one in layers)]
    named = [Settings(one, _FEATURE).word("name") for one in given.messages("output")]
    return Listed(steps, inputs, WAYS, named=named), max((one.coded for one in layers), default=0)


def _feature(raw: memoryview, leading: int) -> list[tuple[str, Shape]]:
    """The name and shape of an input; nothing of one that is neither picture nor array."""
    feature = Settings(raw, _FEATURE)
    kind = feature.inner("type", _TYPE)
    if kind.has("image"):
        image = kind.inner("image", _IMAGE)
        channels = 1 if image.whole("colours") in _GREY else 3
        return [(feature.word("name"), (channels, image.whole("height") or None, image.whole("width") or None))]
    if not kind.has("array"):
        return []
    shape = kind.inner("array", _ARRAY).wholes("shape")
    if leading == 1:  # as they are, the batch first
        if shape[:1] not in ([1], [-1]) or len(shape) < 2:
            raise Unrunnable("it takes arrays without a batch, which are not run here")
        shape = shape[1:]
    elif len(shape) == 1:
        shape = [*shape, 1, 1]
    return [(feature.word("name"), tuple(side if side > 0 else None for side in shape))]
