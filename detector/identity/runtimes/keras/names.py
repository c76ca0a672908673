"""Weights that Keras wrote without their network, by the names and in the order of axes that PyTorch has for such."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from ...model import Array

_KINDS: Final = {
    **dict.fromkeys(("kernel", "depthwise_kernel", "gamma", "alpha", "W"), "weight"),
    **dict.fromkeys(("bias", "beta", "b"), "bias"),
    **dict.fromkeys(("moving_mean", "running_mean"), "running_mean"),
    "moving_variance": "running_var",
}
_LAST: Final = re.compile(rf"(?:.*?_)??({'|'.join(_KINDS)})(?::\d+)?")  # older files write "conv2d_1_W:0"
# VGG's convolutions and matrices (Simonyan and Zisserman, 2015), by the names that VGG-Face's authors gave them.
_VGG: Final = [f"conv{stage}_{at}" for stage, count in enumerate((2, 2, 3, 3, 3), 1) for at in range(1, count + 1)]
_VGG_ENDS: Final = ["fc6", "fc7", "fc8"]


def as_of_torch(numbers: Mapping[str, Array], order: Sequence[str]) -> dict[str, Array]:
    """Weights by the name of their layer and of what they are; in the order of the layers. Of two by one name the
    second is called otherwise, so that it is not taken for the first, and is seen to be left.

    Args:
        numbers: float32, by their place in the file, such as `conv1/conv1/kernel:0`; channels last.
        order: of the layers, as far as the file says so.
    """
    found, channels = dict[str, Array](), 0
    for name, kind, one in sorted(_parts(numbers), key=_place(order)):
        own = f"{name}.{_KINDS[kind]}"
        found[own if own not in found else f"{own}.{len(found)}"] = _turned(kind, one, channels)
        channels = one.shape[-1] if one.ndim == len("HWIO") else 0 if one.ndim == len("IO") else channels
    return _named_as_vgg(found)


def _parts(numbers: Mapping[str, Array]) -> Iterator[tuple[str, str, Array]]:
    """Layer, what it is of that, and the numbers."""
    for path, one in numbers.items():
        *groups, last = path.split("/")
        if groups and one.size and (kind := _LAST.fullmatch(last)):
            yield groups[-1], kind[1], one


def _place(order: Sequence[str]) -> Callable[[tuple[str, str, Array]], int]:
    places = {name: place for place, name in enumerate(order)}
    return lambda part: places.get(part[0], len(places))


def _turned(kind: str, one: Array, channels: int) -> Array:
    """In PyTorch's order of axes; of a matrix that takes a map, made of so many channels, that of its rows as well."""
    sides = one.shape
    if one.ndim == len("HWIO"):
        deep = kind == "depthwise_kernel"
        return one.transpose(2, 3, 0, 1).reshape(-1, 1, *sides[:2]) if deep else one.transpose(3, 2, 0, 1)
    if one.ndim != len("IO"):
        return one.reshape(-1)
    places = sides[0] // channels if channels and sides[0] % channels == 0 else 1
    return one.reshape(places, -1, sides[1]).transpose(2, 1, 0).reshape(sides[1], sides[0])


def _named_as_vgg(found: dict[str, Array]) -> dict[str, Array]:
    """Thirteen convolutions over 3x3 and up to three matrices are called as VGG-Face's, whatever they were called."""
    learned = [name.removesuffix(".weight") for name, one in found.items() if name.endswith(".weight") and one.ndim > 1]
    wide = [found[f"{name}.weight"].shape[2:] == (3, 3) for name in learned]
    count = len(_VGG)
    if not all(wide[:count]) or any(wide[count:]) or not count < len(wide) <= count + len(_VGG_ENDS):
        return found
    names = dict(zip(learned, [*_VGG, *_VGG_ENDS], strict=False))
    parted = ((name.rpartition("."), one) for name, one in found.items())
    return {f"{names.get(layer, layer)}.{kind}": one for (layer, _, kind), one in parted}
