"""A model as the probe sees it, whichever runtime runs it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

import msgspec
import numpy as np

from ...streams.errors import printable

Array = np.ndarray[Any, Any]
_One = TypeVar("_One")
# One array for each input -> one for each output, then internals: numpy arrays, or what numpy takes for one.
Run = Callable[[list[Array]], Sequence[Any]]


class Slot(msgspec.Struct, frozen=True):
    """An input or output: its shape, None where an axis is free, and numpy's name of its element type; `other` for what
    is no number, and `words` for words that nothing makes a picture of."""

    shape: tuple[int | None, ...]
    dtype: str = "float32"


class Layer(msgspec.Struct, frozen=True):
    """What the last step before an output does, and of what shape that output is."""

    operator: str
    slot: Slot


class Model(Protocol):
    """A model file that has been read.

    Attributes:
        format: `onnx`, `tflite`, `openvino`, `torchscript` or `torch_state`.
        inputs: what it takes; empty where the file does not say.
        outputs: what it gives, with the operator that makes it.
        notes: what the file shows besides (blocks, number of weights), one line each.

    One that can do more than what is tried has `rest` as well, which says so: such a model is never called none.
    One of a format that counts them has `stored`, how many numbers it holds; one of which some are not among
    `weights()` has `unread`, bytes of those, or of all else that the file holds.
    """

    format: str
    inputs: tuple[Slot, ...]
    outputs: tuple[Layer, ...]
    notes: tuple[str, ...]

    def weights(self) -> Iterable[Array]:
        """The weights, in any order; the first axis of a convolution's is its output channels."""
        ...

    def runner(self, inputs: Sequence[Slot]) -> Run:
        """Make it ready to run on inputs of these full shapes.

        Raises:
            Unrunnable: its runtime is not installed, or refuses it.
        """
        ...


class Unrunnable(Exception):
    """A model that cannot be run; the text says why. Never leaves this package."""


class NoTemplate(Unrunnable):
    """A model that need not be run: its graph alone shows that nothing in it is a template."""


WORDS = "words"
NO_NUMBERS = (WORDS, "other")  # element types
MOST_OUTPUTS = 512  # a model of more is not looked at
TAPS = 32  # so many of the last vectors inside are looked at, and at most twice as many in all
_NARROWEST, _WIDEST = 8, 4096  # values of a vector inside that is worth looking at


def is_vector(slot: Slot) -> bool:
    """One long axis, and values that are numbers; an axis of which the length is not known may be the batch."""
    wide = [side for side in slot.shape if side not in (None, 1)]
    return (
        slot.dtype.startswith("float")
        and len(slot.shape) > 1
        and len(wide) == 1
        and _NARROWEST <= (wide[0] or 0) <= _WIDEST
    )


def worth_tapping(vectors: Sequence[_One], width: Callable[[_One], object]) -> list[_One]:
    """Those of the vectors inside, in order, that are looked at: the last, and of those before them where the width
    changes, as many again. A template that much is made from stays in sight so."""
    before, last = vectors[:-TAPS], list(vectors[-TAPS:])
    widths = [width(one) for one in vectors]
    turns = [
        one for at, one in enumerate(before) if widths[at] != widths[at + 1] or (at and widths[at - 1] != widths[at])
    ]
    return turns[-TAPS:] + last


def first_line(error: Exception) -> str:
    """What a runtime says, short enough for evidence, and nothing that a terminal would obey."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return printable((lines or [type(error).__name__])[0][:200])
