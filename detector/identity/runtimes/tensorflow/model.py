"""What models of TensorFlow and Keras have in common, however their files hold them: a graph that is run as ONNX."""

from collections.abc import Iterator, Mapping, Sequence

from ...model import Array, Layer, Run, Slot, Unrunnable
from ..onnx.file import OnnxModel
from ..weights.known import Built
from .node import Node
from .tfjs_graph import Translation

_NAMED = 6  # steps that were left out


class TensorflowModel:
    """A graph of TensorFlow and its weights; see `Model`.

    Attributes:
        numbers: the weights by name, channels last.
        refusal: why it cannot be run; None where it can.
    """

    format = "tfjs"
    inputs: tuple[Slot, ...] = ()
    outputs: tuple[Layer, ...] = ()
    notes: tuple[str, ...] = ()
    rest = ""

    def __init__(self) -> None:
        self.numbers: Mapping[str, Array] = {}
        self.refusal: Unrunnable | None = None
        self._onnx: OnnxModel | None = None

    def weights(self) -> Iterator[Array]:
        """Convolutions with their axes as ONNX has them: output, input, height, width."""
        for one in self.numbers.values():
            yield one.transpose(3, 2, 0, 1) if one.ndim == 4 else one

    def runner(self, inputs: Sequence[Slot]) -> Run:
        if self._onnx is None:
            raise self.refusal or Unrunnable("it holds no graph")
        return self._onnx.runner(inputs)

    def open(self, nodes: list[Node], constants: Mapping[str, Array], named: Sequence[str] = ()) -> None:
        """Take in its graph, and the names of what it gives, as far as the file says so; raises `Unrunnable` where that
        cannot be run: what it takes is known all the same.
        """
        translation = Translation(nodes, constants, named)
        self.inputs = translation.inputs()
        model = OnnxModel(translation.model().SerializeToString(), None, None)
        left_out = ", ".join(one[:40] for one in list(translation.left_out)[:_NAMED])
        without = (f"looked at as far as {left_out}; what follows holds nothing learned",) if left_out else ()
        self.take(model, *without)

    def put_together(self, found: Built) -> None:
        """Run it as the known network that its weights are of."""
        self.take(found.model, f"put together as {', and as '.join(found.names)}")
        self.rest = "" if found.exact else "what it was put together to may not be all of it"

    def take(self, model: OnnxModel, *notes: str) -> None:
        """Run it as this, of which there is so much to say."""
        self._onnx = model
        self.inputs, self.outputs = model.inputs, model.outputs
        self.notes = (*model.notes, *self.notes[1:], *notes)
