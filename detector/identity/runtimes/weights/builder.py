"""A network put together from the names and shapes of its weights, by a program of `net_families`."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from math import prod
from typing import Final, NamedTuple

from ...model import Array
from ..layered.graph import NORM, Graph, Value, agree
from .families import Family

_STEP: Final = re.compile(
    r"(?P<name>\w+)(?P<may>\?)?(/(?P<stride>\d|s))?(@(?P<at>[\d,*]+))?(?P<bare>!)?(=(?P<kind>\w+))?"
)
_POOL: Final = re.compile(r"(max|both)(\d)/(\d)(!|\^)?")
_FACTOR: Final = re.compile(r"x(\d+\.\d+)")
# What dlib's recogniser takes: the means of red, green and blue, and height and width.
_MEANS, _SIDES = (122.782, 117.001, 104.298), (150, 150)
_WORDS: Final[dict[str, Callable[[Graph, Value], Value]]] = {
    "centred": lambda graph, value: graph.centred(value, _MEANS, _SIDES),
    "gap": Graph.mean,
    "flat": Graph.flat,
    "turned": Graph.turned,
    "mfm": Graph.larger_half,
    "relu6": Graph.relu6,
    "relu": lambda graph, value: graph.each(value, "Relu"),
    "sigmoid": lambda graph, value: graph.each(value, "Sigmoid"),
}


class _Call(NamedTuple):
    """What a program was called with: where its modules are, what went in, and what goes on to steps with `/s`."""

    path: str
    entry: Value
    stride: int = 1
    bare: bool = False


class _Step(NamedTuple):
    name: str
    may: bool
    stride: str
    at: str
    bare: bool
    kind: str


class Builder:
    """Follows the program of a family.

    Args:
        tensors: float32 arrays by name, as `state_dict` has them, what stands before all of them taken off.
        family: how to build it.
        graph: where to.

    Attributes:
        used: the names of the tensors that went into it.
    """

    def __init__(self, tensors: Mapping[str, Array], family: Family, graph: Graph) -> None:
        self.used: set[str] = set()
        self._family, self._graph = family, graph
        self._own: defaultdict[str, dict[str, Array]] = defaultdict(dict)
        self._inside: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for name, tensor in tensors.items():
            path, _, last = name.rpartition(".")
            self._own[path][last] = tensor
            while path:
                path, _, child = path.rpartition(".")
                self._inside[path][child] = None

    def run(self, given: Value) -> Value:
        """What the whole network gives; raises `Mismatch`."""
        return self._program(self._family.program, _Call("", given))

    def _program(self, program: str, call: _Call) -> Value:
        value = begun = call.entry
        for word in program.split():
            if word == "~":
                begun = value
            elif word[0] == "+":
                value = self._plus(word[1:], value, call._replace(entry=begun))
            else:
                value = self._graph.joined([self._word(one, value, call) for one in word.split("|")])
        return value

    def _word(self, word: str, value: Value, call: _Call) -> Value:
        if word[0] == "-":
            self._pass_over(_below(call.path, word[1:]))
            return value
        if word == "*":
            return self._graph.gated(call.entry, value)
        if pool := _POOL.fullmatch(word):
            return self._pool(value, pool)
        if factor := _FACTOR.fullmatch(word):
            return self._graph.scaled(value, float(factor[1]))
        return _WORDS[word](self._graph, value) if word in _WORDS else self._named(_step(word), value, call)

    def _pool(self, value: Value, how: re.Match[str]) -> Value:
        side, stride = int(how[2]), int(how[3])
        pad = 0 if how[4] else (side - 1) // 2
        largest = self._graph.pool(value, "Max", side, stride, pad, left_over=how[4] == "^")
        return (
            largest
            if how[1] == "max"
            else self._graph.plus(largest, self._graph.pool(value, "Average", side, stride, pad))
        )

    def _named(self, step: _Step, value: Value, call: _Call) -> Value:
        if step.name not in self._inside[call.path]:
            agree(step.may)
            return value
        on = step.stride == "s"
        stride = call.stride if on else int(step.stride or 1)
        inner = _Call(_below(call.path, step.name), value, stride, step.bare or (on and call.bare))
        return self._at(step.at, inner) if step.at else self._module(inner, step.kind)

    def _module(self, call: _Call, kind: str = "") -> Value:
        if not self._inside[call.path]:
            return self._leaf(call)
        if program := self._fitting(call.path, kind):
            return self._program(program, call)
        return self._row(call, kind)

    def _fitting(self, path: str, kind: str = "") -> str | None:
        """The program for a module that holds what it holds."""
        kinds = self._family.kinds
        programs = [kinds[kind]] if kind else kinds.values()
        return next((one for one in programs if _fits(one, self._inside[path])), None)

    def _row(self, call: _Call, kind: str) -> Value:
        names = self._ordered(call.path)
        blocks = self._is_block(_below(call.path, names[0]), kind)
        strided = names[0] if blocks else self._last_wide(call.path, names)
        value = call.entry
        for name in names:
            inner = _Call(_below(call.path, name), value)
            held = inner._replace(stride=call.stride, bare=call.bare) if name == strided else inner
            value = self._module(held, kind)
        return value

    def _at(self, at: str, call: _Call) -> Value:
        """A row of blocks, some with a stride."""
        value, places = call.entry, at.split(",")
        for place, name in enumerate(self._ordered(call.path)):
            path = _below(call.path, name)
            learned = any(one.startswith("shortcut") for one in self._inside[path])
            strided = (place == 0 or learned) if at == "*" else name in places
            value = self._module(_Call(path, value, 1 + strided))
        return value

    def _ordered(self, path: str) -> list[str]:
        names = list(self._inside[path])
        agree(bool(names) and all(name.isdecimal() for name in names))
        return sorted(names, key=int)

    def _is_block(self, path: str, kind: str) -> bool:
        return any(word[0] == "+" for word in (self._fitting(path, kind) or "-").split())

    def _last_wide(self, path: str, names: Sequence[str]) -> str | None:
        """The last member of a row with a convolution over more than one place, or else the last with any."""
        sizes = {name: max(self._kernels(_below(path, name)), default=0) for name in names}
        wide = [name for name in names if sizes[name] > 1] or [name for name in names if sizes[name]]
        return wide[-1] if wide else None

    def _kernels(self, path: str) -> Iterator[int]:
        """Places under each convolution."""
        yield from (prod(tensor.shape[2:]) for tensor in self._own[path].values() if tensor.ndim == 4)
        for name in self._inside[path]:
            yield from self._kernels(_below(path, name))

    def _leaf(self, call: _Call) -> Value:
        own, value = self._own[call.path], call.entry
        self.used |= {_below(call.path, name) for name in own if name in NORM}
        if "running_mean" in own:
            return self._graph.norm(value, {name: own[name] for name in NORM if name in own}, self._family.epsilon)
        agree("weight" in own)
        weight, bias = own["weight"], own.get("bias")
        if weight.ndim == 4:
            return self._graph.conv(value, weight, bias, call.stride, (0, 0) if call.bare else None)
        agree(weight.ndim == 2 or (weight.ndim == 1 and bias is None))
        return self._graph.matrix(value, weight, bias) if weight.ndim == 2 else self._graph.prelu(value, weight)

    def _plus(self, name: str, value: Value, call: _Call) -> Value:
        """What comes out and what went in, added."""
        added = call.entry
        if name == "?":
            fits = call.stride == 1 and added.shape == value.shape
            return self._graph.plus(value, added) if fits else value
        if name == ">":
            return self._graph.plus_all(value, self._graph.pool(added, "Average", 2, 2, 0))
        if name and name in self._inside[call.path]:
            added = self._module(_Call(_below(call.path, name), added, call.stride))
        elif call.stride > 1:
            added = self._graph.pool(added, "Max", 1, call.stride, 0)
        return self._graph.plus(value, added)

    def _pass_over(self, path: str) -> None:
        """A head that is not run."""
        self.used |= {_below(path, name) for name in self._own[path]}
        for name in self._inside[path]:
            self._pass_over(_below(path, name))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@cache
def _step(word: str) -> _Step:
    found = _STEP.fullmatch(word)
    if found is None:
        raise ValueError(f"no step of a program: {word}")
    part = found.groupdict(default="")
    return _Step(part["name"], bool(part["may"]), part["stride"], part["at"], bool(part["bare"]), part["kind"])


def _fits(program: str, names: Mapping[str, None]) -> bool:
    """Whether a module that holds these is what the program is for: all that it needs, and nothing else."""
    needed, known = _holds(program)
    return needed <= names.keys() <= known


@cache
def _holds(program: str) -> tuple[frozenset[str], frozenset[str]]:
    """The modules that a program needs, and all that it knows."""
    needed, known = set[str](), set[str]()
    for word in (part for one in program.split() for part in one.split("|")):
        if word[0] in "+-":
            known.add(word[1:])
        elif (
            word not in ("~", "*") and word not in _WORDS and not _POOL.fullmatch(word) and not _FACTOR.fullmatch(word)
        ):
            step = _step(word)
            known.add(step.name)
            needed |= set() if step.may else {step.name}
    return frozenset(needed), frozenset(known)
