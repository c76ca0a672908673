"""ncnn: a text that names steps and what they take (github.com/Tencent/ncnn/wiki/param-and-model-file-structure).

It is not run. But of a network that goes over a picture place by place, and gives one as large, the steps alone show
that nothing in it is a template: no step sees the whole picture, and nothing that comes out is of all of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ..model import Array, Layer, NoTemplate, Run, Slot, Unrunnable
from ..remedies import unopened

_SIDE, _AS_LARGE = (
    256,
    0.9,
)  # of the picture that is followed through it, pixels; the share of them that has to come out
_MAP = Slot((1, None, None, None))
_SAME = (-233, -234)  # padding: as much as it takes for the sides to stay
_MOST = 20_000  # steps
_Settings = Mapping[int, float]


class NcnnModel:
    """The text that goes before a `.bin`; see `Model`."""

    format = "ncnn"
    inputs: tuple[Slot, ...] = ()  # what it takes is not said

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        try:
            steps = [line.split() for line in content.decode().splitlines()[2 : _MOST + 2] if line.strip()]
            self._sides = _outputs(steps)
        except (ValueError, LookupError, OverflowError, ZeroDivisionError) as error:
            raise ValueError(f"no network of ncnn ({type(error).__name__})") from error
        self.outputs = tuple(Layer(operator, _MAP) for operator, _ in self._sides)
        self.notes = (f"{len(steps)} steps",)

    def weights(self) -> Iterable[Array]:
        return ()

    def runner(self, inputs: Sequence[Slot]) -> Run:  # noqa: ARG002 - it is not run
        if self._sides and all(side >= _AS_LARGE * _SIDE for _, side in self._sides):
            raise NoTemplate("it goes over a picture place by place, and gives one as large")
        raise Unrunnable(unopened(self.format))


def _outputs(steps: Iterable[Sequence[str]]) -> list[tuple[str, int]]:
    """The last step of each output, and its side; 0 for what follows a step that is not known."""
    sides, makers, taken = dict[str, int](), dict[str, str](), set[str]()
    for operator, _, takes, gives, *rest in steps:
        names = rest[: int(takes) + int(gives)]
        inputs, outputs = names[: int(takes)], names[int(takes) :]
        settings = dict(_settings(rest[len(names) :]))
        sides |= dict.fromkeys(outputs, _side(operator, [sides[name] for name in inputs], settings))
        makers |= dict.fromkeys(outputs, operator)
        taken |= set(inputs)
    if 0 in sides.values():
        return []
    return [(makers[name], side) for name, side in sides.items() if name not in taken]


def _settings(words: Iterable[str]) -> Iterator[tuple[int, float]]:
    """By number; lists, which have numbers below zero, are of no step that matters."""
    for key, _, value in (word.partition("=") for word in words):
        if int(key) >= 0:
            yield int(key), float(value)


def _side(operator: str, inputs: list[int], settings: _Settings) -> int:
    if operator == "Input":
        return _SIDE
    if not inputs or 0 in inputs:
        return 0
    if operator in _ALIKE:
        return min(inputs)
    side = _STEPS[operator](inputs[0], settings) if operator in _STEPS else 0
    return max(0, side)


def _convolved(side: int, settings: _Settings) -> int:
    reach = _whole(settings, 2, 1) * (_whole(settings, 1, 1) - 1)
    pad = _whole(settings, 4, 0)
    return (side - (0 if pad in _SAME else reach - 2 * pad) - 1) // _whole(settings, 3, 1) + 1


def _spread(side: int, settings: _Settings) -> int:
    """A convolution backwards."""
    reach = _whole(settings, 2, 1) * (_whole(settings, 1, 1) - 1)
    return (side - 1) * _whole(settings, 3, 1) + reach + 1 - 2 * max(0, _whole(settings, 4, 0))


def _pooled(side: int, settings: _Settings) -> int:
    if settings.get(4) or settings.get(7):
        return 0  # over all places, or to a size of its own
    return (side + 2 * _whole(settings, 3, 0) - _whole(settings, 1, 1)) // _whole(settings, 2, 1) + 1


def _resized(side: int, settings: _Settings) -> int:
    return int(side * settings.get(1, 0))


def _shuffled(side: int, settings: _Settings) -> int:
    return side * _whole(settings, 0, 1)


def _whole(settings: _Settings, number: int, usual: int) -> int:
    return int(settings.get(number, usual))


# Steps that look at each place alone, or at the same place of several pictures.
_ALIKE = frozenset((
    "Split", "ReLU", "PReLU", "ELU", "Sigmoid", "TanH", "Clip", "HardSigmoid", "HardSwish", "Swish", "Mish", "GELU",
    "BatchNorm", "Scale", "Bias", "BinaryOp", "UnaryOp", "Eltwise", "Concat", "Dropout", "Noop",
))  # fmt: skip
_STEPS: dict[str, Callable[[int, _Settings], int]] = {
    "Convolution": _convolved,
    "ConvolutionDepthWise": _convolved,
    "Deconvolution": _spread,
    "DeconvolutionDepthWise": _spread,
    "Pooling": _pooled,
    "Interp": _resized,
    "PixelShuffle": _shuffled,
}
