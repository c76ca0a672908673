"""What weights without a graph are shaped like: bodies and heads that face recognisers have, told by shapes alone.

A shape is no proof: anti-spoofing networks are built from MobileFaceNet's blocks, and any training fits any shape. So
what is said here is a hint to whoever looks on, and never decides.
"""

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


def hint(shapes: Iterable[Shape]) -> tuple[str, ...]:
    """The same as a line of evidence, or nothing."""
    name = shaped_as(shapes)
    return (f"shaped as {name}: a candidate, of which the weights alone say no more",) if name else ()
