"""The detector that ships: YuNet-n (Wu et al., 2023) on one channel, through ONNX Runtime."""

import math
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from .... import models
from ....streams.frame import Image
from ...errors import ModelError
from ...networks import opened
from .face import Face
from .letterbox import Letterbox

Array: TypeAlias = NDArray[np.float32]

SHIPPED = files(models).joinpath("faces.onnx")
# From this score on a detection counts (see models/faces.md).
THRESHOLD = 0.4
# Two boxes that share more than this of what they cover are one face.
_SAME = 0.3
_STRIDES = (8, 16, 32)
# Box sizes are exponents; a network that has seen no such picture must not overflow them.
_EXPONENT = 5.0


class Network:
    """What `facewarden.models.training.faces.grey` made, ready to run on one thread; may be shared by threads.

    It takes `luma`, shape (1, 1, height, width), uint8, multiples of 32, and gives for each of the strides 8, 16 and 32
    a map of shape (1, 15, height / stride, width / stride): the log-odds of a face, its middle relative to the cell's,
    the logarithm of its width and height, and five points relative to the cell's middle, all in strides.

    Raises:
        ModelError: the file is no such network.
    """

    def __init__(self, content: bytes, where: str) -> None:
        self._session = opened(content, where)
        shapes = [len(output.shape) for output in self._session.get_outputs()]
        if [one.name for one in self._session.get_inputs()] != ["luma"] or shapes != [4] * len(_STRIDES):
            raise ModelError(f"{where}: is not a face network of ours; expected the input luma and three maps")

    def __call__(self, luma: Image) -> list[Array]:
        """The three maps of a framed picture."""
        return cast("list[Array]", self._session.run(None, {"luma": luma}))


class NetworkFaces:
    """Finds faces with a `Network`.

    Args:
        network: which may be shared; this object may not.
        threshold: 0..1, the least score of what counts.
    """

    name = "facewarden"

    def __init__(self, network: Network, threshold: float = THRESHOLD) -> None:
        self._network = network
        self._threshold = threshold
        self._least = math.log(threshold / (1 - threshold))
        self._letterbox = Letterbox()

    def detect(self, luma: Image) -> list[Face]:
        if not luma.size:
            return []
        frame, scale = self._letterbox.put(luma)
        found = np.concatenate(
            [_decoded(*one, self._least) for one in zip(self._network(frame), _STRIDES, strict=True)]
        )
        frame.fill(0)  # no picture outlives the look at it
        return _faces(found, scale, self._threshold)


def _decoded(grid: Array, stride: int, least: float) -> Array:
    """The cells of a map that see a face, shape (n, 15): score, box (x, y, width, height), five points, in pixels."""
    rows, columns = np.nonzero(grid[0, 0] > least)
    cells = grid[0][:, rows, columns].T
    centre = np.stack([columns, rows], axis=1).astype(np.float32) + np.float32(0.5)
    cells[:, 0] = 1 / (1 + np.exp(-cells[:, 0]))
    cells[:, 3:5] = np.exp(np.minimum(cells[:, 3:5], _EXPONENT))
    cells[:, 1:3] += centre - cells[:, 3:5] / 2
    cells[:, 5:] += np.tile(centre, 5)
    cells[:, 1:] *= stride
    return cells


def _faces(found: Array, scale: tuple[float, float], threshold: float) -> list[Face]:
    if not len(found):
        return []
    found[:, 1:] *= np.tile(np.array(scale, np.float32), 7)
    boxes, scores = cast(Sequence[Sequence[float]], found[:, 1:5].tolist()), cast(Sequence[float], found[:, 0].tolist())
    kept = cv2.dnn.NMSBoxes(boxes, scores, threshold, _SAME)
    return [Face(cast(Any, tuple(boxes[one])), scores[one], found[one, 5:].reshape(5, 2)) for one in kept]
