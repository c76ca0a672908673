"""A pytest plugin (-p helpers.mutation): one module is imported with one thing in it changed.

`MUTANT=detector/policy/engine.py:7` names the module and the number of the change.
"""

import ast
import os
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

_OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


class _Change(ast.NodeTransformer):
    """Makes the change of a number, and says where; counts all that could be."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.count, self.where = wanted, 0, ""

    def _due(self, node: ast.AST, what: str) -> bool:
        self.count += 1
        if self.count - 1 != self.wanted:
            return False
        self.where = f"line {getattr(node, 'lineno', '?')}: {what}"
        return True

    def visit_Compare(self, node: ast.Compare) -> ast.AST:  # noqa: N802: ast's names
        for place, operator in enumerate(node.ops):
            other = _OPERATORS[type(operator)]
            if self._due(node, f"{type(operator).__name__} -> {other.__name__}"):
                node.ops[place] = other()  # pyright: ignore[reportAttributeAccessIssue, reportArgumentType, reportCallIssue]
        return self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        other = _OPERATORS[type(node.op)]
        if self._due(node, f"{type(node.op).__name__} -> {other.__name__}"):
            node.op = other()  # pyright: ignore[reportAttributeAccessIssue]
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        other = _OPERATORS.get(type(node.op))
        if other and self._due(node, f"{type(node.op).__name__} -> {other.__name__}"):
            node.op = other()  # pyright: ignore[reportAttributeAccessIssue]
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        if self._due(node, "if negated"):
            node.test = ast.UnaryOp(ast.Not(), node.test)
        return self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if node.value is not None and self._due(node, "returns None"):
            node.value = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool | int | float) and self._due(node, f"{node.value!r} changed"):
            node.value = not node.value if isinstance(node.value, bool) else node.value + 1
        return node


def changed(path: Path, number: int) -> tuple[ast.Module, str]:
    """The module with the change of that number, and where it is."""
    change = _Change(number)
    tree = ast.fix_missing_locations(change.visit(ast.parse(path.read_text(encoding="utf-8"))))
    return tree, change.where


def changes(path: Path) -> Iterator[tuple[int, str]]:
    """All changes that can be made to a module, with where each is."""
    change = _Change(-1)
    change.visit(ast.parse(path.read_text(encoding="utf-8")))
    yield from ((number, changed(path, number)[1]) for number in range(change.count))


if "MUTANT" in os.environ:
    _name, _, _number = os.environ["MUTANT"].rpartition(":")
    _target = Path(_name).resolve()
    _as_it_is = SourceFileLoader.get_code

    def _get_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
        if Path(self.path).resolve() == _target:
            sys.dont_write_bytecode = True
            return compile(changed(_target, int(_number))[0], self.path, "exec")
        return _as_it_is(self, fullname)

    SourceFileLoader.get_code = _get_code  # pyright: ignore[reportAttributeAccessIssue]
