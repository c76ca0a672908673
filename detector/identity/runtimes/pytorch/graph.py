"""What a TorchScript module would do, from the graphs that torch has made of its code.

The text of the code is no help here: an operator can be written in many ways (`torch.save(x, p)`, `x.save(p)`,
`getattr(x, "save")`), and all of them end in the same node of the graph.
"""

# torch's stubs leave its graphs open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportPrivateUsage=false

from collections.abc import Iterator
from functools import cache
from typing import Any

import torch

from ...layout import layouts
from ...model import Slot, Unrunnable

# Libraries of operators that calculate. Not among them: those that speak to other processes and machines (c10d,
# _c10d_functional, symm_mem), that profile, debug or compile (profiler, debugprims, inductor), and all that is foreign.
_LIBRARIES = frozenset(("aten", "prim", "quantized", "_quantized", "sparse", "mkldnn_prepacked", "prepacked"))
# An operator can name a file by an argument alone, and torch calls that argument so.
_NAMES_A_FILE = ("file", "path")
_REFUSED = frozenset(
    (
        *("aten::save", "aten::load", "aten::from_file"),
        # Python, other threads, other machines
        *("prim::PythonOp", "prim::IgnoredPythonOp", "prim::fork", "prim::awaitable", "aten::wait"),
        *("prim::rpc_async", "prim::rpc_sync", "prim::rpc_remote", "aten::to_here", "aten::dist_backward"),
        # what is left of these after all calls have been written out leads where nobody can look
        *("prim::CallMethod", "prim::CallFunction"),
    )
)


_SAME_VALUES = frozenset(f"aten::{name}" for name in ("to", "long", "slice", "view", "reshape", "unsqueeze", "squeeze"))
_CONVOLUTIONS = ("aten::_convolution", "aten::conv1d", "aten::conv2d", "aten::conv3d")
_EMBEDDING, _NUMBERS_OF_ROWS = "aten::embedding", 1  # and which of its arguments says which rows
_CHAIN = 8  # steps from what goes in to where it is used


def told_input(graph: Any) -> Slot | None:
    """What the first array that goes in has to be by the steps that take it; None where they leave that open.

    Numbers of words, where each is a row of a matrix and nothing goes over places; rows of numbers, where it goes into
    a convolution along one axis; a flat picture, or as wide as a matrix has columns, where it is multiplied with one.

    Args:
        graph: of a frozen module's forward step.
    """
    given = list(graph.inputs())[1:2]
    uses = given[0].uses() if given else []
    if uses and _is_of_words(given[0], _CHAIN) and not any("conv" in one for one in _operators(graph)):
        return Slot((1, None), "int64")
    shapes = {_weight_of(use) for use in uses}
    shape = shapes.pop() if len(shapes) == 1 else None
    if shape and len(shape) == len("OIL"):
        return Slot((1, shape[1], None))
    if shape and len(shape) == len("OI"):
        flat = Slot((1, shape[1]))
        return flat if layouts(flat) else Slot((1, 3, None, shape[1]))
    return None


def _weight_of(use: Any) -> tuple[int, ...] | None:
    """The shape of the weights that something is convolved or multiplied with; None where it is used otherwise."""
    kind, weights = use.user.kind(), list(use.user.inputs())[1:2]
    if use.offset or kind not in (*_CONVOLUTIONS, "aten::linear") or weights[0].node().kind() != "prim::Constant":
        return None
    held = weights[0].toIValue()
    return tuple(held.shape) if isinstance(held, torch.Tensor) else None


def _is_of_words(value: Any, steps: int) -> bool:
    uses = value.uses()
    return bool(uses) and steps > 0 and all(_asks_for_rows(use, steps) for use in uses)


def _asks_for_rows(use: Any, steps: int) -> bool:
    kind = use.user.kind()
    if kind in _SAME_VALUES:
        return use.offset == 0 and _is_of_words(use.user.output(), steps - 1)
    return kind == "aten::size" or (kind == _EMBEDDING and use.offset == _NUMBERS_OF_ROWS)


def check_graphs(module: Any) -> None:
    """Look at every method of a loaded module, with all that these call.

    Args:
        module: a `torch.jit.ScriptModule`.

    Raises:
        Unrunnable: a method holds an operator that does more than calculate.
    """
    for name in module._c._method_names():
        graph = module._c._get_method(name).graph.copy()
        torch._C._jit_pass_inline(graph)
        for operator in _operators(graph):
            if not calculates(operator):
                raise Unrunnable(f"its code does more than calculate ({operator} in {name}), so it is not run")


def _operators(block: Any) -> Iterator[str]:
    for node in block.nodes():
        yield node.kind()
        for inner in node.blocks():
            yield from _operators(inner)
        for attribute in node.attributeNames():
            if node.kindOf(attribute) == "g":
                yield from _operators(node.g(attribute))


@cache
def calculates(operator: str) -> bool:
    """Whether an operator of this name, such as `aten::add`, does nothing else."""
    if operator in _REFUSED or operator.partition("::")[0] not in _LIBRARIES:
        return False
    schemas = torch._C._jit_get_schemas_for_operator(operator)
    names = [argument.name for schema in schemas for argument in schema.arguments]
    return not any(word in name for name in names for word in _NAMES_A_FILE)
