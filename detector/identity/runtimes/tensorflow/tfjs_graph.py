"""A graph of TensorFlow, written as ONNX: the operators that networks for pictures are made of.

They mean what TensorFlow says of them (tensorflow.org/api_docs/python/tf/raw_ops). What follows a step that is not
known here is left out where nothing learned goes into it, such as the choice among boxes; else that step ends the
translation, by its name.
"""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import numpy as np
import onnx
from onnx import TensorProto, helper

from ...model import Array, Slot, Unrunnable
from .node import Node, Writer, bare
from .shapes import SHAPES
from .steps import STEPS

_OPSET = 17
_STEPS = {**SHAPES, **STEPS}
# Numbers: what goes into a step that is left out may hold so many, and all that does so many together. It is
# taken for settings; a network that tells people apart holds more.
_FEW, _TOGETHER = 1024, 32_768


class Translation:
    """Turns nodes into an ONNX model.

    Args:
        nodes: of the graph, in any order.
        weights: by the names of the constants.
        named: what the file says that it gives, beside what nothing takes.

    Attributes:
        left_out: operators of the steps that were not understood, and that hold nothing learned.
    """

    def __init__(self, nodes: list[Node], weights: Mapping[str, Array], named: Sequence[str] = ()) -> None:
        self._nodes, self._weights = nodes, weights
        self._named = [name for name in map(bare, named) if any(node.name == _step_of(name) for node in nodes)]
        self._writer = Writer()
        self._constant: dict[str, int] = {}  # numbers in each thing that depends on no input
        self._cut: set[str] = set()
        self._settings: dict[str, int] = {}  # the same of what goes into steps that are left out
        self._edge: dict[str, None] = {}  # what would go into steps that are left out
        self._dead: set[str] = set()  # steps, or one output of a step, that are for learning alone
        self._reason = ""  # why the first step was left out
        self.left_out: dict[str, None] = {}

    def inputs(self) -> tuple[Slot, ...]:
        """What the graph takes."""
        given = (node for node in self._nodes if node.op.startswith("Placeholder"))
        return tuple(_slot(node) for node in given if not _asks_whether_it_learns(node))

    def model(self) -> onnx.ModelProto:
        """The model; raises `Unrunnable` for an operator that is not known, `ValueError` for a broken graph."""
        try:
            for node in _in_order(self._nodes):
                self._translate(node)
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ValueError(f"a broken graph ({error})") from error
        return self._writer.model(self._outputs(), _OPSET)

    def _outputs(self) -> list[str]:
        """What nothing takes, what the file names, and what would go into steps that are left out."""
        given = {value.name for value in self._writer.inputs}
        taken = {_step_of(name) for node in self._nodes for name in node.input}
        last = [node.name for node in self._nodes if node.name not in taken and node.op != "NoOp"]
        gone = self._cut | self._dead | given | set(self._constant)
        made = [name for name in (*last, *self._named, *self._edge) if _step_of(name) not in gone]
        if not made:
            raise Unrunnable(self._reason or "it has no step that gives anything")
        return list(dict.fromkeys(made))

    def _translate(self, node: Node) -> None:
        self._note(node)
        if node.op == "Const":
            self._writer.stored[node.name] = self._weights[node.name]
        elif _asks_whether_it_learns(node):
            self._writer.keep(node.name, np.False_)
        elif node.op.startswith("Placeholder"):
            self._take(node)
        elif node.op == "Merge" and any(map(self._is_dead, node.taken)):
            self._merge(node)
        elif any(map(self._is_dead, node.taken)):
            self._dead.add(node.name)
        elif node.op == "Switch" and node.taken[1] in self._writer.stored:
            self._choose(node)
        elif node.op != "NoOp":
            self._write(node)

    def _choose(self, node: Node) -> None:
        """Of two ways the one that stays where nothing is learned: the first output is for no, the second for yes."""
        yes = bool(self._writer.stored[node.taken[1]])
        ways = (f"{node.name}:0", f"{node.name}:1")
        self._dead.add(ways[not yes])
        self._write(Node(bare(ways[yes]), "Identity", tuple(node.taken[:1])))

    def _merge(self, node: Node) -> None:
        alive = [name for name in node.taken if not self._is_dead(name)]
        if alive:
            self._write(Node(node.name, "Identity", tuple(alive[:1])))
        else:
            self._dead.add(node.name)

    def _is_dead(self, name: str) -> bool:
        """Whether nothing ever comes that way."""
        return _step_of(name) in self._dead or (name if ":" in name else f"{name}:0") in self._dead

    def _write(self, node: Node) -> None:
        if any(_step_of(name) in self._cut for name in node.taken):
            self._leave_out(node)
            return
        try:
            if node.op not in _STEPS:
                raise Unrunnable(f"it has a step {node.op[:40]}, which is not run here")
            _STEPS[node.op](self._writer, node)
        except Unrunnable as reason:
            self.left_out[node.op] = None
            self._reason = self._reason or str(reason)
            self._leave_out(node)

    def _note(self, node: Node) -> None:
        """How much that is learned goes into a step that no picture goes into."""
        if node.op == "Const":
            self._constant[node.name] = self._weights[node.name].size
        elif node.taken and all(_step_of(name) in self._constant for name in node.taken):
            self._constant[node.name] = max(self._constant[_step_of(name)] for name in node.taken)

    def _leave_out(self, node: Node) -> None:
        """Where nothing learned goes into it."""
        self._cut.add(node.name)
        self._settings |= {step: self._constant[step] for step in map(_step_of, node.taken) if step in self._constant}
        if max(self._settings.values(), default=0) > _FEW or sum(self._settings.values()) > _TOGETHER:
            raise Unrunnable(self._reason)
        self._edge.update(dict.fromkeys(node.taken))

    def _take(self, node: Node) -> None:
        slot = _slot(node)
        self._writer.inputs.append(helper.make_tensor_value_info(node.name, node.kind("dtype"), slot.shape))


def _in_order(nodes: list[Node]) -> list[Node]:
    """Each after those that it takes from."""
    named = {node.name: node for node in nodes}
    again = {node.name for node in nodes if node.op == "NextIteration"}  # of a loop, from its end to its start
    order = TopologicalSorter({node.name: {*map(_step_of, node.input)} - again for node in nodes})
    try:
        return [named[name] for name in order.static_order() if name in named]
    except CycleError as error:
        raise Unrunnable("its graph has a loop, which is not run here") from error


def _asks_whether_it_learns(node: Node) -> bool:
    """An input of yes or no: whether this is a training step, as networks of Keras and of TF-Slim have it."""
    return node.op.startswith("Placeholder") and node.kind("dtype") == TensorProto.BOOL


def _slot(node: Node) -> Slot:
    try:
        sides = [int(side.get("size", -1)) for side in node.attr["shape"]["shape"].get("dim", ())]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a broken graph ({error})") from error
    words = node.attr.get("dtype", {}).get("type") == "DT_STRING"  # which may hold a picture, encoded
    kind = "other" if words else np.dtype(helper.tensor_dtype_to_np_dtype(node.kind("dtype"))).name
    return Slot(tuple(side if side > 0 else None for side in sides), kind)


def _step_of(name: str) -> str:
    """The step that gives something of this name, or that has to be waited for."""
    return name.removeprefix("^").split(":")[0]
