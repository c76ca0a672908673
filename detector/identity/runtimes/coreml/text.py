"""A program of Core ML as its compiler writes it, `model.mil` in a `.mlmodelc`: the operations as text, the weights in
a file beside it.

    func main<ios15>(tensor<fp32, [1, 3, 112, 112]> x) {
        tensor<fp16, [8]> b = const()[name = ..., val = tensor<fp16, [8]>(BLOBFILE(path = ..., offset = ...))];
        tensor<fp16, [1, 8]> y = linear(bias = b, weight = w, x = x)[name = tensor<string, []>("y")];
    } -> (y);
"""

import re
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Final

import numpy as np

from ...model import Array, Unrunnable
from ..layered.layer_list import Shape
from .assembly import Assembly, Program
from .operations import Thing

_TOKEN: Final = re.compile(
    r'\s*(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?P<number>[-+]?(?:0x[0-9a-fA-F.]+p[-+]?\d+|inf|nan|[0-9.]+(?:[eE][-+]?\d+)?)\b)'
    r'|(?P<name>[A-Za-z_][\w.@-]*)|(?P<broken>[".0-9].*)|(?P<sign>->|.))',
    re.DOTALL,
)
_START: Final = re.compile(rb"\bfunc\s")
_KINDS: Final = {
    "fp16": "<f2", "fp32": "<f4", "fp64": "<f8", "int8": "|i1", "int16": "<i2", "int32": "<i4", "int64": "<i8",
    "uint8": "|u1", "uint16": "<u2", "uint32": "<u4", "uint64": "<u8", "bool": "|b1",
}  # fmt: skip
_DEEPEST: Final = 8  # lists in lists


def program_in(content: bytes, path: Path | None) -> Program:
    """Read a program; raises `ValueError` where it is none, `Unrunnable` where it cannot be run."""
    functions = list(_START.finditer(content))
    if len(functions) != 1:
        raise Unrunnable("it has several functions, which are not run here")
    reader = _Reader(str(content[functions[0].start() :], "utf-8"))
    assembly = Assembly(path)
    inputs = dict(reader.head())
    return assembly.program(inputs, reader.steps(assembly), lambda: reader.outputs)


class _Reader:
    """Goes through the text, one word after another.

    Attributes:
        outputs: what the program gives, once its steps are read.
    """

    def __init__(self, content: str) -> None:
        self.outputs: list[str] = []
        self._words = ((one.lastgroup or "", one[one.lastgroup or 0]) for one in _TOKEN.finditer(content))
        self._next = next(self._words, ("", ""))

    def head(self) -> Iterator[tuple[str, Shape]]:
        """What the function takes."""
        self._go_on("(")
        while not self._may(")"):
            _, shape = self._kind()
            if shape[:1] != [1] or len(shape) < 2:
                raise Unrunnable("it takes arrays without a batch, which are not run here")
            yield self._take()[1], tuple(side or None for side in shape[1:])
            self._may(",")
        self._go_on("{")

    def steps(self, assembly: Assembly) -> Iterator[None]:
        """Hand over each operation."""
        while not self._may("}"):
            gives = [self._given_name()]
            while self._may(","):
                gives.append(self._given_name())
            self._need("=")
            kind = self._take()[1]
            given = dict(self._pairs("(", ")", assembly))
            own = dict(self._pairs("[", "]", assembly)) if self._next[1] == "[" else {}
            self._need(";")
            assembly.take(kind, tuple(gives), given, {key: one[0] for key, one in own.items() if one})
            yield
        self._need("->")
        self._need("(")
        while not self._may(")"):
            self.outputs.append(self._take()[1])
            self._may(",")

    def _take(self) -> tuple[str, str]:
        word = self._next
        if word[0] in ("", "broken"):
            raise ValueError("a program of Core ML that breaks off")
        self._next = next(self._words, ("", ""))
        return word

    def _go_on(self, sign: str) -> None:
        """Past this sign, of those outside of square brackets."""
        depth = 0
        while (word := self._take()[1]) != sign or depth:
            depth += (word == "[") - (word == "]")

    def _need(self, sign: str) -> None:
        if self._take()[1] != sign:
            raise ValueError("no program of Core ML")

    def _may(self, sign: str) -> bool:
        if self._next != ("sign", sign):
            return False
        self._take()
        return True

    def _given_name(self) -> str:
        self._kind()
        return self._take()[1]

    def _kind(self) -> tuple[str, list[int]]:
        """A type: of its numbers, and its sides, 0 where one is open."""
        name = self._take()[1]
        if name != "tensor":
            return name, []
        self._need("<")
        kind, shape = self._take()[1], list[int]()
        self._need(",")
        self._need("[")
        while not self._may("]"):
            word = self._take()[1]
            shape.append(int(word) if word != "?" else 0)
            self._may(",")
        self._need(">")
        return kind, shape

    def _pairs(self, start: str, end: str, assembly: Assembly) -> Iterator[tuple[str, list[Thing]]]:
        self._need(start)
        while not self._may(end):
            key = self._take()[1]
            self._need("=")
            yield key, list(self._things(assembly))
            self._may(",")

    def _things(self, assembly: Assembly) -> Iterator[Thing]:
        """Names, one or several in brackets, or a constant."""
        if self._may("("):
            while not self._may(")"):
                yield from self._things(assembly)
                self._may(",")
            return
        if self._next[1] not in ("tensor", "string", *_KINDS):
            yield self._take()[1]
            return
        kind, shape = self._kind()
        if self._next[1] != "(":  # a value that is called as a type is
            yield kind
            return
        self._need("(")
        yield self._value(kind, shape, assembly)
        self._need(")")

    def _value(self, kind: str, shape: list[int], assembly: Assembly) -> Thing:
        if self._next == ("name", "BLOBFILE"):
            self._take()
            place = dict(self._pairs("(", ")", assembly))
            (name,), (offset,) = place["path"], place["offset"]
            if not isinstance(name, list) or isinstance(offset, (str, list)):
                raise ValueError("no program of Core ML")
            return assembly.beside(name[0], int(offset.reshape(-1)[0]), shape, _numbers(kind))
        words = list(self._listed(0))
        if kind == "string":
            return words
        found = np.array([_number(one) for one in words], np.float64)
        if found.size != prod(shape):
            raise ValueError("a program of Core ML with constants that do not fill their shapes")
        return _of_kind(found, kind).reshape(shape)

    def _listed(self, depth: int) -> Iterator[str]:
        """All words of lists in lists."""
        if depth > _DEEPEST:
            raise ValueError("no program of Core ML")
        if not self._may("["):
            yield self._take()[1]
            return
        while not self._may("]"):
            yield from self._listed(depth + 1)
            self._may(",")


def _numbers(kind: str) -> str:
    if kind not in _KINDS:
        raise Unrunnable("it has constants of a kind that is not known here")
    return _KINDS[kind]


def _number(word: str) -> float:
    if word in ("true", "false"):
        return float(word == "true")
    return float.fromhex(word) if "0x" in word else float(word)


def _of_kind(found: Array, kind: str) -> Array:
    """As the type says; halves in 32 bits, for they are calculated with."""
    numbers = np.dtype(_numbers(kind))
    return found.astype(np.float32 if numbers.kind == "f" else np.int64)
