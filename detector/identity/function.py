"""What a model that is no recogniser does, from the shapes of what it takes and gives.

Modest on purpose: a wrong label is worse than `other`.
"""

from collections.abc import Sequence

from .answer import Function
from .model import Layer, Model, Slot

_MANY = 50  # places in a picture from which an output is about places, not about the picture
_CLASSES = 100
_EMBEDDING = 256
_SQUASHED = ("Softmax", "Sigmoid", "HardSigmoid", "LogSoftmax")
_FIVE_POINTS = 10  # numbers: five landmarks, as face detectors give with every box


def function_of(model: Model) -> Function:
    """Name the function of a model that is known not to recognise faces."""
    if not any(len(slot.shape) == 4 for slot in model.inputs):
        return "other"
    if any(_is_dense(layer.slot) for layer in model.outputs):
        return _detector(model.outputs)
    if len(model.outputs) != 1:
        return "other"
    layer, width = model.outputs[0], _width(model.outputs[0].slot)
    if layer.operator in _SQUASHED:
        return "classifier" if width >= _CLASSES else "other"
    if width < _EMBEDDING:
        return "other"
    return "person_reid" if _is_upright(model.inputs) else "image_embedding"


def _detector(outputs: Sequence[Layer]) -> Function:
    """Boxes over many places; with five landmarks for each box, of faces. Maps of the picture are neither."""
    widths = [layer.slot.shape[-1] for layer in outputs if len(layer.slot.shape) in (2, 3)]
    if 4 not in widths:
        return "other"
    return "face_detector" if _FIVE_POINTS in widths else "detector"


def _is_dense(slot: Slot) -> bool:
    """Whether it has more than one long axis, or a free one beside the batch: an answer for each place."""
    sides = slot.shape[1:] if len(slot.shape) > 1 else ()
    return sum(side is None or side > 1 for side in sides) > 1


def _width(slot: Slot) -> int:
    return max((side for side in slot.shape[1:] if side), default=0)


def _is_upright(inputs: Sequence[Slot]) -> bool:
    """Twice as high as wide, as pictures of whole people are."""
    return any(
        (slot.shape[-2:] == (256, 128) or slot.shape[-3:-1] == (256, 128)) for slot in inputs if len(slot.shape) == 4
    )
