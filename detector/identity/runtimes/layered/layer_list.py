"""Networks that a file lists layer by layer, as Caffe, ncnn and Core ML do: written as ONNX for the size of picture
that is asked for.

A layer that is not known here is left out where hardly anything learned is in it and in all that follows it, such as
the choice among boxes; else it ends the look, by its name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, Final, NamedTuple, TypeAlias

from ...model import Array, Layer, Run, Slot, Unrunnable
from ...shapes import hint
from ..onnx.file import OnnxModel
from .graph import Mismatch, Value
from .layers import Layers

FEW: Final = 1024  # numbers; all layers that are left out may hold so many together, as settings
_MOST_STEPS: Final = 8192
_LONGEST: Final = 40  # characters of a name that are shown
_NAMED: Final = 6  # layers that were left out
# Height and width of pictures that networks of Caffe's time take, where the file does not say: those of faces first.
_SIZES: Final = (
    (112, 112), (112, 96), (128, 128), (160, 160), (224, 224), (227, 227), (150, 150), (144, 144), (96, 96), (48, 48),
    (64, 64), (32, 32), (24, 24), (40, 40), (60, 60), (39, 39), (80, 80), (100, 100), (120, 120), (182, 182),
    (192, 192), (231, 231), (250, 250), (256, 256), (299, 299), (300, 300), (200, 200), (62, 62), (72, 72), (240, 240),
    (320, 320), (39, 31), (128, 64), (256, 128), (120, 100),
)  # fmt: skip
_WHICHEVER: Final = 5  # of these that have to do for any to do
_NEAR: Final = 1.2  # times as large: what is scaled by less is told as well

Shape: TypeAlias = tuple[int | None, ...]


class Step(NamedTuple):
    """A layer.

    Attributes:
        kind: what it does, as the format names that.
        name: its own.
        takes: names of what goes into it.
        gives: names of what comes out; one that it takes as well is replaced.
        settings: in whichever form the format has them.
        weights: its numbers, float32.
    """

    kind: str
    name: str
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    settings: Any
    weights: tuple[Array, ...]

    @property
    def learned(self) -> int:
        """How many numbers it holds."""
        return sum(one.size for one in self.weights)


# Writes one layer, from what goes in to what comes out. Raises `Unrunnable` for what is not known, and `Mismatch` for
# shapes that do not fit.
Way: TypeAlias = Callable[[Layers, Step, list[Value]], Value | list[Value]]


class Listed(NamedTuple):
    """A network.

    Attributes:
        steps: its layers, each after those that it takes from.
        inputs: shapes of what it takes, by name, without the batch; None where a side is not known.
        ways: how each kind of layer is written.
        ends: kinds of layers that only learning has a use for.
        unseen: names of what nobody gives who does not learn, such as the right answers.
        named: what the file says that it gives, beside what nothing takes.
        sizes: heights and widths that may be meant where a side is not known, tried beside the usual ones.
        bound: whether it takes pictures of no other size than it says. Where not, and it would take any, it is as if it
            did not say: else one number in a text would hide a network from whoever looks.
    """

    steps: Sequence[Step]
    inputs: Mapping[str, Shape]
    ways: Mapping[str, Way]
    ends: Callable[[str], bool] = lambda _kind: False
    unseen: frozenset[str] = frozenset()
    named: Sequence[str] = ()
    sizes: Sequence[tuple[int, int]] = ()
    bound: bool = True


class _Writing:
    """One network, for one size of picture."""

    def __init__(self, network: Listed, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.left_out: dict[str, None] = {}
        self._network, self._layers = network, Layers()
        self._given = [Value(f"given {place}", shape) for place, shape in enumerate(shapes.values())]
        self._held: dict[str, Value | None] = dict(zip(shapes, self._given, strict=True))  # None: left out
        self._held |= dict.fromkeys(network.unseen)
        self._unseen = set(network.unseen)
        self._made: dict[str, Value] = {}
        self._taken: set[str] = set()
        self._edge: dict[str, Value] = {}
        self._reason, self._unused = "", 0  # numbers that learned, in what is left out

    def write(self) -> "_Writing":
        """All of its layers; raises `Unrunnable`, `Mismatch`."""
        for step in self._network.steps:
            self._step(step)
        return self

    def model(self) -> OnnxModel:
        """What was written; raises `Unrunnable`."""
        named = [self._held.get(name) for name in self._network.named]
        outputs = {one.name: one for one in named if one and one.name in self._made} | self._edge
        outputs |= {name: one for name, one in self._made.items() if name not in self._taken}
        if not outputs:
            raise Unrunnable(self._reason or "it has no layer that gives anything")
        return self._layers.model(self._given[0], list(outputs.values()), *self._given[1:])

    def _step(self, step: Step) -> None:
        if missing := next((name for name in step.takes if name not in self._held), None):
            raise Unrunnable(f"it has a layer that takes {missing[:_LONGEST]}, which no layer before it gives")
        values = [self._held[name] for name in step.takes]
        if any(name in self._unseen for name in step.takes) or self._network.ends(step.kind):
            self._unseen |= set(step.gives) - set(step.takes)
            self._leave_out(step, values, learning=True)
        elif None in values:
            self._leave_out(step, values)
        else:
            self._write(step, [value for value in values if value])

    def _write(self, step: Step, values: list[Value]) -> None:
        try:
            if step.kind not in self._network.ways:
                raise Unrunnable(f"it has a layer {step.kind[:_LONGEST]}, which is not run here")
            made = self._network.ways[step.kind](self._layers, step, values)
        except Unrunnable as reason:
            self._reason = self._reason or str(reason)
            self.left_out[step.kind] = None
            self._leave_out(step, values)
            return
        except (LookupError, ArithmeticError, ValueError) as error:  # settings that say what no layer can do
            raise Mismatch from error
        given = made if isinstance(made, list) else [made]
        self._taken |= {value.name for value in values if value not in given}
        for name, value in zip(step.gives, given, strict=False):
            self._held[name] = value
            if value.name.startswith("made"):
                self._made[value.name] = value

    def _leave_out(self, step: Step, values: Sequence[Value | None], *, learning: bool = False) -> None:
        """Raises `Unrunnable` where too much was learned for that; while it learns, a network may hold a row of every
        class as well, to compare its own with."""
        classes = learning and step.kind not in self._network.ways and any(one and _is_row(one) for one in values)
        self._unused += 0 if classes else step.learned
        if self._unused > FEW:
            raise Unrunnable(self._reason or "it has learned layers that take what it does not say")
        self._held |= dict.fromkeys(step.gives)
        self._edge |= {value.name: value for value in values if value and value.name in self._made and _is_row(value)}


def _is_row(value: Value) -> bool:
    """Whether it is worth a look though something else is made from it."""
    return prod(value.shape[1:]) == 1


class ListedModel:
    """A network that a file lists layer by layer; see `Model`."""

    format = ""
    inputs: tuple[Slot, ...] = ()
    outputs: tuple[Layer, ...] = ()
    notes: tuple[str, ...] = ()
    rest = ""
    unread = 0

    def __init__(self) -> None:
        self._network: Listed | None = None
        self._models: dict[tuple[tuple[int, ...], ...], OnnxModel] = {}
        self._numbers: tuple[Array, ...] = ()
        self._refusal = Unrunnable("it holds no network")
        self._left_out = ""

    @property
    def stored(self) -> int:
        """How many numbers it holds."""
        return sum(one.size for one in self._numbers)

    def weights(self) -> Iterator[Array]:
        return iter(self._numbers)

    def open(self, network: Listed) -> None:
        """Take in the network; where it cannot be run, its weights are known all the same."""
        self._numbers = tuple(one for step in network.steps for one in step.weights)
        held = f"{self.stored / 1e6:.2f} million weights, {len(network.steps)} layers"
        self.notes = (held, *hint(one.shape for one in self._numbers))
        try:
            if len(network.steps) > _MOST_STEPS:
                raise Unrunnable(f"it has more than {_MOST_STEPS} layers")
            if not network.inputs:
                raise Unrunnable("it does not say what it takes")
            self._network = network if network.bound else _opened(network)
            self._take(self._network)
        except Unrunnable as reason:
            self.refuse(reason)

    def refuse(self, reason: Unrunnable) -> None:
        """Never run it."""
        self._network, self._refusal = None, reason

    def runner(self, inputs: Sequence[Slot]) -> Run:
        if self._network is None:
            raise self._refusal
        shapes = tuple(tuple(side or 1 for side in slot.shape[1:]) for slot in inputs)
        try:
            return self._written(self._network, shapes).runner(inputs)
        except Mismatch as error:
            raise Unrunnable("its layers do not fit a picture of this size") from error

    def _take(self, network: Listed) -> None:
        """Find a size that fits, where the file leaves that open."""
        usual = [*_SIZES[:_WHICHEVER], *network.sizes, *_SIZES[_WHICHEVER:]]
        sizes = [()] if all(None not in shape for shape in network.inputs.values()) else usual
        fitting = [size for size in sizes[:_WHICHEVER] if _fits(network, size)]
        free = len(fitting) == _WHICHEVER
        fitting += [] if free else [size for size in sizes[_WHICHEVER:] if _fits(network, size)]
        if not fitting:
            raise Unrunnable("its layers do not fit together, or fit no size of picture that is known here")
        size = fitting[0]
        if not free and any(_is_far(size, other) for other in fitting[1:]):
            self.rest = "its layers fit pictures of several sizes, and it does not say which"
        model = self._written(network, _shapes(network, size))
        self.outputs = model.outputs
        self.inputs = tuple(
            Slot((1, *shape)) if free else Slot((1, *full))
            for shape, full in zip(network.inputs.values(), _shapes(network, size), strict=True)
        )
        until = (f"looked at as far as {self._left_out}; what follows holds nothing learned",) if self._left_out else ()
        self.notes = (*self.notes, *model.notes, *until)

    def _written(self, network: Listed, shapes: tuple[tuple[int, ...], ...]) -> OnnxModel:
        if shapes not in self._models:
            writing = _Writing(network, dict(zip(network.inputs, shapes, strict=True)))
            self._models = {shapes: writing.write().model()}
            self._left_out = ", ".join(one[:_LONGEST] for one in list(writing.left_out)[:_NAMED])
        return self._models[shapes]


def _opened(network: Listed) -> Listed:
    """The same for pictures of every size, where it takes them."""
    inputs = {
        name: (shape[0], None, None) if len(shape) == len("CHW") else shape for name, shape in network.inputs.items()
    }
    opened = network._replace(inputs=inputs)
    return opened if all(_fits(opened, size) for size in _SIZES[:_WHICHEVER]) else network


def _fits(network: Listed, size: tuple[int, ...]) -> bool:
    try:
        _Writing(network, dict(zip(network.inputs, _shapes(network, size), strict=True))).write()
    except Mismatch:
        return False
    return True


def _is_far(size: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether pictures of the one would have to be scaled much to be those of the other."""
    return any(max(pair) > _NEAR * min(pair) for pair in zip(size, other, strict=True))


def _shapes(network: Listed, size: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Those of all inputs, with the open sides of maps as in this size, and others 1."""
    return tuple(
        tuple(side or (size[axis - 1] if size and len(shape) == 3 and axis else 1) for axis, side in enumerate(shape))
        for shape in network.inputs.values()
    )
