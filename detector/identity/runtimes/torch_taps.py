"""What is made inside TorchScript: its steps are written anew, so that the last of them give it as well."""

# torch's stubs leave much open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownParameterType=false
# pyright: reportAttributeAccessIssue=false, reportPrivateUsage=false

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..model import TAPS

Tapped = Callable[[Sequence[Any]], tuple[Any, list[Any]]]


def tapped(module: Any, schema: Any) -> Tapped | None:
    """A function from its arrays to what it gives and what its last steps make; None where torch cannot write it so.

    Args:
        module: TorchScript in eval mode, of which the graphs were looked at.
        schema: of its forward step.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # torch asks its users to move on
            graph = torch.jit.freeze(module).graph.copy()
        if next(iter(graph.inputs())).uses():
            return None  # it changes itself
        does = _with_taps(graph)
    except (RuntimeError, StopIteration):
        return None
    settings = [one.default_value for one in schema.arguments[1:] if one.has_default_value()]
    return lambda arrays: _parted(does(*arrays, *settings))


def _with_taps(graph: Any) -> Callable[..., Any]:
    given = list(graph.outputs())
    made = [one for node in graph.nodes() for one in node.outputs() if isinstance(one.type(), torch._C.TensorType)]
    together = [*given, *made[-TAPS:]]
    pack = graph.create("prim::TupleConstruct", together)
    pack.output().setType(torch._C.TupleType([one.type() for one in together]))
    graph.appendNode(pack)
    for _ in given:
        graph.eraseOutput(0)
    graph.registerOutput(pack.output())
    graph.eraseInput(0)  # the module itself, which is in its steps now
    return torch._C._create_function_from_graph("tapped", graph)


def _parted(answer: Sequence[Any]) -> tuple[Any, list[Any]]:
    return answer[0], list(answer[1:])
