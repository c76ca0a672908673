"""A fingerprint of trained weights that survives a re-export.

Names, order and graph change from export to export, and batch normalisation is folded into the convolution before it,
which scales each output channel. So each convolution is described by what that leaves alone: its shape, and how the
ratio of mean to root mean square of its values is distributed over its output channels (five quantiles). Rounding to
16 bits moves these by less than the tolerance; training moves them by more.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

import msgspec
import numpy as np

from .model import Array

_SMALLEST = 512  # values; smaller tensors say too little
_QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
_TOLERANCE = 0.006
_MANY, _EVEN = 2000, (1.68, 1.79)  # values of a convolution that say how they were drawn; the root of three, about


class Print(msgspec.Struct, frozen=True, array_like=True):
    """One convolution: its shape, and the quantiles, 0 to 1, to four digits; none where nobody asks for them."""

    shape: tuple[int, ...]
    quantiles: tuple[float, ...]


def fingerprint(weights: Iterable[Array], wanted: Container[tuple[int, ...]] | None = None) -> tuple[Print, ...]:
    """Describe every convolution worth it, sorted.

    Args:
        weights: the output channels first.
        wanted: shapes of those that will be compared, for the time that the others would take; all where None.
    """
    convolutions = (tensor for tensor in weights if tensor.ndim == 4 and tensor.size >= _SMALLEST)
    with np.errstate(all="ignore"):  # a broken file may hold any numbers
        prints = (
            _print(one) if wanted is None or one.shape in wanted else Print(tuple(one.shape), ())
            for one in convolutions
        )
        return tuple(sorted(prints, key=lambda one: (one.shape, one.quantiles)))


def as_drawn(weights: Iterable[Array]) -> bool:
    """Whether every convolution is as Keras and PyTorch draw it at first: evenly between two ends (Glorot and Bengio,
    2010; He et al., 2015), of which the larger is then about 1.73 times the root mean square. Learning ends that."""
    large = [tensor for tensor in weights if tensor.ndim == 4 and tensor.size >= _MANY]
    return len(large) > 1 and all(map(_is_even, large))


def _is_even(tensor: Array) -> bool:
    values = np.abs(tensor.astype(np.float64)).ravel()
    return bool(_EVEN[0] < values.max() / (np.sqrt((values**2).mean()) + 1e-12) < _EVEN[1])


def shared(ours: Sequence[Print], theirs: Sequence[Print]) -> float:
    """The share of their weights that ours hold as well, 0 to 1."""
    by_shape: defaultdict[tuple[int, ...], list[Print]] = defaultdict(list)
    for one in ours:
        by_shape[one.shape].append(one)
    sizes = [float(np.prod(one.shape)) for one in theirs]
    found = [any(_alike(one, other) for other in by_shape[one.shape]) for one in theirs]
    return sum(size for size, hit in zip(sizes, found, strict=True) if hit) / (sum(sizes) or 1)


def _print(tensor: Array) -> Print:
    zero = 128 if tensor.dtype.kind == "u" else 0
    rows = np.abs(tensor.reshape(tensor.shape[0], -1).astype(np.float64) - zero)
    ratios = np.nan_to_num(rows.mean(1) / (np.sqrt((rows**2).mean(1)) + 1e-12))
    return Print(tuple(tensor.shape), tuple(round(float(value), 4) for value in np.quantile(ratios, _QUANTILES)))


def _alike(one: Print, other: Print) -> bool:
    return max(abs(a - b) for a, b in zip(one.quantiles, other.quantiles, strict=True)) <= _TOLERANCE
