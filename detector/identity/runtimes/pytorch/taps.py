"""What is made inside TorchScript: its steps are written anew, so that the last of them give it as well."""

# torch's stubs leave much open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownParameterType=false
# pyright: reportAttributeAccessIssue=false, reportPrivateUsage=false

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch

from ...model import TAPS

# Steps that give vectors: matrices, what brings them to one scale or length, and what lays a map or a mean flat.
_ENDS_IN_TEMPLATES = frozenset(
    f"aten::{name}"
    for name in ("linear", "addmm", "matmul", "mm", "batch_norm", "layer_norm", "div", "flatten", "reshape", "view")
)
_NOT_MADE = "prim::Uninitialized"
_MAKE_NOTHING = ("prim::Constant", _NOT_MADE)

Tapped = Callable[[Sequence[Any]], tuple[Any, list[Any]]]


def frozen(module: Any) -> Any:
    """The graph of a module's forward step with its weights in it; None where torch cannot write it so.

    Args:
        module: TorchScript in eval mode, of which the graphs were looked at.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # torch asks its users to move on
            return torch.jit.freeze(module).graph.copy()
    except RuntimeError:
        return None


def tapped(graph: Any, schema: Any) -> tuple[Tapped | None, bool]:
    """A function from its arrays to what it gives and what its last steps make, None where torch cannot write it so;
    and whether none beside these, under a condition or done over and over, has weights.

    Args:
        graph: see `frozen`; it is changed, and None gives nothing.
        schema: of the forward step.
    """
    try:
        if graph is None or next(iter(graph.inputs())).uses():
            return None, False  # it changes itself
        whole = not any(map(_learned_apart, graph.nodes()))
        does = _with_taps(graph)
    except (RuntimeError, StopIteration):
        return None, False
    settings = [one.default_value for one in schema.arguments[1:] if one.has_default_value()]
    return lambda arrays: _parted(does(*arrays, *settings)), whole


def _with_taps(graph: Any) -> Callable[..., Any]:
    given = list(graph.outputs())
    together = [*given, *_worth_seeing(graph)]
    pack = graph.create("prim::TupleConstruct", together)
    pack.output().setType(torch._C.TupleType([one.type() for one in together]))
    graph.appendNode(pack)
    for _ in given:
        graph.eraseOutput(0)
    graph.registerOutput(pack.output())
    graph.eraseInput(0)  # the module itself, which is in its steps now
    return torch._C._create_function_from_graph("tapped", graph)


def _worth_seeing(graph: Any) -> list[Any]:
    """The last arrays that it makes, and of those before them the last that a step makes which ends in templates: of
    what shape they are, the graph does not say."""
    made = [one for node in graph.nodes() if node.kind() not in _MAKE_NOTHING for one in _arrays(node)]
    before, last = made[:-TAPS], made[-TAPS:]
    return [one for one in before if one.node().kind() in _ENDS_IN_TEMPLATES][-TAPS:] + last


def _arrays(node: Any) -> list[Any]:
    """Those that a step makes, whichever way it takes: of a way that ends early torch notes that nothing is made."""
    ways = [list(block.outputs()) for block in node.blocks()]
    made = zip(node.outputs(), *ways, strict=True) if node.kind() == "prim::If" else ((one,) for one in node.outputs())
    return [
        one
        for one, *ends in made
        if isinstance(one.type(), torch._C.TensorType) and all(end.node().kind() != _NOT_MADE for end in ends)
    ]


def _learned_apart(node: Any) -> bool:
    """Whether steps in blocks of a node have weights: without any, what they make is made of what is seen before."""
    inner = [one for block in node.blocks() for one in block.nodes()]
    return any(any(map(_is_weight, one.inputs())) or _learned_apart(one) for one in inner)


def _is_weight(value: Any) -> bool:
    """Whether it is a constant array of several numbers, or such packed."""
    if value.node().kind() != "prim::Constant":
        return False
    held = value.toIValue() if isinstance(value.type(), (torch._C.TensorType, torch._C.ClassType)) else None
    return held is not None and not (isinstance(held, torch.Tensor) and held.numel() < 2)


def _parted(answer: Sequence[Any]) -> tuple[Any, list[Any]]:
    return answer[0], list(answer[1:])
