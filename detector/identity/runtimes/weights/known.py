"""Weights alone, and the networks that they are known to belong to, ready to be run."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import product
from typing import Final, NamedTuple

from ...model import Array, Unrunnable
from ...shapes import Shape
from ..layered.graph import Graph, Mismatch, Value
from ..onnx.file import OnnxModel
from .builder import Builder
from .families import FAMILIES, Family

# Height and width of the pictures that a last matrix may have been made for; the first where any will do.
_SIZES: Final = (
    (112, 112), (112, 96), (128, 128), (160, 160), (224, 224), (80, 80), (96, 96), (64, 64), (144, 144), (192, 192),
    (150, 150), (250, 250), (256, 128), (256, 256), (299, 299),
)  # fmt: skip
_PICTURES: Final = [(channels, *size) for channels in (3, 1) for size in _SIZES]
_MOST_TENSORS, _MOST_PREFIXES = 8192, 4
_LONGEST, _DEEPEST = 512, 32  # a tensor's name in characters, and in the modules that it lies in
COUNTS: Final = "num_batches_tracked"  # which some files hold as real numbers


class Built(NamedTuple):
    """A network that weights were found to be of.

    Attributes:
        model: ready to be run; an output for each way to build it.
        names: of these ways.
        left: tensors that did not go into it.
        exact: whether what it does not do counts as well.
    """

    model: OnnxModel
    names: tuple[str, ...]
    left: tuple[str, ...]
    exact: bool


class _Way(NamedTuple):
    """A family that fits: its tensors, and the picture that it takes, [channels, height, width]."""

    family: Family
    prefix: str
    picture: tuple[int, int, int]


def may_be_known(shapes: Mapping[str, Shape]) -> bool:
    """Whether tensors of these shapes, by name, may be of a network that is known.

    Raises:
        Unrunnable: there are more of them, or of longer names, than any network has.
    """
    found = any(_prefixes(family, shapes) for family in FAMILIES)
    if found:
        _bound(shapes)
    return found


def built(tensors: Mapping[str, Array]) -> Built | None:
    """The network that weights by name are of; None where no known one fits.

    Raises:
        Unrunnable: it cannot be run.
    """
    _bound(tensors)
    fitting = list(_fitting(tensors))
    if not fitting:
        return None
    graph, used = Graph(), set[str]()
    given = Value("picture", fitting[0].picture)
    outputs = [_write(way, tensors, graph, given, used) for way in fitting]
    left = tuple(name for name in tensors if name not in used and not name.endswith(COUNTS))
    exact = not left and all(way.family.exact for way in fitting)
    return Built(graph.model(given, outputs), tuple(way.family.name for way in fitting), left, exact)


def _bound(names: Collection[str]) -> None:
    if len(names) > _MOST_TENSORS:
        raise Unrunnable(f"it has more than {_MOST_TENSORS} tensors")
    if any(len(name) > _LONGEST or name.count(".") > _DEEPEST for name in names):
        raise Unrunnable("it has tensors of names that are longer than any network's")


def _fitting(tensors: Mapping[str, Array]) -> Iterator[_Way]:
    """Every family that fits the same part of the file and the same picture as the first that fits."""
    shapes = {name: one.shape for name, one in tensors.items()}
    first: _Way | None = None
    for family in FAMILIES:
        prefixes = [one for one in _prefixes(family, shapes) if first is None or one == first.prefix]
        own = [(3, side, side) for side in family.sides]
        pictures = [first.picture] if first else own or _PICTURES
        way = next((way for way in _ways(family, prefixes, pictures) if _does_fit(way, tensors)), None)
        if way:
            first = first or way
            yield way


def _ways(family: Family, prefixes: list[str], pictures: list[tuple[int, int, int]]) -> Iterator[_Way]:
    return (_Way(family, prefix, picture) for prefix, picture in product(prefixes, pictures))


def _prefixes(family: Family, shapes: Mapping[str, Shape]) -> list[str]:
    """What may stand before the names of a family's tensors; the shortest first."""
    name, shape = family.anchor
    found = (one.removesuffix(name) for one in shapes if one.endswith(name) and _is_like(shapes[one], shape))
    return sorted((one for one in found if one == "" or one.endswith(".")), key=len)[:_MOST_PREFIXES]


def _is_like(shape: Shape, pattern: Shape) -> bool:
    return len(shape) == len(pattern) and all(side in (0, own) for own, side in zip(shape, pattern, strict=True))


def _does_fit(way: _Way, tensors: Mapping[str, Array]) -> bool:
    try:
        _write(way, tensors, Graph(), Value("picture", way.picture), set())
    except Mismatch:
        return False
    return True


def _write(way: _Way, tensors: Mapping[str, Array], graph: Graph, given: Value, used: set[str]) -> Value:
    """Build it, and note which tensors went into it; what it gives."""
    names = {
        _renamed(name.removeprefix(way.prefix), way.family): name for name in tensors if name.startswith(way.prefix)
    }
    builder = Builder({own: tensors[name] for own, name in names.items()}, way.family, graph)
    answer = builder.run(given)
    used |= {names[own] for own in builder.used}
    return answer


def _renamed(name: str, family: Family) -> str:
    for pattern, instead in family.renamed:
        name = re.sub(pattern, instead, name)
    return name
