"""Which functions a SavedModel of TensorFlow serves, by the names that its signatures lead to.

Fields are numbered as in TensorFlow's saved_model.proto, meta_graph.proto, graph.proto, function.proto, node_def.proto
and attr_value.proto.
"""

from collections import defaultdict
from collections.abc import Iterator

from ...protobuf import fields

_DEFAULT = "serving_default"
_Fields = dict[int, list[memoryview]]


def beside_default(content: bytes) -> list[str]:
    """The names of signatures that lead elsewhere than the default one does; none where there is no default.

    Raises:
        ValueError: it is no SavedModel.
    """
    try:
        served = [_served(_fields(raw)) for raw in _fields(memoryview(content))[2]]
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError("no SavedModel") from error
    default = next((one[_DEFAULT] for one in served if _DEFAULT in one), None)
    if default is None:
        return []
    return sorted(name for one in served for name, leads in one.items() if not leads <= default)


def _served(meta: _Fields) -> dict[str, frozenset[tuple[str, str]]]:
    """Of each signature that takes anything, the functions or steps that its outputs come from, and which of theirs
    they are."""
    graph = _fields(meta[2][0])
    called = {_name(one): _callees(one) for one in map(_fields, graph[1])}
    inner = dict(_functions(graph))
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for name, signature in _entries(meta[5]):
        if signature[1]:
            ends = {_text(end[1][0]).partition(":") for _, end in _entries(signature[2])}
            found[name] = frozenset((one, which or "0") for end, _, which in ends for one in _leads(end, called, inner))
    return found


def _functions(graph: _Fields) -> Iterator[tuple[str, list[str]]]:
    """The functions of a graph, and those that each calls."""
    for function in (_fields(one) for library in graph[2] for one in _fields(library)[1]):
        yield _text(_fields(function[1][0])[1][0]), [name for step in function[3] for name in _callees(_fields(step))]


def _leads(end: str, called: dict[str, list[str]], inner: dict[str, list[str]]) -> list[str]:
    """What an output comes from: each signature has a wrapper of its own, which calls what it serves."""
    wrappers = called.get(end, [])
    return [one for wrapper in wrappers for one in inner.get(wrapper) or [wrapper]] or [end]


def _callees(step: _Fields) -> list[str]:
    return [_text(_fields(one)[1][0]) for _, value in _entries(step[5]) for one in value[10]]


def _entries(raw: list[memoryview]) -> Iterator[tuple[str, _Fields]]:
    """The entries of a map."""
    for one in map(_fields, raw):
        if one[1]:
            yield _text(one[1][0]), _fields(one[2][0]) if one[2] else defaultdict(list)


def _name(step: _Fields) -> str:
    return _text(step[1][0])


def _text(raw: memoryview) -> str:
    return bytes(raw).decode()


def _fields(raw: memoryview) -> _Fields:
    found: _Fields = defaultdict(list)
    for number, value in fields(raw):
        found[number].append(value)
    return found
