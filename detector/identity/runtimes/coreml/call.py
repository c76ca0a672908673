"""A layer of a Core ML network that is being written, and what its settings say of maps."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Final, NamedTuple

from ...model import Array, Unrunnable
from ..layered.graph import Value, agree
from ..layered.layer_list import Way
from ..layered.layers import Layers
from ..layered.settings import Settings
from .layers import Layer

OLD: Final = 2  # leading axes of older networks
BORDERS: Final = {"edges": 10, "pads": 10}
_EDGE: Final = {"start": 1, "end": 2}


class Call(NamedTuple):
    """A layer that is written: where to, what it says, how many axes lie before those of its values."""

    layers: Layers
    layer: Layer
    leading: int

    @property
    def says(self) -> Settings:
        return self.layer.says

    def axis(self, number: int, value: Value, *, more: int = 0) -> int:
        """An axis as `Layers` counts it; raises `Unrunnable` where it lies before those of values."""
        found = number - self.leading if number >= 0 else number + len(value.shape) + more
        if found < 0:
            raise Unrunnable(f"it has a layer {self.layer.kind[:40]} over several pictures, which is not run here")
        agree(found < len(value.shape) + more)
        return found

    def held(self, name: str, *shape: int) -> Array:
        """A weight of this shape."""
        agree(name in self.layer.held)
        found = self.layer.held[name]
        agree(found.size == prod(shape) and min(shape, default=1) > 0)
        return found.reshape(shape)

    def maybe(self, name: str, switch: str, *shape: int) -> Array | None:
        return self.held(name, *shape) if self.says.yes(switch) else None


def one(call: Call, values: Sequence[Value]) -> Value:
    """What a layer takes; raises `Unrunnable` where that is not one thing."""
    if len(values) != 1:
        raise Unrunnable(f"it has a layer {call.layer.kind[:40]} of {len(values)} things, which is not run here")
    return values[0]


def edges(borders: Settings) -> list[tuple[int, int]]:
    """Above and below, left and right."""
    found = [Settings(one, _EDGE) for one in borders.messages("edges")]
    agree(len(found) in (0, 2))
    return [(one.whole("start"), one.whole("end")) for one in found] or [(0, 0), (0, 0)]


def sides_of(value: Value) -> tuple[int, int, int]:
    """Channels, height and width of a map."""
    agree(len(value.shape) == 3)
    channels, high, wide = value.shape
    return channels, high, wide


def pair(numbers: Sequence[int], otherwise: int) -> tuple[int, int]:
    """Two numbers, or twice the other where there are none."""
    agree(len(numbers) in (0, 2))
    return (numbers[0], numbers[1]) if numbers else (otherwise, otherwise)


def written(make: Callable[[Call, list[Value]], Value | list[Value]]) -> Way:
    """How a kind of layer is written, from a function of what it says."""
    return lambda layers, step, values: make(Call(layers, *step.settings), values)
