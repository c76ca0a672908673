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
_MANY = 2000  # values that say how they were drawn
_UNEVEN = 5  # deviations from what chance gives: what has learned anything comes to 7 somewhere, recognisers to 100
_ROWS, _ENOUGH = 64, 1 << 20  # outputs and values that are enough of a large one
_NEARLY_ALL = 0.95  # of the bytes; the rest are gains, offsets and kernels too small to say anything
_TINY = 1e-30


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


def as_drawn(weights: Iterable[Array], unread: int = 0) -> bool:
    """Whether all large kernels and matrices are as chance drew them, however that was.

    Where nothing was learned, what comes in at one place counts in all outputs together as much as at any other, but
    for what is left to chance when numbers are shuffled. Learning ends that within a few rounds. Outputs are scaled
    alike first, as folded normalisation may have scaled them.

    Real numbers alone say so, and only where nearly all that a file holds are such: whole ones may be codes.

    Args:
        weights: the output channels first; of matrices in either order.
        unread: bytes of the file that hold numbers, or may, and are not among these.
    """
    count, tried, held = 0, 0, unread
    with np.errstate(all="ignore"):  # as for a fingerprint
        for tensor in weights:
            held += tensor.nbytes
            if tensor.ndim > 1 and tensor.size >= _MANY:
                if not _is_shuffled(tensor):
                    return False
                count, tried = count + 1, tried + tensor.nbytes
    return count > 1 and tried >= _NEARLY_ALL * held


def _is_shuffled(tensor: Array) -> bool:
    ways = {len("OI"): (tensor, tensor.T), len("OIHW"): (tensor,)}.get(tensor.ndim, ())
    return tensor.dtype.kind == "f" and any(abs(_unevenness(way)) < _UNEVEN for way in ways)


def _unevenness(tensor: Array) -> float:
    """How much more the means over the outputs vary than those of shuffled numbers do, in deviations of that."""
    rows = tensor.reshape(len(tensor), -1)
    powers = rows[: max(_ROWS, _ENOUGH // rows.shape[1])].astype(np.float64) ** 2
    powers /= np.maximum(powers.mean(1, keepdims=True), _TINY)
    by_chance = powers.var() / len(powers)
    if min(powers.shape) < 2 or not by_chance > _TINY:  # broken, or of values that differ in their signs alone
        return np.inf
    ratio = powers.mean(0).var() / by_chance
    return float((ratio - 1) * np.sqrt((powers.shape[1] - 1) / 2))


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
