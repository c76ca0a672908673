"""Which functions a SavedModel of TensorFlow serves, by the names that its signatures lead to.

Fields are numbered as in TensorFlow's saved_model.proto, meta_graph.proto, graph.proto, function.proto, node_def.proto
and attr_value.proto.
"""

from collections import defaultdict
from collections.abc import Iterator

from ....protobuf import Fields, by_number, text

_DEFAULT = "serving_default"


def beside_default(content: bytes) -> list[str]:
    """The names of signatures that lead elsewhere than the default one does; none where there is no default.

    Raises:
        ValueError: it is no SavedModel.
    """
    try:
        served = [_served(by_number(raw)) for raw in by_number(memoryview(content))[2]]
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError("no SavedModel") from error
    default = next((one[_DEFAULT] for one in served if _DEFAULT in one), None)
    if default is None:
        return []
    return sorted(name for one in served for name, leads in one.items() if not leads <= default)


def _served(meta: Fields) -> dict[str, frozenset[tuple[str, str]]]:
    """Of each signature that takes anything, the functions or steps that its outputs come from, and which of theirs
    they are."""
    graph = by_number(meta[2][0])
    called = {_name(one): _callees(one) for one in map(by_number, graph[1])}
    inner = dict(_functions(graph))
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for name, signature in _entries(meta[5]):
        if signature[1]:
            ends = {text(end[1][0]).partition(":") for _, end in _entries(signature[2])}
            found[name] = frozenset((one, which or "0") for end, _, which in ends for one in _leads(end, called, inner))
    return found


def _functions(graph: Fields) -> Iterator[tuple[str, list[str]]]:
    """The functions of a graph, and those that each calls."""
    for function in (by_number(one) for library in graph[2] for one in by_number(library)[1]):
        yield (
            text(by_number(function[1][0])[1][0]),
            [name for step in function[3] for name in _callees(by_number(step))],
        )


def _leads(end: str, called: dict[str, list[str]], inner: dict[str, list[str]]) -> list[str]:
    """What an output comes from: each signature has a wrapper of its own, which calls what it serves."""
    wrappers = called.get(end, [])
    return [one for wrapper in wrappers for one in inner.get(wrapper) or [wrapper]] or [end]


def _callees(step: Fields) -> list[str]:
    return [text(by_number(one)[1][0]) for _, value in _entries(step[5]) for one in value[10]]


def _entries(raw: list[memoryview]) -> Iterator[tuple[str, Fields]]:
    """The entries of a map."""
    for one in map(by_number, raw):
        if one[1]:
            yield text(one[1][0]), by_number(one[2][0]) if one[2] else defaultdict(list)


def _name(step: Fields) -> str:
    return text(step[1][0])
