"""What weights without a graph are shaped like: bodies and heads that face recognisers have, told by shapes alone.

A shape is no proof: anti-spoofing networks are built from MobileFaceNet's blocks, and any training fits any shape. So
what is said of bodies and heads is a hint to whoever looks on, and never decides.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

Shape = tuple[int, ...]
WIDTHS = (128, 256, 512)  # of templates


class _Body(NamedTuple):
    name: str
    takes: int  # values that the last matrix makes a template from


# The last matrix of each family: width of the template x what its body ends in.
_BODIES = (
    _Body("ArcFace's ResNet (Deng et al., 2019)", 512 * 7 * 7),
    _Body("ArcFace's ResNet for 112x96 (SphereFace, CosFace)", 512 * 7 * 6),
    _Body("FaceNet's Inception-ResNet", 1792),
)
_GLOBAL = (
    (512, 1, 7, 7),
    (512, 1, 7, 6),
)  # one depthwise convolution over all places: MobileFaceNet (Chen et al., 2018)
_DLIB = {(32, 3, 7, 7), (128, 256)}  # first convolution and last matrix (King, 2017)
_TAPS, _ODD = 3, range(3, 64, 2)  # values of a kernel along one axis
_GATES = 4
_VGG_FACE = (2622, 4096)  # its people (Parkhi et al., 2015)


def shaped_as(shapes: Iterable[Shape]) -> str | None:
    """The kind of face recogniser that weights of these shapes may belong to; None where nothing speaks for one.

    Args:
        shapes: of every tensor, the output channels first, as PyTorch has them.
    """
    held = {tuple(shape) for shape in shapes}
    matrices = {shape[:2] for shape in held if len(shape) in (2, 4) and shape[2:] in ((), (1, 1))}
    for body in _BODIES:
        if any((width, body.takes) in matrices or (body.takes, width) in matrices for width in WIDTHS):
            return body.name
    if held & set(_GLOBAL) and any((width, 512) in matrices for width in WIDTHS):
        return "MobileFaceNet, from which others are built as well"
    if held >= _DLIB:
        return "dlib's ResNet"
    return "VGG-Face" if _VGG_FACE in matrices or (*_VGG_FACE, 1, 1) in held else None


def along_one_axis(shapes: Iterable[Shape]) -> bool:
    """Whether a network's kernels go along one axis, as those for sound and text do, and none goes over a picture.

    Args:
        shapes: of every tensor, as PyTorch has them: output channels, input channels, sides.
    """
    kernels = [shape[2:] for shape in shapes if len(shape) > 2 and shape[0] > 1]
    ways = {(len(sides), axis) for sides in kernels if len(sides) > 1 for axis, side in enumerate(sides) if side > 1}
    return len(ways) < 2 and any(_goes_along(sides) for sides in kernels)


def in_turns(shapes: Iterable[Shape]) -> bool:
    """Whether a network is of matrices alone, some of them an LSTM's (Hochreiter and Schmidhuber, 1997): it takes rows
    of numbers in turn. Two matrices and two rows beside them make its four gates at once, which nothing takes together.

    Args:
        shapes: of every tensor, as PyTorch has them.
    """
    held = Counter(tuple(shape) for shape in shapes)
    matrices = [shape for shape in held.elements() if len(shape) == 2]
    taken, made = {width for _, width in matrices}, Counter(rows for rows, _ in matrices)
    gates = (rows for rows, width in matrices if rows == _GATES * width and rows not in taken)
    return max(map(len, held), default=0) == 2 and any(made[rows] > 1 and held[rows,] > 1 for rows in gates)


def _goes_along(sides: Shape) -> bool:
    """Tensors of three axes may be about places as well, and then the last is wide and even."""
    return max(sides) >= _TAPS if len(sides) > 1 else max(sides) in _ODD


def hint(shapes: Iterable[Shape]) -> tuple[str, ...]:
    """The same as a line of evidence, or nothing."""
    name = shaped_as(shapes)
    return (f"shaped as {name}: a candidate, of which the weights alone say no more",) if name else ()
