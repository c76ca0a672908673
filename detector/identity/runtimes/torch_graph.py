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

from ..model import Unrunnable

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
